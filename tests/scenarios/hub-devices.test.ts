import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditEntry, Wall } from '../../contract/api/centre.ts';
import type { Device, Edge, HubCandidate } from '../../contract/api/devices.ts';
import type { CommandRequest } from '../../contract/command.ts';
import type { Candidate } from '../../contract/device.ts';
import { topics } from '../../contract/topics.ts';
import { codeOf, type HubClient, type RunningHub, startHub } from '../support/hub.ts';
import { JoinedEdge, reportedCamera } from '../support/joined-edge.ts';
import { waitFor } from '../support/wait.ts';

const PLACE = { latitude: 23.1, longitude: 113.2, bearingDeg: 90, viewDistanceM: 30, viewAngleDeg: 60, links: [] };
const JPEG = Buffer.from('ffd8ffe000104a464946', 'hex');

const candidate: Candidate = {
  candidateId: 'c1',
  driver: 'onvif',
  type: 'camera',
  address: 'http://10.0.0.1',
  name: 'Found',
  hardware: 'M1',
  foundBy: 'ws-discovery',
  firstSeenMs: 1,
  lastSeenMs: 2,
  change: 'new',
};

describe('edges and devices through the hub', () => {
  let hub: RunningHub;
  let town: string;
  let otherTown: string;
  let technician: HubClient;
  let stranger: HubClient;
  let edge: JoinedEdge;

  const enrol = async (edgeId: string, regionId: string | null): Promise<JoinedEdge> => {
    const answer = await hub.admin.send('POST', '/api/edges', { edgeId, name: edgeId, regionId });
    return new JoinedEdge((answer.json as { joinFile: string }).joinFile);
  };
  const edges = async () => (await hub.admin.get('/api/edges')).json as Edge[];
  const device = async (deviceId: string) => (await hub.admin.get(`/api/devices/${deviceId}`)).json as Device;

  const register = (client: HubClient, name: string, regionId: string | null, driver = 'onvif') =>
    client.send('POST', '/api/devices', {
      edgeId: 'north',
      candidateId: driver === 'onvif' ? 'c1' : null,
      driver,
      type: driver === 'onvif' ? 'camera' : 'sensor',
      connection: driver === 'onvif' ? { url: 'http://10.0.0.1', username: 'admin' } : {},
      profileId: null,
      record: true,
      placement: { name, regionId, ...PLACE },
    });

  beforeAll(async () => {
    hub = await startHub();
    const region = async (name: string) => {
      const wanted = { parentId: 'county', level: 'township', name, code: null };
      return ((await hub.admin.send('POST', '/api/regions', wanted)).json as { regionId: string }).regionId;
    };
    town = await region('Town');
    otherTown = await region('Other town');
    technician = await hub.person('technician', 'technician', [town]);
    stranger = await hub.person('stranger', 'technician', [otherTown]);
    edge = await enrol('north', town);
    expect(await edge.join()).toBe(200);
    edge.answer = (order) => {
      const params = order.params as { deviceId: string };
      if (order.name === 'device.register') return reportedCamera(params.deviceId);
      if (order.name === 'device.snapshot') return { jpegBase64: JPEG.toString('base64') };
      if (order.name === 'discovery.run') return { candidates: 1 };
      return {};
    };
    await edge.connect();
    await waitFor('the edge to be online', async () => (await edges()).find((one) => one.online));
  });
  afterAll(async () => {
    await edge.stop();
    await hub.stop();
  });

  test('a join file works once', async () => {
    const south = await enrol('south', null);
    expect([await south.join(), await south.join()]).toEqual([200, 403]);
    const denied = (await hub.admin.get('/api/edges')).json as Edge[];
    expect(denied.find((one) => one.edgeId === 'south')).toMatchObject({ online: false });
  });

  test('an edge that pretends to be another is cut off, and the audit log says so', async () => {
    const west = await enrol('west', null);
    await west.join();
    const client = await west.connect();
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    client.publish(topics.events('north', 'alarm'), '{}', { qos: 1 });
    await closed;
    const entries = await waitFor('the audit entry', async () => {
      const found = (await hub.admin.get('/api/audit?action=edge.impersonation')).json as AuditEntry[];
      return found.length > 0 ? found : null;
    });
    expect(entries).toMatchObject([
      { subject: 'west', details: { what: 'publish', used: topics.events('north', 'alarm') } },
    ]);
    const state = (await hub.admin.get('/api/state')).json as { counters: Record<string, number> };
    expect(state.counters['broker.violations']).toBe(1);
    await west.stop();
  });

  test('what the edge found is seen by who may register it', async () => {
    await edge.report([], [candidate]);
    const list = async (client: HubClient) => (await client.get('/api/candidates')).json as HubCandidate[];
    await waitFor('the candidate', async () => (await list(technician)).length === 1);
    expect(await list(technician)).toMatchObject([{ candidateId: 'c1', edgeId: 'north', registeredAs: null }]);
    expect(await list(stranger)).toEqual([]);
    expect((await technician.send('POST', '/api/edges/north/discovery')).json).toEqual({ candidates: 1 });
  });

  test('a camera goes from candidate to the wall', async () => {
    const answer = await register(technician, 'East gate', town);
    expect(answer.status).toBe(200);
    const { device: made, mqtt } = answer.json as { device: Device; mqtt: null };
    expect([made.deviceId.startsWith('camera-'), mqtt]).toEqual([true, null]);
    expect(made).toMatchObject({ name: 'East gate', regionPath: ['县', 'Town'], number: 1, version: 1 });
    const order = edge.orders.find((one) => one.name === 'device.register') as CommandRequest;
    expect(order.params).toMatchObject({ deviceId: made.deviceId, candidateId: 'c1', record: true });
    await edge.report([reportedCamera(made.deviceId)], [candidate]);
    await waitFor('the camera to be online', async () => (await device(made.deviceId)).online);
    expect((await hub.admin.get('/api/candidates')).json).toMatchObject([{ registeredAs: made.deviceId }]);
    const [wall] = (await hub.admin.get('/api/walls')).json as Wall[];
    expect(wall?.tiles[0]).toBe(made.deviceId);
    const snapshot = await technician.get(`/api/devices/${made.deviceId}/snapshot`);
    expect([snapshot.headers['content-type'], snapshot.bytes]).toEqual(['image/jpeg', JPEG]);
  });

  test('outside the area a device does not exist', async () => {
    const [first] = (await technician.get('/api/devices')).json as Device[];
    const path = `/api/devices/${first?.deviceId}`;
    const placement = { name: 'Mine now', regionId: otherTown, ...PLACE };
    const answers = [
      await stranger.get(path),
      await stranger.get('/api/devices/no-such-device'),
      await stranger.get(`${path}/snapshot`),
      await stranger.send('PATCH', path, { version: 1, placement }),
      await stranger.send('DELETE', path),
      await stranger.send('POST', '/api/edges/north/discovery'),
      await register(stranger, 'Mine', otherTown),
    ];
    expect(answers.map((answer) => [answer.status, codeOf(answer)])).toEqual(Array(7).fill([404, 'NOT_FOUND']));
    expect((await stranger.get('/api/devices')).json).toEqual([]);
    expect((await stranger.get('/api/walls')).json).toMatchObject([{ tiles: Array(9).fill(null) }]);
  });

  test('nobody can put a device outside of the own area', async () => {
    expect(codeOf(await register(technician, 'Smuggled', otherTown))).toBe('NOT_FOUND');
    expect(codeOf(await register(technician, 'Nowhere', null))).toBe('NOT_FOUND');
  });

  test('nobody can link to what is outside of the own area, or learn that it is there', async () => {
    const [first] = (await technician.get('/api/devices')).json as Device[];
    const south = (await register(hub.admin, 'South gate', otherTown)).json as { device: Device };
    const path = `/api/devices/${first?.deviceId}`;
    const change = (client: HubClient, version: number, links: string[]) =>
      client.send('PATCH', path, { version, placement: { name: 'East gate', regionId: town, ...PLACE, links } });
    const [outside, nowhere] = [south.device.deviceId, 'camera-that-is-not'];
    for (const link of [outside, nowhere]) {
      const refused = await change(technician, 1, [link]);
      expect([codeOf(refused), refused.text.includes(`the link ${link} is no other device`)]).toEqual([
        'INVALID_BODY',
        true,
      ]);
    }
    // What somebody else has linked stays.
    expect((await change(hub.admin, 1, [outside])).json).toMatchObject({ links: [outside], version: 2 });
    expect((await change(technician, 2, [outside])).json).toMatchObject({ links: [outside], version: 3 });
    expect((await hub.admin.send('DELETE', `/api/devices/${outside}`)).status).toBe(204);
  });

  test('a change is decided on a version', async () => {
    const [first] = (await technician.get('/api/devices')).json as Device[];
    const path = `/api/devices/${first?.deviceId}`;
    const placement = { name: 'East gate 2', regionId: town, ...PLACE };
    expect((await technician.send('PATCH', path, { version: 3, placement })).json).toMatchObject({ version: 4 });
    expect(codeOf(await technician.send('PATCH', path, { version: 3, placement }))).toBe('CONFLICT');
    const half = { ...placement, longitude: null };
    expect(codeOf(await technician.send('PATCH', path, { version: 4, placement: half }))).toBe('INVALID_BODY');
  });

  test('a sensor is told under which name and topic it reports', async () => {
    const answer = await register(technician, 'River', town, 'mqtt-device');
    const { device: made, mqtt } = answer.json as { device: Device; mqtt: { username: string; topic: string } };
    expect(mqtt).toEqual({ username: made.deviceId, topic: `devices/${made.deviceId}/state` });
  });

  test('what the edge answers reaches the person, and nothing is registered', async () => {
    const before = ((await hub.admin.get('/api/devices')).json as Device[]).length;
    const { answer } = edge;
    edge.answer = () => ({ code: 'DEVICE_REFUSED_CREDENTIALS', message: 'the camera refuses the password' });
    const refused = await register(technician, 'Locked', town);
    edge.answer = answer;
    expect([refused.status, codeOf(refused)]).toEqual([502, 'DEVICE_REFUSED_CREDENTIALS']);
    expect((await hub.admin.get('/api/devices')).json).toHaveLength(before);
  });

  test('an edge that is gone is said so, and comes back', async () => {
    const [first] = (await technician.get('/api/devices')).json as Device[];
    const deviceId = first?.deviceId ?? '';
    await edge.drop();
    await waitFor('the edge to be offline', async () =>
      (await edges()).find((one) => one.edgeId === 'north' && !one.online),
    );
    expect(await device(deviceId)).toMatchObject({ online: false, reason: 'edge-offline' });
    expect(codeOf(await technician.get(`/api/devices/${deviceId}/snapshot`))).toBe('EDGE_OFFLINE');
    await edge.connect();
    await edge.report([reportedCamera(deviceId)]);
    await waitFor('the camera to be back', async () => (await device(deviceId)).online);
  });

  test('a device that is taken out leaves list, wall and edge', async () => {
    const [first] = (await technician.get('/api/devices')).json as Device[];
    const deviceId = first?.deviceId ?? '';
    expect((await technician.send('DELETE', `/api/devices/${deviceId}`)).status).toBe(204);
    expect(codeOf(await hub.admin.get(`/api/devices/${deviceId}`))).toBe('DEVICE_UNKNOWN');
    await waitFor('the order to the edge', () => edge.orders.some((one) => one.name === 'device.remove'));
    await waitFor('the tile to be empty', async () => {
      const [wall] = (await hub.admin.get('/api/walls')).json as Wall[];
      return wall?.tiles.includes(deviceId) === false;
    });
  });

  test('the API describes itself to whoever is signed in', async () => {
    expect((await hub.browser().get('/api/openapi.json')).status).toBe(401);
    const document = (await technician.get('/api/openapi.json')).json as { paths: Record<string, unknown> };
    expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(['/api/session', '/api/devices/{deviceId}']));
  });
});
