import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { MediaLimits } from '../../edge/media/limits.ts';
import { MediaStream, type StreamSource } from '../../edge/media/stream.ts';
import { systemClock } from '../../platform/clock.ts';
import { countFrames, frameNumbers, hasFfmpeg, packetTimes } from '../support/ffmpeg.ts';
import { hasGstRtspServer, type NumberedSource, startGstRtspServer } from '../support/gst-rtsp-server.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { StreamRecorder } from '../support/stream-recorder.ts';
import { waitFor } from '../support/wait.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const SIZE = { width: 320, height: 240 };

async function serve(
  options: Partial<NumberedSource> & { digest?: { user: string; password: string }; port?: number },
) {
  const server = await startGstRtspServer({ frames: Number.POSITIVE_INFINITY, fps: 25, ...SIZE, ...options });
  cleanups.push(() => server.stop());
  return server;
}

function pull(source: StreamSource, limits: Partial<MediaLimits> = {}, stopAtEnd = true) {
  const stream = new MediaStream({ clock: systemClock, log: new RecordingLog(), ...source, limits });
  // A finite source is over when it ends: pulling it again would play it again.
  const recorder = new StreamRecorder((_, reason) => {
    if (stopAtEnd && reason === 'ended') void stream.stop();
  });
  stream.subscribe(recorder);
  stream.start();
  cleanups.push(() => stream.stop());
  return { stream, recorder };
}

async function save(recorder: StreamRecorder): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-test-'));
  cleanups.push(() => rm(folder, { recursive: true }));
  const file = join(folder, 'clip.mp4');
  await writeFile(file, recorder.file());
  return file;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe.skipIf(!hasGstRtspServer || !hasFfmpeg)('a GStreamer camera', () => {
  it.each([
    ['openly', undefined],
    ['behind Digest', { user: 'admin', password: 'vi11age' }],
  ])('gives all of its 750 frames, in order, %s', async (_, digest) => {
    const server = await serve({ frames: 750, fps: 150, ...(digest === undefined ? {} : { digest }) });
    const { stream, recorder } = pull({
      url: server.url,
      ...(digest === undefined ? {} : { username: digest.user, password: digest.password }),
    });
    await waitFor('the end', () => recorder.states.includes('failed ended'), 60_000);
    expect(recorder.fragments).toHaveLength(750);
    expect(recorder.inits).toHaveLength(1);
    expect(stream.stats()).toMatchObject({ framesTotal: 750, packetsLost: 0, framesDropped: 0 });
    const file = await save(recorder);
    expect(await countFrames(file)).toBe(750);
    expect(await frameNumbers(file, SIZE.width, SIZE.height)).toEqual(upTo(750));
  });

  it('gives B-frames with presentation times in order', async () => {
    const server = await serve({ frames: 100, fps: 100, bFrames: 2 });
    const { recorder } = pull({ url: server.url });
    await waitFor('the end', () => recorder.states.includes('failed ended'));
    const file = await save(recorder);
    expect(await frameNumbers(file, SIZE.width, SIZE.height)).toEqual(upTo(100));
    const packets = await packetTimes(file);
    expect(packets).toHaveLength(100);
    expect(packets.every(({ pts, dts }) => pts >= dts)).toBe(true);
    const shown = packets.map(({ pts }) => Math.round(pts * 100)).sort((a, b) => a - b);
    expect(shown.map((n) => n - (shown[0] ?? 0))).toEqual(upTo(100));
    expect(packets.map(({ dts }) => Math.round(dts * 100))).toEqual(upTo(100));
  });

  it('refuses a wrong password without being asked again', async () => {
    const server = await serve({ digest: { user: 'admin', password: 'right' } });
    const { recorder } = pull(
      { url: server.url, username: 'admin', password: 'wrong' },
      { refusedPasswordWaitMs: 60_000 },
    );
    await waitFor('the refusal', () => recorder.states.includes('failed refused-credentials'));
    expect(recorder.states.filter((state) => state.startsWith('connecting'))).toHaveLength(1);
    expect(recorder.fragments).toEqual([]);
  });

  it('comes back after it vanished, on the same timeline', async () => {
    const server = await serve({});
    const { stream, recorder } = pull({ url: server.url }, { backoff: { firstMs: 50, maxMs: 200 } }, false);
    await waitFor('pictures', () => recorder.fragments.length > 30);
    await server.stop();
    await waitFor('the loss to be seen', () => recorder.states.includes('failed unreachable'));
    const before = recorder.fragments.length;
    await serve({ port: server.port });
    await waitFor('pictures again', () => recorder.fragments.length > before + 30);
    expect(stream.stats()).toMatchObject({ state: 'live', reason: 'ok' });
    expect(recorder.inits.length).toBeGreaterThan(1);
    const times = recorder.fragments.map(({ decodeTime90k }) => decodeTime90k);
    expect(times.every((time, i) => i === 0 || time > (times[i - 1] ?? 0))).toBe(true);
    expect(stream.stats().fps).toBeGreaterThan(0);
  });

  it('is given up when it hangs', async () => {
    const server = await serve({});
    const { recorder } = pull({ url: server.url }, { silenceMs: 2_000 });
    await waitFor('pictures', () => recorder.fragments.length > 5);
    server.freeze();
    await waitFor('the silence to be noticed', () => recorder.states.includes('failed silent'));
    expect(recorder.states).toEqual(['stopped stopped', 'connecting ok', 'live ok', 'failed silent']);
  });

  it('lets many watch one pull', async () => {
    const server = await serve({});
    const { stream, recorder } = pull({ url: server.url });
    await waitFor('more than a group of pictures', () => recorder.fragments.length > 60);
    const viewers = upTo(5).map(() => new StreamRecorder());
    for (const viewer of viewers) stream.subscribe(viewer, { withLastGop: true });
    for (const viewer of viewers) {
      expect(viewer.fragments[0]?.key).toBe(true);
      expect(viewer.fragments.at(-1)).toBe(recorder.fragments.at(-1));
    }
    await waitFor('more', () => viewers.every(({ fragments }) => fragments.length > 50));
    const file = await save(viewers[0] ?? recorder);
    const numbers = await frameNumbers(file, SIZE.width, SIZE.height);
    expect(numbers).toEqual(numbers.map((_, i) => (numbers[0] ?? 0) + i));
  });
});
