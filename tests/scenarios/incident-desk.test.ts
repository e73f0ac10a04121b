import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Device } from '../../contract/api/devices.ts';
import type { DeviceType } from '../../contract/device.ts';
import type { IncidentDetail, IncidentEvent, IncidentSummary } from '../../contract/incident.ts';
import { cameraReport, eventNow, FakeEdge } from '../support/fake-edge.ts';
import { codeOf, type HubClient, type RunningHub, startHub } from '../support/hub.ts';
import { waitFor } from '../support/wait.ts';

interface Told {
  incident: IncidentSummary;
  change: string;
}

let hub: RunningHub;
let edge: FakeEdge;
let town: string;
let otherTown: string;
let li: HubClient;
let elsewhere: HubClient;
const sockets: Socket[] = [];
let sent = 0;

async function region(name: string): Promise<string> {
  const made = await hub.admin.send('POST', '/api/regions', {
    parentId: 'county',
    level: 'township',
    name,
    code: null,
  });
  return (made.json as { regionId: string }).regionId;
}

async function register(name: string, type: DeviceType, meters: number, view: object = {}): Promise<string> {
  edge.answers['device.register'] = ({ deviceId }) => {
    const device = { ...cameraReport(String(deviceId)), type };
    edge.devices.set(device.deviceId, device);
    return device;
  };
  const answer = await hub.admin.send('POST', '/api/devices', {
    ...{ edgeId: 'north', candidateId: null, driver: 'rtsp', type, profileId: null, record: false },
    connection: { url: 'rtsp://127.0.0.1/none' },
    placement: {
      ...{ name, regionId: town, latitude: 30 + meters / 111_320, longitude: 120 },
      ...{ bearingDeg: null, viewDistanceM: null, viewAngleDeg: null, links: [] },
      ...view,
    },
  });
  return (answer.json as { device: Device }).device.deviceId;
}

async function follow(client: HubClient): Promise<Told[]> {
  const told: Told[] = [];
  const extraHeaders = { cookie: client.cookie ?? '', origin: hub.ready.url };
  const socket = io(hub.ready.url, { extraHeaders, transports: ['websocket'], reconnection: false });
  sockets.push(socket);
  socket.on('incident', (incident: IncidentSummary, change: string) => told.push({ incident, change }));
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return told;
}

function alarm(deviceId: string, kind: string, priority: 1 | 2 | 3 | 4): void {
  sent++;
  edge.sendEvents('alarm', sent, [eventNow(deviceId, kind, priority, sent)]);
}

beforeAll(async () => {
  hub = await startHub();
  [town, otherTown] = [await region('北镇'), await region('Other town')];
  edge = new FakeEdge('north');
  await edge.join(hub.admin, town);
  await edge.connect(hub.ready);
  [li, elsewhere] = [await hub.person('li', 'operator', [town]), await hub.person('wang', 'operator', [otherTown])];
});
afterAll(async () => {
  for (const socket of sockets) socket.close();
  await edge.stop();
  await hub.stop();
});

describe('from the help box to the closed incident', () => {
  test('the incident reaches who may see it, with its cameras, reasons and steps', async () => {
    const box = await register('Help box 3', 'alarm-box', 0);
    const door = await register('Hall door', 'door', 12);
    const seer = await register('Square camera', 'camera', 50, {
      bearingDeg: 180,
      viewDistanceM: 100,
      viewAngleDeg: 60,
    });
    const near = await register('Lane camera', 'camera', 20);
    const [heard, unheard] = [await follow(li), await follow(elsewhere)];

    sent++;
    edge.sendEvents('alarm', sent, [eventNow(door, 'door.opened', 4, sent)]);
    alarm(box, 'help.pressed', 1);
    await waitFor('the incident on the dashboard', () => heard.some(({ change }) => change === 'opened'));
    const incident = heard[0]?.incident;
    expect(incident).toMatchObject({
      kind: 'help.pressed',
      rule: 'help-box',
      priority: 1,
      state: 'reported',
      eventCount: 2,
    });
    expect(incident).toMatchObject({
      regionId: town,
      regionPath: ['县', '北镇'],
      deviceName: 'Help box 3',
      owner: null,
    });
    expect(incident?.cameras.map(({ deviceId, reasons }) => [deviceId, reasons[0]?.code])).toEqual([
      [seer, 'sees-the-place'],
      [near, 'nearest'],
    ]);

    const path = `/api/incidents/${incident?.incidentId}`;
    const detail = (await li.get(path)).json as IncidentDetail;
    const joined = detail.events.find(({ event }) => event.deviceId === door);
    expect(joined).toMatchObject({ deviceName: 'Hall door', regionId: town });
    expect(joined?.reasons).toMatchObject([
      { code: 'within-distance', params: { meters: 12, other: 'Help box 3', seconds: expect.any(Number) } },
    ]);

    const boss = await hub.person('boss', 'supervisor', [town]);
    const { version } = detail;
    const [first, second] = await Promise.all([
      li.send('POST', `${path}/accept`, { version }),
      boss.send('POST', `${path}/accept`, { version }),
    ]);
    expect([first.status, second.status].sort()).toEqual([200, 409]);
    expect(codeOf(first.status === 409 ? first : second)).toBe('CONFLICT');
    expect((await li.send('POST', `${path}/notes`, { text: '已派人' })).status).toBe(200);
    const now = (await li.get(path)).json as IncidentDetail;
    const closing = { version: now.version, code: 'handled', text: 'done' };
    const closed = (await li.send('POST', `${path}/close`, closing)).json as IncidentDetail;
    expect(closed).toMatchObject({ state: 'closed', closingCode: 'handled' });
    expect(closed.entries.map(({ kind }) => kind)).toEqual(['opened', 'joined', 'accepted', 'note', 'closed']);
    expect(codeOf(await li.send('POST', `${path}/close`, { ...closing, version: closed.version }))).toBe(
      'INCIDENT_STATE',
    );
    await waitFor('the dashboard to hear of the end', () => heard.at(-1)?.change === 'closed');
    expect(heard.map(({ change }) => change)).toEqual(['opened', 'accepted', 'noted', 'closed']);
    expect(unheard).toEqual([]);
    const audit = (await hub.admin.get('/api/audit?limit=50')).json as { action: string }[];
    expect(audit.map(({ action }) => action)).toEqual(expect.arrayContaining(['incident.accept', 'incident.close']));
  });

  test('who is elsewhere sees neither incident nor event, and may not touch it', async () => {
    const all = (await hub.admin.get('/api/incidents?state=all')).json as IncidentSummary[];
    expect(all.length).toBeGreaterThan(0);
    expect((await elsewhere.get('/api/incidents?state=all')).json).toEqual([]);
    expect((await elsewhere.get('/api/events')).json).toEqual([]);
    const path = `/api/incidents/${all[0]?.incidentId}`;
    for (const answer of [
      await elsewhere.get(path),
      await elsewhere.send('POST', `${path}/accept`, { version: 1 }),
      await elsewhere.send('POST', `${path}/notes`, { text: 'x' }),
      await elsewhere.send('POST', `${path}/close`, { version: 1, code: 'other', text: '' }),
    ]) {
      expect([answer.status, codeOf(answer)]).toEqual([404, 'NOT_FOUND']);
    }
    const technician = await hub.person('tech', 'technician', [town]);
    expect(codeOf(await technician.get('/api/incidents'))).toBe('NOT_ALLOWED');
    const officer = await hub.person('officer', 'officer', [town]);
    expect((await officer.get(path)).status).toBe(200);
    expect(codeOf(await officer.send('POST', `${path}/notes`, { text: 'x' }))).toBe('NOT_ALLOWED');
  });

  test('an alarm of a kind and a device that nobody knows is shown to who sees the whole county', async () => {
    const heard = await follow(hub.admin);
    const others = await follow(li);
    alarm('nobody-knows', 'vendor.siren-17', 1);
    await waitFor('the incident', () => heard.length > 0);
    expect(heard[0]?.incident).toMatchObject({
      kind: 'other',
      rule: 'other-alarm',
      regionId: null,
      deviceName: 'nobody-knows',
    });
    expect(others).toEqual([]);
    const [event] = (await hub.admin.get('/api/events?limit=1')).json as IncidentEvent[];
    expect(event).toMatchObject({ edgeId: 'north', event: { kind: 'vendor.siren-17' } });
  });
});
