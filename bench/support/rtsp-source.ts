/**
 * Cameras in a process of their own, so that no relay is charged for them; see `camera-source.ts`.
 *
 * usage: rtsp-source.ts FILE FPS [--together] [--cameras N]
 *
 * Prints `listening PORT STARTED_AT_MS`; with `--cameras N` each camera has a port of its own and the ports follow as a
 * list. On standard input: `counters` prints them as JSON, `off` and `on` switch the power (and print `done`).
 */
import { createInterface } from 'node:readline';
import { CameraSource } from './camera-source.ts';

const [file = '', fps = '25', ...flags] = process.argv.slice(2);
const cameras = Number(flags[flags.indexOf('--cameras') + 1] ?? 1);
const count = flags.includes('--cameras') ? cameras : 1;
const together = flags.includes('--together');
const sources = Array.from({ length: count }, () => new CameraSource({ file, fps: Number(fps), together }));

for (const source of sources) await source.start();
const [first] = sources;
const ports = sources.map(({ port }) => port).join(',');
process.stdout.write(`listening ${ports} ${first?.startedAtMs}\n`);

createInterface({ input: process.stdin }).on('line', async (command) => {
  if (command === 'counters') {
    process.stdout.write(`${JSON.stringify(sum(sources.map((source) => source.counters())))}\n`);
    return;
  }
  if (command === 'off') for (const source of sources) source.switchOff();
  if (command === 'on') await Promise.all(sources.map((source) => source.switchOn()));
  process.stdout.write('done\n');
});

function sum(all: readonly Record<string, number>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const counters of all) {
    for (const [name, value] of Object.entries(counters)) {
      const before = total[name] ?? 0;
      total[name] = name === 'lateMs' ? Math.max(before, value) : before + value;
    }
  }
  return total;
}
