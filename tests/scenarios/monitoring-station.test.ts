import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IncidentSummary } from '../../contract/incident.ts';
import { VirtualStation } from '../../demo/station/virtual-station.ts';
import { silentLog } from '../../platform/log.ts';
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
  const stranger = new VirtualStation({ ...at, mn: MN, password: '999999', periodMs: 60_000, log: silentLog });
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

test('what was acknowledged before the edge is killed is at the hub, once', async () => {
  station.values['a34002'] = 190;
  expect(await station.upload()).toBe(true);
  await path.killEdge();
  await path.startEdge();
  await waitFor('the event', () => told('dust.high').includes('active'));
  station.values['a34002'] = 30;
  expect(await waitFor('the station to be heard again', () => station.upload())).toBe(true);
  await waitFor('its end', () => told('dust.high').at(-1) === 'cleared');
  expect(told('dust.high').filter((state) => state === 'active')).toHaveLength(1);
});
