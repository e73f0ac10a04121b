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
  const listener = new Listener((state) => {
    if (state === 'failed') void stream.stop();
  });
  stream.subscribe(listener);
  stream.start();
  cleanups.push(() => stream.stop());
  await waitFor('the end', () => listener.states.find((state) => state.startsWith('failed')), 60_000);
  expect(listener.states.at(2)).toBe('live ok');
  return { stream, listener };
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
    const { listener } = await pullToEnd(made, {}, protocols);
    const units = listener.fragments.map(({ bytes, sampleAt }) => pictureHash('h264', bytes.subarray(sampleAt)));
    expect(units).toEqual(made.pictures);
  });
});
void sha256;
