/**
 * Cameras and viewers in one process, so that one clock tells how long a frame took from the camera's socket to the
 * viewer's. What this process itself is late by counts as delay.
 *
 * usage: loop.ts FILE FPS    prints `listening PORT STARTED_AT_MS`
 *
 * The first line on standard input is the viewers' order as JSON (device n watches the camera with path /n); `take`
 * prints the delays since the last `take` as JSON.
 */
import { createInterface } from 'node:readline';
import { percentile } from '../percentile.ts';
import { Audience, type AudienceOrder } from './audience.ts';
import { CameraSource } from './camera-source.ts';
import { stampIn } from './stamp.ts';

const FRAMES_KEPT = 256;

const [file = '', fps = '25'] = process.argv.slice(2);
/** When each camera sent its last frames. */
const sentAt = new Map<number, Float64Array>();
let delays: number[] = [];
const source = new CameraSource({
  ...{ file, fps: Number(fps), stamped: true },
  onSent: (camera, frame, atMs) => {
    const times = sentAt.get(camera) ?? new Float64Array(FRAMES_KEPT);
    sentAt.set(camera, times);
    times[frame % FRAMES_KEPT] = atMs;
  },
});
await source.start();
process.stdout.write(`listening ${source.ports[0]} ${source.startedAtMs}\n`);

let audience: Audience | null = null;
createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'take') {
    const taken = { count: delays.length, p50: percentile(delays, 0.5), p99: percentile(delays, 0.99) };
    delays = [];
    process.stdout.write(
      `${JSON.stringify({ ...taken, ...audience?.counts(), sourceLateMs: source.counters()['lateMs'] })}\n`,
    );
    return;
  }
  audience = new Audience(JSON.parse(line) as AudienceOrder, (index, head) => {
    const frame = stampIn(head);
    const at = frame === null ? undefined : sentAt.get(index)?.[frame % FRAMES_KEPT];
    // A frame of the replayed beginning was sent long before the viewer came: the row no longer tells about it.
    if (at !== undefined) delays.push(performance.now() - at);
  });
  audience.start();
});
