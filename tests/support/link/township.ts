/**
 * A township in a process of its own, to be run in a namespace: cameras over ONVIF and RTSP, and a box that raises an alarm
 * again and again.
 *
 * usage: township.ts OPTIONS_JSON   ({@link TownshipOptions})
 *
 * Prints `{"ready": true}`; a line on standard input begins the alarms, and each is printed when it was sent:
 * `{"alarm": "area/zone", "sentAtMs": …}`.
 */
import { createInterface } from 'node:readline';
import { VirtualAlarmBox } from '../../../demo/alarm-box/virtual-alarm-box.ts';
import { type ClipFile, VirtualCamera } from '../../../demo/camera/virtual-camera.ts';
import { silentLog } from '../../../platform/log.ts';

/** What the township is made of. */
export interface TownshipOptions {
  cameras: readonly string[];
  login: { username: string; password: string };
  main: ClipFile;
  sub: ClipFile;
  snapshotFile: string;
  box: { account: string; port: number; everyMs: number };
}

const options = JSON.parse(process.argv[2] ?? '{}') as TownshipOptions;
const { main, sub, snapshotFile, login, box } = options;

for (const [i, address] of options.cameras.entries()) {
  const identity = {
    ...{ uuid: `0f6bd1a2-5b7c-4f0e-9d33-01234567890${i}`, name: `Camera ${i}`, hardware: 'VC-1', model: 'VC-1' },
    ...{ serial: `SN${i}`, mac: `02:00:00:00:00:0${i}`, profiles: ['Streaming'] },
  };
  await new VirtualCamera({ address, identity, login, main, sub, snapshotFile, clockOffsetMs: 0 }).start();
}
process.stdout.write('{"ready":true}\n');

createInterface({ input: process.stdin }).once('line', () => {
  const receiver = { address: '127.0.0.1', port: box.port };
  const about = { receiver, address: '127.0.0.1', account: box.account, supervisionMs: 3_600_000, log: silentLog };
  const alarms = new VirtualAlarmBox(about);
  alarms.start();
  let number = 0;
  setInterval(() => {
    const partition = String(1 + Math.floor(number / 999)).padStart(2, '0');
    const zone = String(1 + (number++ % 999)).padStart(3, '0');
    process.stdout.write(`${JSON.stringify({ alarm: `${partition}/${zone}`, sentAtMs: Date.now() })}\n`);
    void alarms.send({ qualifier: '1', code: '120', partition, zone });
  }, box.everyMs);
});
