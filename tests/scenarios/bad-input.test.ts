import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { afterEach, describe, expect, test } from 'vitest';
import type { Device } from '../../contract/api/devices.ts';
import type { RouteDefinition } from '../../contract/api/route.ts';
import { ROUTES } from '../../contract/api/routes.ts';
import type { RecordingTimeline } from '../../contract/footage.ts';
import type { IncidentEvent } from '../../contract/incident.ts';
import { buildInterleaved } from '../../protocols/rtsp/build.ts';
import { header } from '../../protocols/rtsp/message.ts';
import { codeOf } from '../support/hub.ts';
import { type Script, ScriptedRtspServer } from '../support/scripted-rtsp-server.ts';
import { waitFor } from '../support/wait.ts';
import { PlayingCamera } from '../support/whole-path/playing-camera.ts';
import { WholePath } from '../support/whole-path/whole-path.ts';

const PASSWORD = 'of a sensor of the test';
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function township(more: Record<string, unknown> = {}): Promise<WholePath> {
  const path = new WholePath({ recording: { segmentSeconds: 2, reserveBytes: 0, ...more } });
  cleanups.push(() => path.remove());
  await path.start();
  return path;
}

async function playingCamera(): Promise<PlayingCamera> {
  const camera = new PlayingCamera();
  cleanups.push(() => camera.disappear());
  await camera.appear();
  return camera;
}

async function faultyCamera(script: Script): Promise<ScriptedRtspServer> {
  const server = new ScriptedRtspServer(script);
  cleanups.push(() => server.stop());
  await server.start();
  return server;
}

async function registerCamera(path: WholePath, name: string, url: string, login?: string): Promise<string> {
  const credentials = login === undefined ? {} : { username: 'admin' };
  const { device } = await path.register({
    ...{ name, driver: 'rtsp', type: 'camera', profileId: null, record: true },
    connection: { url, ...credentials },
    ...(login === undefined ? {} : { password: login }),
  });
  return device.deviceId;
}

/** A sensor that is registered and connected. */
async function sensor(path: WholePath, name: string): Promise<{ deviceId: string; topic: string; client: MqttClient }> {
  const profileId = 'generic/mqtt-smoke-gas';
  const order = { name, driver: 'mqtt-device', type: 'sensor', profileId, connection: {}, password: PASSWORD } as const;
  const { device, mqtt: account } = await path.register(order);
  const { username, topic } = account ?? { username: '', topic: '' };
  const login = { host: '127.0.0.1', port: path.ports.mqtt, username, password: PASSWORD };
  const client = await mqtt.connectAsync(login);
  cleanups.push(() => client.endAsync(true));
  return { deviceId: device.deviceId, topic, client };
}

async function eventsOf(path: WholePath, deviceId: string): Promise<IncidentEvent['event'][]> {
  const answer = await path.hub.admin.get(`/api/events?deviceId=${deviceId}&limit=100`);
  return (answer.json as IncidentEvent[]).map(({ event }) => event);
}

function waitForDevice(path: WholePath, deviceId: string, what: string, is: (device: Device) => boolean) {
  return waitFor(
    what,
    async () => {
      const device = await path.device(deviceId);
      if (is(device)) return device;
      throw new Error(JSON.stringify(device));
    },
    60_000,
    200,
  );
}

const isRecording = ({ online, edge }: Device): boolean => online && edge?.recording?.state === 'recording';

async function timelineOf(path: WholePath, deviceId: string, fromMs: number): Promise<RecordingTimeline> {
  const query = `deviceId=${deviceId}&stream=main&fromMs=${fromMs}&toMs=${Date.now()}`;
  const answer = await path.hub.admin.get(`/api/footage/timeline?${query}`);
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.json as RecordingTimeline;
}

function waitForGap(path: WholePath, deviceId: string, fromMs: number, cause: string): Promise<RecordingTimeline> {
  return waitFor(
    `the gap of cause ${cause}`,
    async () => {
      const timeline = await timelineOf(path, deviceId, fromMs);
      if (timeline.gaps.some((gap) => gap.cause === cause)) return timeline;
      throw new Error(JSON.stringify(timeline));
    },
    30_000,
    200,
  );
}

/** Waits until there are so many pieces, the last more than two seconds long. */
function waitForFootage(path: WholePath, deviceId: string, fromMs: number, pieces: number): Promise<boolean> {
  return waitFor(
    `${pieces} pieces of footage`,
    async () => {
      const timeline = await timelineOf(path, deviceId, fromMs);
      const last = timeline.ranges.at(-1);
      if (timeline.ranges.length === pieces && last !== undefined && last.toMs - last.fromMs > 2000) return true;
      throw new Error(JSON.stringify(timeline));
    },
    30_000,
    200,
  );
}

test('a camera goes and comes back, then the edge dies: row, events and timeline say it, and recording goes on', async () => {
  const fromMs = Date.now() - 1000;
  const path = await township();
  const camera = await playingCamera();
  const deviceId = await registerCamera(path, 'Gate', camera.url);
  await waitForDevice(path, deviceId, 'the camera to be recorded', isRecording);
  await waitForFootage(path, deviceId, fromMs, 1);
  await camera.disappear();
  const gone = await waitForDevice(path, deviceId, 'the camera to be gone', ({ reason }) => reason === 'unreachable');
  expect(gone.online).toBe(false);
  await camera.appear();
  await waitForDevice(path, deviceId, 'the camera to be recorded again', isRecording);
  await waitFor('both events', async () => {
    const kinds = (await eventsOf(path, deviceId)).map(({ kind }) => kind);
    return ['device.offline', 'device.online'].every((kind) => kinds.includes(kind));
  });
  await waitForGap(path, deviceId, fromMs, 'camera-lost');
  await waitForFootage(path, deviceId, fromMs, 2);

  await path.killEdge();
  const away = await waitForDevice(path, deviceId, 'the edge to be missed', ({ online }) => !online);
  expect(away.reason).toBe('edge-offline');
  await path.startEdge();
  await waitForDevice(path, deviceId, 'the camera to be recorded after the kill', isRecording);
  await waitForGap(path, deviceId, fromMs, 'edge-stopped');
  await waitForFootage(path, deviceId, fromMs, 3);
});

test('cameras with garbage, without an answer and with another password: each says why, and nothing else suffers', async () => {
  const path = await township();
  const good = await playingCamera();
  const garbage = await faultyCamera({
    onPlay: ({ socket }) => {
      for (let i = 0; i < 1200; i++) socket.write(buildInterleaved(0, Buffer.alloc(20)));
    },
  });
  const mute = await faultyCamera({ onRequest: () => true });
  const auth = { algorithm: 'MD5', qop: true, user: 'admin', password: 'right' } as const;
  const strict = await faultyCamera({ auth });
  const expected = [
    ['garbage', await registerCamera(path, 'Garbage', garbage.url)],
    ['no-answer', await registerCamera(path, 'Mute', mute.url)],
    ['refused-credentials', await registerCamera(path, 'Strict', strict.url, 'wrong')],
  ] as const;
  const goodId = await registerCamera(path, 'Good', good.url);
  const smoke = await sensor(path, 'Smoke');
  for (const [reason, deviceId] of expected) {
    const device = await waitForDevice(path, deviceId, reason, (row) => row.reason === reason);
    expect([device.online, device.edge?.streams[0]?.reason]).toEqual([false, reason]);
    expect(device.edge?.recording).toMatchObject({ reason: 'no-stream' });
  }
  await waitForDevice(path, goodId, 'the good camera to be recorded', isRecording);
  await smoke.client.publishAsync(smoke.topic, JSON.stringify({ smoke: true }), { qos: 1 });
  await waitFor('the smoke', async () => (await eventsOf(path, smoke.deviceId)).some(({ kind }) => kind === 'smoke'));
  const signIns = strict.clients
    .flatMap(({ requests }) => requests)
    .filter((request) => header(request, 'authorization') !== null);
  expect(signIns.length).toBeGreaterThan(0);
  expect(signIns.length).toBeLessThanOrEqual(2);
});

test('a sensor that sends nonsense is named in an event, keeps its place, and the next one goes on', async () => {
  const path = await township();
  const [broken, fine] = [await sensor(path, 'Broken'), await sensor(path, 'Fine')];
  for (const payload of ['no json', '[1]', Buffer.from([0xff, 0xfe, 0x00]), '{'.repeat(50), '']) {
    await broken.client.publishAsync(broken.topic, payload, { qos: 1 });
  }
  await fine.client.publishAsync(fine.topic, JSON.stringify({ gas: true }), { qos: 1 });
  await waitFor('the gas', async () => (await eventsOf(path, fine.deviceId)).some(({ kind }) => kind === 'gas'));
  const garbage = await waitFor('the garbage', async () =>
    (await eventsOf(path, broken.deviceId)).find(({ kind }) => kind === 'device.garbage'),
  );
  expect(garbage.data['message']).toContain(broken.deviceId);
  expect(garbage.data['message']).toContain('not JSON');
  await broken.client.publishAsync(broken.topic, JSON.stringify({ smoke: true }), { qos: 1 });
  await waitFor('the smoke', async () => (await eventsOf(path, broken.deviceId)).some(({ kind }) => kind === 'smoke'));
});

describe('the API', () => {
  test('answers a wrong body with 400 and a code, whatever it is', async () => {
    const path = await township();
    const { admin } = path.hub;
    const placement = { name: 'x', regionId: null, links: [] };
    const order = { edgeId: 'north', candidateId: null, driver: 'rtsp', type: 'camera', profileId: null, record: true };
    const bodies: unknown[] = [
      {},
      [],
      null,
      42,
      'text',
      { ...order, connection: {}, placement },
      { ...order, driver: 'no-such-driver', connection: {}, placement },
      { ...order, connection: { url: 7 }, placement: { ...placement, latitude: 1000 } },
      { ...order, surplus: true },
    ];
    for (const body of bodies) {
      const answer = await admin.send('POST', '/api/devices', body);
      expect([body, answer.status, codeOf(answer)]).toEqual([body, 400, 'INVALID_BODY']);
    }
    for (const raw of ['{"edgeId":', '\u0000', '{"__proto__":{"x":1}}']) {
      const response = await fetch(`${path.hub.addresses.url}/api/devices`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', cookie: admin.cookie ?? '', origin: path.hub.addresses.url },
        body: raw,
      });
      const { error } = (await response.json()) as { error: { code: string; message: string } };
      expect([raw, response.status, error.code]).toEqual([raw, 400, 'INVALID_BODY']);
      expect(error.message.length).toBeGreaterThan(10);
    }
    const nowhere = { latitude: null, longitude: null, bearingDeg: null, viewDistanceM: null, viewAngleDeg: null };
    const whole = { ...order, placement: { ...placement, ...nowhere } };
    for (const url of ['http://127.0.0.1/', 'not an address', 'rtsp://', 'rtsp://8.8.8.8/cam', 'file:///etc/passwd']) {
      const answer = await admin.send('POST', '/api/devices', { ...whole, connection: { url } });
      expect([url, answer.status, codeOf(answer)]).toEqual([
        url,
        expect.toSatisfy((status: number) => status >= 400 && status < 500),
        expect.stringMatching(/^(INVALID_BODY|ADDRESS_NOT_ALLOWED)$/),
      ]);
    }
    expect((await admin.get('/api/devices')).json).toEqual([]);
    for (const [name, route] of Object.entries(ROUTES) as [string, RouteDefinition][]) {
      // These end the session that the others need.
      if (name === 'signOut' || route.path === '/api/session') continue;
      const address = route.path.replace(/:\w+/g, 'no-such-thing');
      for (const body of route.method === 'GET' ? [undefined] : [{}, [1], 'x', { surplus: { deep: [null] } }]) {
        const answer = await admin.send(route.method, `${address}?limit=x&fromMs=NaN&toMs=%00&deviceId=..%2F`, body);
        expect([name, body, answer.status < 500, answer.text]).toEqual([name, body, true, expect.anything()]);
      }
    }
  });
});

test('a full disk stops recording loudly, not the events, and recording goes on when there is room', async (context) => {
  const disk = mkdtempSync(join(tmpdir(), 'small-disk-'));
  cleanups.push(() => rmSync(disk, { recursive: true, force: true }));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    console.warn('no tmpfs can be mounted here: the test of a full disk is skipped');
    return context.skip();
  }
  cleanups.push(() => execFileSync('umount', ['-l', disk]));
  const fromMs = Date.now() - 1000;
  const path = await township({ folder: disk, reserveBytes: 8 * 1024 * 1024 });
  const camera = await playingCamera();
  const deviceId = await registerCamera(path, 'Gate', camera.url);
  const smoke = await sensor(path, 'Smoke');
  await waitForDevice(path, deviceId, 'the camera to be recorded', isRecording);
  writeFileSync(join(disk, 'somebody-else'), Buffer.alloc(58 * 1024 * 1024));
  const stopped = await waitForDevice(
    path,
    deviceId,
    'the stop',
    ({ edge }) => edge?.recording?.reason === 'disk-full',
  );
  expect(stopped.edge?.recording?.state).toBe('failed');
  expect(stopped.online).toBe(true);
  const problem = await waitFor('the problem', async () =>
    (await path.edge()).status?.problems.find(({ code }) => code === 'STORAGE'),
  );
  expect(problem.message).toMatch(/nothing is recorded: .+/);
  await smoke.client.publishAsync(smoke.topic, JSON.stringify({ smoke: true }), { qos: 1 });
  await waitFor('the smoke', async () => (await eventsOf(path, smoke.deviceId)).some(({ kind }) => kind === 'smoke'));
  const told = async (): Promise<string[]> => {
    const events = (await path.hub.admin.get('/api/events?limit=100')).json as IncidentEvent[];
    return events.filter(({ event }) => event.kind === 'storage.full').map(({ event }) => event.state);
  };
  await waitFor('the event of the full disk', async () => (await told()).includes('active'));
  rmSync(join(disk, 'somebody-else'));
  await waitForDevice(path, deviceId, 'recording to go on', isRecording);
  // Recording counts as sound again only after half a minute without a fault.
  await waitFor('the end of the event', async () => (await told()).includes('cleared'), 90_000);
  await waitFor('the end of the problem', async () => (await path.edge()).status?.problems.length === 0);
  await waitForGap(path, deviceId, fromMs, 'disk-full');
});
