import { join } from 'node:path';
import { messageOf } from '../contract/errors.ts';
import { systemClock } from '../platform/clock.ts';
import { createLog } from '../platform/log.ts';
import type { TownshipConfig } from './township/config.ts';
import { playDay } from './township/day.ts';
import { HubClient } from './township/hub-client.ts';
import { SENSORS } from './township/plan.ts';
import { Registrar } from './township/registrar.ts';
import { TownshipSecrets } from './township/secrets.ts';
import { Township } from './township/township.ts';

const config = JSON.parse(process.env['SHARP_EYES_TOWNSHIP'] ?? '{}') as TownshipConfig;
const log = createLog('township');
const clock = systemClock;
const ending = new AbortController();
const secrets = new TownshipSecrets(join(config.dataFolder, 'township.json'));
const township = new Township({ secrets, clock, log, h265: config.h265 });

function say(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function run(): Promise<void> {
  await township.start();
  say({ ready: 'township', cameras: township.cameraNames.size });
  const hub = new HubClient(config.hubUrl);
  await hub.signIn(config.account, config.password);
  const registrar = new Registrar({
    hub,
    edgeId: config.edgeId,
    secrets,
    cameraNames: township.cameraNames,
    clock,
    log,
    signal: ending.signal,
    onRegistered: (device) => say({ registered: device.name }),
  });
  await registrar.run();
  township.startAlarmBox(config.receiver);
  township.startStation(config.stationReceiver);
  for (const { key } of SENSORS) township.startSensor(key, config.brokerUrl);
  say({ complete: true });
  if (config.day)
    await playDay({ stage: township, clock, log, firstPauseMs: config.firstPauseMs, signal: ending.signal });
}

async function end(code: number): Promise<never> {
  ending.abort();
  await township.stop();
  process.exit(code);
}

process.once('SIGINT', () => void end(0));
process.once('SIGTERM', () => void end(0));
// The parent's end of the pipe is gone: the demo was killed, its devices must not stay behind.
process.stdin.on('end', () => void end(0)).resume();

run().catch((error: unknown) => {
  if (ending.signal.aborted) return;
  log.error({}, messageOf(error));
  say({ failed: messageOf(error) });
  void end(1);
});
