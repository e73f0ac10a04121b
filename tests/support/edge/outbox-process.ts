/**
 * A process of its own around the real uplink: commits events as fast as it can and prints the id of each once its
 * commit has resolved. Arguments: data folder, MQTT address, prefix, count.
 */
import type { EdgeEvent } from '../../../contract/event.ts';
import { makeIdentity, openIdentity } from '../../../edge/identity/identity-file.ts';
import { StatusBoard } from '../../../edge/supervision/status-board.ts';
import { Uplink } from '../../../edge/uplink/uplink.ts';
import { systemClock } from '../../../platform/clock.ts';
import { silentLog } from '../../../platform/log.ts';

const [, , dataFolder = '', mqttUrl = '', prefix = '', count = '0'] = process.argv;
const urls = { hubUrl: mqttUrl, mqttUrl, mediaUrl: mqttUrl, caPem: null };
const joinFile = { sharpEyesJoin: 1 as const, edgeId: 'north', token: 'x'.repeat(16), expiresAtMs: 0, ...urls };
const uplink = new Uplink({
  dataFolder,
  identity: await openIdentity(await makeIdentity(joinFile)),
  config: { maxBytes: 1e9, maxSamples: 1000, backlogBytesPerSecond: 1e8 },
  clock: systemClock,
  log: silentLog,
  board: new StatusBoard(systemClock),
  inventory: () => ({ version: 1, devices: [], candidates: [] }),
  diskFreeBytes: () => null,
  onCommand: () => undefined,
});
await uplink.start();
uplink.connect();

function event(index: number): EdgeEvent {
  const kind = index % 10 === 0 ? 'help.pressed' : 'motion';
  const id = `${prefix}-${index}`;
  return { id, deviceId: 'd', kind, state: 'pulse', priority: 1, deviceAtMs: null, edgeAtMs: 1, data: { index } };
}

for (let index = 0; index < Number(count); index += 50) {
  const group = Array.from({ length: 50 }, (_, offset) => event(index + offset));
  await Promise.all(group.map((one) => uplink.commit(one).then(() => process.stdout.write(`${one.id}\n`))));
}
process.stdout.write('done\n');
// Stays connected until it is killed.
setInterval(() => undefined, 1000);
