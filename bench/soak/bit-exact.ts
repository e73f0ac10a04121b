import { MediaStream } from '../../edge/media/stream.ts';
import { systemClock } from '../../platform/clock.ts';
import { RecordingLog } from '../../tests/support/recording-log.ts';
import { type BitExactSource, compareAll, differences, HashingConsumer } from './support/bit-exact-source.ts';

/**
 * Pictures and sound of every codec from GStreamer through our RTSP client, compared with the coded file bit for bit.
 * Option: `--minutes`.
 */
export function run(options: ReadonlyMap<string, string>, say: (line: string) => void): Promise<void> {
  return compareAll(options, say, pullAndCompare);
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
