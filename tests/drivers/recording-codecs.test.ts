import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { MediaStream } from '../../edge/media/stream.ts';
import { systemClock } from '../../platform/clock.ts';
import { parseInit } from '../../protocols/fmp4/parse-init.ts';
import { type CodedMaterial, decodedFrames, makeMaterial, type VideoCodec } from '../support/coded-material.ts';
import { recordingRig } from '../support/edge/recording-rig.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { hasFfmpeg } from '../support/ffmpeg.ts';
import { hasGstRtspServer, startGstRtspServer } from '../support/gst-rtsp-server.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { StreamRecorder } from '../support/stream-recorder.ts';
import { waitFor } from '../support/wait.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const REF = { deviceId: 'cam', stream: 'main' as const };

async function material(video: VideoCodec): Promise<CodedMaterial> {
  const made = await makeMaterial({ video, audio: 'pcma', seconds: 5, fps: 50 });
  cleanups.push(() => made.remove());
  return made;
}

describe.skipIf(!hasGstRtspServer || !hasFfmpeg)('footage of other codecs', () => {
  it.each(['h265', 'mjpeg'] as const)(
    '%s: every segment plays by itself, and together they hold every frame',
    async (video) => {
      const made = await material(video);
      const folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-test-'));
      cleanups.push(() => rm(folder, { recursive: true }));
      const rig = await recordingRig(folder, new FakeClock(Date.now()), { config: { segmentSeconds: 2 } });
      cleanups.push(() => rig.stop());
      const server = await startGstRtspServer(made.source);
      cleanups.push(() => server.stop());
      const stream = new MediaStream({ clock: systemClock, log: new RecordingLog(), url: server.url });
      cleanups.push(() => stream.stop());
      const watcher = new StreamRecorder((state) => {
        if (state === 'failed') void stream.stop();
      });
      stream.subscribe(watcher);
      await rig.recording.record(REF, stream, false);
      stream.start();
      await waitFor('the end', () => watcher.states.includes('failed ended'), 60_000);
      await rig.recording.stopRecording(REF);
      const segments = await rig.store.between(REF, 0, 1e15);
      expect(segments).toHaveLength(3);
      const decoded: string[] = [];
      for (const { path, record } of segments) {
        const frames = await decodedFrames(path);
        expect(frames).toHaveLength(record.frames);
        decoded.push(...frames);
        expect(parseInit(readFileSync(path))).toMatchObject({
          width: 320,
          height: 240,
          codec: watcher.inits[0]?.codec,
        });
      }
      expect(decoded).toEqual(made.decoded);
      expect(rig.faults).toEqual([]);
    },
  );
});
