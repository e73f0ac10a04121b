import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IncidentSummary } from '../../contract/incident.ts';
import { VirtualMeter } from '../../demo/meter/virtual-meter.ts';
import { VirtualStation } from '../../demo/station/virtual-station.ts';
import { silentLog } from '../../platform/log.ts';
import { buildFrame } from '../../protocols/hj212/build.ts';
import { formatTime } from '../../protocols/hj212/time.ts';
import { freePorts } from '../support/free-port.ts';
import { waitFor } from '../support/wait.ts';
import { WholePath } from '../support/whole-path/whole-path.ts';

const MN = 'SE0000000000000000000001';

let path: WholePath;
let port = 0;
let station: VirtualStation;

beforeAll(async () => {
  port = await freePorts();
  path = new WholePath({ hj212: { enabled: true, host: '127.0.0.1', port } });
  await path.start();
});

afterAll(async () => {
  station?.stop();
  await path.remove();
});

async function incidents(): Promise<IncidentSummary[]> {
  return (await path.hub.admin.get('/api/incidents')).json as IncidentSummary[];
}

/** States of a kind's events as the hub has them, in their order. */
function told(kind: string): string[] {
  const rows = path.hubRows<{ kind: string; event: string }>('SELECT kind, event FROM events ORDER BY rowid');
  return rows.filter((row) => row.kind === kind).map(({ event }) => (JSON.parse(event) as { state: string }).state);
}

/** Sends a frame, again and again where nobody listens yet, until it is answered by a 9014. */
function acknowledged(frame: Uint8Array): Promise<true> {
  return waitFor('the acknowledgement', async () => {
    const socket = connect(port, '127.0.0.1');
    try {
      socket.write(frame);
      for await (const chunk of socket) if (String(chunk).includes('CN=9014')) return true;
    } finally {
      socket.destroy();
    }
    return undefined;
  });
}

test('a dust and noise station raises an incident at the hub, over a socket, its password sealed to the edge', async () => {
  const { device } = await path.register({
    name: 'Building site',
    driver: 'hj212',
    type: 'sensor',
    profileId: 'generic/hj212-dust-noise',
    connection: { station: MN },
    password: '310000',
  });
  expect(device).toMatchObject({ online: false, reason: 'never-seen' });
  const at = { receiver: { address: '127.0.0.1', port }, address: '127.0.0.1' };
  const stranger = new VirtualStation({
    ...at,
    address: '127.0.0.9',
    mn: MN,
    password: '999999',
    periodMs: 60_000,
    log: silentLog,
  });
  station = new VirtualStation({ ...at, mn: MN, password: '310000', periodMs: 60_000, log: silentLog });
  stranger.values['LA'] = 99;
  const refused = stranger.upload();
  await waitFor('the warning', () => path.edgeErrors.includes('another password'));
  expect(await station.upload()).toBe(true);
  station.values['LA'] = 84;
  expect(await station.upload()).toBe(true);
  stranger.stop();
  expect(await refused).toBe(false);
  const incident = await waitFor('the incident', async () =>
    (await incidents()).find(({ kind }) => kind === 'noise.high'),
  );
  expect(incident).toMatchObject({ deviceName: 'Building site' });
  expect(told('noise.high')).toEqual(['cleared', 'active']);
  const seen = await waitFor('its state', async () => {
    const now = await path.device(device.deviceId);
    return now.online ? now : undefined;
  });
  expect(seen.reason).toBe('ok');
});

test('what was acknowledged before the edge is killed is at the hub, once, also when the station repeats it', async () => {
  const report = (content: string): Uint8Array => {
    const qn = formatTime(Date.now(), 480);
    const about = { qn, st: '39', cn: '2011', password: '310000', mn: MN, flag: 5 };
    return buildFrame({ ...about, content: `DataTime=${qn.slice(0, 14)};${content}` });
  };
  const dusty = report('a34002-Rtd=190,a34002-Flag=N');
  await acknowledged(dusty);
  await path.killEdge();
  await path.startEdge();
  await waitFor('the event', () => told('dust.high').includes('active'));
  await acknowledged(dusty);
  await acknowledged(report('a34002-Rtd=30,a34002-Flag=N'));
  await waitFor('its end', () => told('dust.high').at(-1) === 'cleared');
  expect(told('dust.high').filter((state) => state === 'active')).toHaveLength(1);
});

test('a gauge that the edge reads over Modbus raises an incident at the hub', async () => {
  const gauge = new VirtualMeter('127.0.0.1');
  gauge.registers.set(0, 1800);
  gauge.bits.set(0, false);
  await gauge.start();
  try {
    const { device } = await path.register({
      name: 'Sluice gate',
      driver: 'modbus',
      type: 'sensor',
      profileId: 'generic/modbus-water-level',
      connection: { url: `modbus://127.0.0.1:${gauge.port}/1` },
    });
    await waitFor('the first reading', () => told('water-level.high').at(-1) === 'cleared');
    gauge.registers.set(0, 3400);
    const incident = await waitFor('the incident', async () =>
      (await incidents()).find(({ kind }) => kind === 'water-level.high'),
    );
    expect(incident).toMatchObject({ deviceName: 'Sluice gate' });
    await gauge.stop();
    const lost = await waitFor('its loss', async () => {
      const now = await path.device(device.deviceId);
      return now.online ? undefined : now;
    });
    expect(lost.reason).toBe('unreachable');
  } finally {
    await gauge.stop();
  }
});
