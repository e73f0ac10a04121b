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
const ports = flags.includes('--cameras') ? Number(flags[flags.indexOf('--cameras') + 1]) : 1;
const source = new CameraSource({ file, fps: Number(fps), ports, together: flags.includes('--together') });

await source.start();
process.stdout.write(`listening ${source.ports.join(',')} ${source.startedAtMs}\n`);

createInterface({ input: process.stdin }).on('line', async (command) => {
  if (command === 'off') source.switchOff();
  if (command === 'on') await source.switchOn();
  process.stdout.write(command === 'counters' ? `${JSON.stringify(source.counters())}\n` : 'done\n');
});
