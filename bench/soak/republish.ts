import { MediaStream } from '../../edge/media/stream.ts';
import { streamSource } from '../../edge/republish/stream-source.ts';
import { systemClock } from '../../platform/clock.ts';
import { RecordingLog } from '../../tests/support/recording-log.ts';
import { startRtspServer } from '../../tests/support/rtsp-host.ts';
import { type BitExactSource, compareAll } from './support/bit-exact-source.ts';
import { type Elementary, readByFfmpeg } from './support/read-by-ffmpeg.ts';

/** A reader joins within the first group of pictures: so many units may lie before it. */
const LATE_UNITS = 100;
const LATE_SAMPLES = 16_000;

/**
 * Pictures and sound of every codec from GStreamer through our RTSP client and our RTSP server to `ffmpeg -f rtsp`, compared
 * with what ffmpeg reads from the coded file itself. Option: `--minutes`.
 */
export function run(options: ReadonlyMap<string, string>, say: (line: string) => void): Promise<void> {
  return compareAll(options, say, readAndCompare);
}

async function readAndCompare({ about, url, material }: BitExactSource, say: (line: string) => void): Promise<boolean> {
  const { video, audio, transport, digest } = about;
  const login = digest === undefined ? {} : { username: digest.user, password: digest.password };
  const stream = new MediaStream({ clock: systemClock, log: new RecordingLog(), url, ...login });
  const { server, host, url: address } = await startRtspServer(streamSource(stream));
  // The camera is pulled when somebody reads, as the edge does it, and its end ends the readers.
  stream.subscribe({
    onInit: () => undefined,
    onFragment: () => undefined,
    onState: (state) => void (state === 'failed' && stream.stop()),
  });
  try {
    stream.start();
    const input = ['-rtsp_transport', transport, '-f', 'rtsp', '-i', address];
    const [read, wanted] = [
      await readByFfmpeg(input, video, audio),
      await readByFfmpeg(['-i', material.file], video, audio),
    ];
    const found = differences(wanted, read);
    const facts = host.stopped[0];
    if (facts?.skipped !== 0) found.push(`${facts?.skipped ?? 'no'} units were skipped`);
    const counted = `${read.pictures.length} of ${wanted.pictures.length} slices or pictures`;
    say(`${video} with ${audio} over ${transport} to ffmpeg: ${counted}: ${found.join('; ') || 'equal'}`);
    return found.length === 0;
  } finally {
    await server.stop();
    await stream.stop();
  }
}

/** What differs; everything from the first unit that was read to the last of the file has to be there. */
function differences(wanted: Elementary, read: Elementary): string[] {
  const found: string[] = [];
  for (const kind of ['pictures', 'sound'] as const) {
    if (wanted[kind].length === 0) continue;
    const from = wanted[kind].indexOf(read[kind][0] ?? '');
    if (from === -1 || from > LATE_UNITS) found.push(`the ${kind} begin with number ${from}`);
    const wrong = read[kind].findIndex((hash, i) => hash !== wanted[kind][from + i]);
    if (wrong !== -1) found.push(`number ${wrong} of the ${kind} differs`);
    const missing = wanted[kind].length - from - read[kind].length;
    // The file holds sound beyond its last picture, which the camera does not play to its end.
    if (missing > (kind === 'pictures' ? 0 : LATE_UNITS))
      found.push(`${missing} of the ${kind} are missing at the end`);
  }
  const { samples } = read;
  if (wanted.samples.length === 0) return found;
  const at = wanted.samples.indexOf(samples);
  if (samples.length === 0 || at === -1) found.push('the G.711 sound differs');
  else if (wanted.samples.length - samples.length > LATE_SAMPLES) found.push('too much of the sound is missing');
  return found;
}
