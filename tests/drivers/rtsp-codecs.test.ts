import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { MediaStream, type StreamSource } from '../../edge/media/stream.ts';
import type { AudioFrame } from '../../edge/media/types.ts';
import { systemClock } from '../../platform/clock.ts';
import {
  type AudioCodec,
  type CodedMaterial,
  decodedFrames,
  makeMaterial,
  pictureHash,
  sha256,
  type VideoCodec,
} from '../support/coded-material.ts';
import { hasFfmpeg } from '../support/ffmpeg.ts';
import { hasGstRtspServer, startGstRtspServer } from '../support/gst-rtsp-server.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { StreamRecorder } from '../support/stream-recorder.ts';
import { waitFor } from '../support/wait.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Keeps the sound as well. */
class Listener extends StreamRecorder {
  readonly sound: AudioFrame[] = [];
  onAudio(frame: AudioFrame): void {
    this.sound.push(frame);
  }
}

async function material(video: VideoCodec, audio?: AudioCodec, seconds = 4): Promise<CodedMaterial> {
  const made = await makeMaterial({ video, ...(audio === undefined ? {} : { audio }), seconds, fps: 50 });
  cleanups.push(() => made.remove());
  return made;
}

async function pullToEnd(made: CodedMaterial, source: Partial<StreamSource>, protocols?: 'tcp' | 'udp') {
  const server = await startGstRtspServer({ ...made.source, ...(protocols === undefined ? {} : { protocols }) });
  cleanups.push(() => server.stop());
  const stream = new MediaStream({ clock: systemClock, log: new RecordingLog(), url: server.url, ...source });
  const transports = new Set<string | null>();
  const listener = new Listener((state) => {
    if (state === 'live') transports.add(stream.stats().transport);
    if (state === 'failed') void stream.stop();
  });
  stream.subscribe(listener);
  stream.start();
  cleanups.push(() => stream.stop());
  await waitFor('the end', () => listener.states.find((state) => state.startsWith('failed')), 60_000);
  expect(listener.states.at(2)).toBe('live ok');
  return { stream, listener, transports };
}

async function save(recorder: StreamRecorder): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-test-'));
  cleanups.push(() => rm(folder, { recursive: true }));
  const file = join(folder, 'clip.mp4');
  await writeFile(file, recorder.file());
  return file;
}

describe.skipIf(!hasGstRtspServer || !hasFfmpeg)('bit for bit from GStreamer', () => {
  it.each([
    ['h264', 'avc1.'],
    ['h265', 'hvc1.'],
    ['mjpeg', 'mp4v.6C'],
  ] as const)('%s: every access unit, untouched, and ffmpeg decodes what it decoded before', async (video, codec) => {
    const made = await material(video);
    const { stream, listener } = await pullToEnd(made, {});
    const units = listener.fragments.map(({ bytes, sampleAt }) => pictureHash(video, bytes.subarray(sampleAt)));
    expect(units).toEqual(made.pictures);
    expect(listener.inits).toHaveLength(1);
    expect(listener.inits[0]).toMatchObject({ family: video, width: 320, height: 240 });
    expect(listener.inits[0]?.codec.startsWith(codec)).toBe(true);
    expect(await decodedFrames(await save(listener))).toEqual(made.decoded);
    expect(stream.stats()).toMatchObject({ packetsLost: 0, framesDropped: 0, audio: null });
  });

  it.each(['tcp', 'udp'] as const)('over %s alone, whatever was asked first', async (protocols) => {
    const made = await material('h264');
    const { listener, transports } = await pullToEnd(made, {}, protocols);
    expect(transports).toEqual(new Set([protocols]));
    const units = listener.fragments.map(({ bytes, sampleAt }) => pictureHash('h264', bytes.subarray(sampleAt)));
    expect(units).toEqual(made.pictures);
  });

  it.each([
    ['h264', 'aac', { codec: 'aac', clockRate: 44_100, channels: 2 }],
    ['h265', 'pcma', { codec: 'pcma', clockRate: 8000, channels: 1 }],
    ['mjpeg', 'pcmu', { codec: 'pcmu', clockRate: 8000, channels: 1 }],
  ] as const)('%s with %s: the sound too, on the time of the pictures', async (video, audio, about) => {
    const made = await material(video, audio);
    const { listener, stream } = await pullToEnd(made, {});
    const units = listener.fragments.map(({ bytes, sampleAt }) => pictureHash(video, bytes.subarray(sampleAt)));
    expect(units).toEqual(made.pictures);
    expect(stream.stats().audio).toEqual(about);
    // Sound that came before the first picture has no time and is left out; from there on nothing is missing.
    const { sound } = listener;
    if (audio === 'aac') {
      const heard = sound.map(({ bytes }) => sha256(bytes));
      const from = made.sound.indexOf(heard[0] ?? '');
      // The last one lies behind the end that the file's edit list sets.
      expect(heard.length).toBeGreaterThan(made.sound.length - 10);
      expect(heard).toEqual(made.sound.slice(from, from + heard.length));
    } else {
      const heard = Buffer.concat(sound.map(({ bytes }) => bytes));
      expect(heard.length).toBeGreaterThan(made.samples.length - 2000);
      expect(heard.equals(made.samples.subarray(-heard.length))).toBe(true);
    }
    const first = sound[0];
    const ticks = sound.map(({ pts90k }) => (pts90k - (first?.pts90k ?? 0)) * (about.clockRate / 90_000));
    const samples = sound.map((_, i) => sound.slice(0, i).reduce((sum, frame) => sum + frame.samples, 0));
    // Sender reports may move the whole by a little; it must not drift.
    for (const [i, tick] of ticks.entries()) {
      expect(Math.abs(tick - (samples[i] ?? 0)) / about.clockRate).toBeLessThan(0.2);
      expect(tick).toBeGreaterThan(ticks[i - 1] ?? -1);
    }
  });
});
