import { MediaStream } from '../../edge/media/stream.ts';
import { systemClock } from '../../platform/clock.ts';
import { hasFfmpeg } from '../../tests/support/ffmpeg.ts';
import { hasGstRtspServer } from '../../tests/support/gst-rtsp-server.ts';
import { RecordingLog } from '../../tests/support/recording-log.ts';
import { CannotRun } from '../figure.ts';
import {
  BIT_EXACT_CASES,
  type BitExactSource,
  differences,
  HashingConsumer,
  startBitExactSource,
} from './support/bit-exact-source.ts';

const DEFAULT_MINUTES = 5;

/**
 * Pictures and sound of every codec from GStreamer through our RTSP client, compared with the coded file bit for bit.
 * Option: `--minutes`.
 */
export async function run(options: ReadonlyMap<string, string>, say: (line: string) => void): Promise<void> {
  if (!hasFfmpeg || !hasGstRtspServer) throw new CannotRun('it needs ffmpeg and GStreamer with its RTSP server');
  const minutes = Number(options.get('minutes') ?? DEFAULT_MINUTES);
  if (!(minutes > 0)) throw new CannotRun('--minutes is a number above 0');
  say(`coding ${minutes} minutes of each codec`);
  const sources: BitExactSource[] = [];
  try {
    for (const about of BIT_EXACT_CASES) sources.push(await startBitExactSource(about, minutes * 60));
    const failed = (await Promise.all(sources.map((source) => pullAndCompare(source, say)))).filter((ok) => !ok).length;
    if (failed > 0) throw new Error(`${failed} of ${sources.length} sources did not come out as they went in`);
  } finally {
    await Promise.all(sources.map((source) => source.stop()));
  }
}

async function pullAndCompare(source: BitExactSource, say: (line: string) => void): Promise<boolean> {
  const { about, url, material } = source;
  const { digest } = about;
  const login = digest === undefined ? {} : { username: digest.user, password: digest.password };
  const consumer = new HashingConsumer(about);
  const stream = new MediaStream({ clock: systemClock, log: new RecordingLog(), url, ...login });
  stream.subscribe(consumer);
  stream.start();
  const reason = await consumer.ended;
  const { packetsLost, framesDropped } = stream.stats();
  await stream.stop();
  const found = differences(material, consumer);
  if (reason !== 'ended') found.push(`the stream ended as ${reason}`);
  const name = `${about.video} with ${about.audio} over ${about.transport}`;
  const counted = `${consumer.pictures.length} of ${material.pictures.length} pictures`;
  say(
    `${name}: ${counted}, ${packetsLost} packets lost, ${framesDropped} frames dropped: ${found.join('; ') || 'equal'}`,
  );
  return found.length === 0;
}
