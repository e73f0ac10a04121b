import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { loadIdentity } from '../../hub/identity/identity.ts';
import { systemClock } from '../../platform/clock.ts';
import { silentLog } from '../../platform/log.ts';
import { aacSamples, g711Samples, h264Samples, h265Samples, mjpegSamples } from '../support/coded-samples.ts';
import { hasFfmpeg } from '../support/ffmpeg.ts';
import { ScriptedSource, type ScriptedTrack, sha256 } from '../support/published-source.ts';
import { startRtspServer } from '../support/rtsp-host.ts';
import {
  aacHashes,
  decodedHashes,
  FFMPEG,
  GSTREAMER,
  hasGstreamer,
  pictureHashes,
  type ReadCodec,
  type StreamProgram,
  type Transport,
} from '../support/rtsp-readers.ts';
import { waitFor } from '../support/wait.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function publish(tracks: readonly ScriptedTrack[]) {
  const source = new ScriptedSource(tracks);
  const running = await startRtspServer(source);
  cleanups.push(
    () => running.server.stop(),
    () => source.stop(),
  );
  return { source, ...running };
}

const SECONDS = 4;
const VIDEO = { h264: h264Samples, h265: h265Samples, mjpeg: mjpegSamples };
const AUDIO = {
  aac: aacSamples,
  pcmu: (seconds: number) => g711Samples('pcmu', seconds),
  pcma: (seconds: number) => g711Samples('pcma', seconds),
};
const PROGRAMS = [
  { program: FFMPEG, isHere: hasFfmpeg },
  { program: GSTREAMER, isHere: hasGstreamer && hasFfmpeg },
];

/** Plays everything to one reader that was there from the start, and gives what it read. */
async function readAll(
  tracks: readonly ScriptedTrack[],
  program: StreamProgram,
  codec: ReadCodec,
  transport: Transport,
) {
  const { source, host, url } = await publish(tracks);
  const reading = program.read(url, codec, transport);
  reading.catch(() => undefined);
  await waitFor('the reader to play', () => host.played.length > 0, 8000);
  source.start();
  await waitFor('everything to be played', () => source.isOver);
  source.end();
  return { bytes: await reading, source, host };
}

describe.each(PROGRAMS)('$program.name', ({ program, isHere }) => {
  const both = ['tcp', 'udp'] as const;
  const nalCodecs = ['h264', 'h265'] as const;
  const nalCases = both.flatMap((transport) => nalCodecs.map((codec) => ({ codec, transport })));

  it.skipIf(!isHere).each(nalCases)('reads every $codec picture bit by bit over $transport', async (wanted) => {
    const { codec, transport } = wanted;
    const samples = VIDEO[codec](SECONDS);
    const { bytes, host } = await readAll([samples], program, codec, transport);
    expect(pictureHashes(bytes, codec)).toEqual(samples.units.map((unit) => sha256(unit.bytes.subarray(4))));
    expect(host.stopped).toMatchObject([{ sent: samples.units.length, skipped: 0 }]);
  });

  it.skipIf(!isHere).each(both)('reads every JPEG picture over %s', async (transport) => {
    const samples = mjpegSamples(SECONDS);
    const { bytes } = await readAll([samples], program, 'mjpeg', transport);
    const sent = await decodedHashes(Buffer.concat(samples.units.map((unit) => unit.bytes)));
    expect(sent).toHaveLength(samples.units.length);
    expect(await decodedHashes(bytes)).toEqual(sent);
  });

  it.skipIf(!isHere).each(both)('reads every AAC access unit beside the pictures over %s', async (transport) => {
    const sound = aacSamples(SECONDS);
    const { bytes } = await readAll([h264Samples(SECONDS), sound], program, 'aac', transport);
    expect(aacHashes(bytes)).toEqual(sound.units.map((unit) => sha256(unit.bytes)));
  });

  const laws = both.flatMap((transport) => (['pcmu', 'pcma'] as const).map((codec) => ({ codec, transport })));
  it.skipIf(!isHere).each(laws)('reads every $codec sample beside the pictures over $transport', async (wanted) => {
    const { codec, transport } = wanted;
    const sound = AUDIO[codec](SECONDS);
    const { bytes } = await readAll([h264Samples(SECONDS), sound], program, codec, transport);
    expect(sha256(bytes)).toBe(sha256(Buffer.concat(sound.units.map((unit) => unit.bytes))));
  });

  it.skipIf(!isHere)('reads over TLS', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-test-'));
    cleanups.push(() => rm(folder, { recursive: true }));
    const { server: tls } = await loadIdentity(folder, ['127.0.0.1'], { clock: systemClock, log: silentLog });
    const samples = h264Samples(2);
    const source = new ScriptedSource([samples]);
    const { server, host, url } = await startRtspServer(source, { tls });
    cleanups.push(
      () => server.stop(),
      () => source.stop(),
    );
    const reading = program.read(url.replace('rtsp:', 'rtsps:'), 'h264', 'tcp');
    reading.catch(() => undefined);
    await waitFor('the reader to play', () => host.played.length > 0, 8000);
    source.start();
    await waitFor('everything to be played', () => source.isOver);
    source.end();
    expect(pictureHashes(await reading, 'h264')).toEqual(samples.units.map((unit) => sha256(unit.bytes.subarray(4))));
  });

  it.skipIf(!isHere)('is refused with a wrong password', async () => {
    const { source, server, url } = await publish([h264Samples(1)]);
    source.start();
    await expect(program.read(url.replace('vi11age', 'guess'), 'h264', 'tcp')).rejects.toThrow(
      /401|[Uu]nauthori[sz]ed/,
    );
    expect(server.counters()).toMatchObject({ readers: 0 });
    expect(server.counters()['failedSignIns']).toBeGreaterThan(0);
  });

  it.skipIf(!isHere)('that comes late gets the last group of pictures at once and everything behind it', async () => {
    const samples = h264Samples(SECONDS);
    const { source, host, url } = await publish([samples]);
    const first = program.read(url, 'h264', 'tcp');
    await waitFor('the first reader', () => host.played.length === 1, 8000);
    source.start();
    await waitFor('some pictures', () => source.given.length > 30);
    const second = program.read(url, 'h264', 'tcp');
    await waitFor('the second reader', () => host.played.length === 2, 8000);
    await waitFor('everything to be played', () => source.isOver);
    source.end();
    const all = samples.units.map((unit) => sha256(unit.bytes.subarray(4)));
    expect(pictureHashes(await first, 'h264')).toEqual(all);
    const late = pictureHashes(await second, 'h264');
    expect(late).toEqual(all.slice(-late.length));
    expect(samples.units.at(-late.length)?.key).toBe(true);
    // One pull, cut into packets once, whoever reads.
    expect(source.subscriptions).toBe(1);
  });
});
