import { afterEach, describe, expect, it } from 'vitest';
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
  const cases = (['tcp', 'udp'] as const).flatMap((transport) =>
    (['h264', 'h265'] as const).map((codec) => ({ codec, transport })),
  );
  it.skipIf(!isHere).each(cases)(
    'reads every $codec picture bit by bit over $transport',
    async ({ codec, transport }) => {
      const samples = VIDEO[codec](SECONDS);
      const { bytes, host } = await readAll([samples], program, codec, transport);
      expect(pictureHashes(bytes, codec)).toEqual(samples.units.map((unit) => sha256(unit.bytes.subarray(4))));
      expect(host.stopped).toMatchObject([{ sent: samples.units.length, skipped: 0 }]);
    },
  );
});
