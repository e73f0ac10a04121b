import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Candidate, EdgeDevice, ProbeResult } from '../../contract/device.ts';
import type { RecordingTimeline } from '../../contract/footage.ts';
import { parseMediaMessage } from '../../contract/media-frame.ts';
import { seal, sealingContext } from '../../contract/sealed.ts';
import { VirtualAlarmBox } from '../../demo/alarm-box/virtual-alarm-box.ts';
import { ONVIF_PORT, RTSP_PORT, VirtualCamera } from '../../demo/camera/virtual-camera.ts';
import { VirtualSensor } from '../../demo/sensor/virtual-sensor.ts';
import { silentLog } from '../../platform/log.ts';
import { fragments } from '../../protocols/fmp4/parse-fragment.ts';
import { EdgeProcess } from '../support/edge/edge-process.ts';
import { makeSampleClip } from '../support/sample-clip.ts';
import { waitFor } from '../support/wait.ts';

const CAMERA = '127.77.0.21';
const PASSWORD = 'p@ss w0rd%';
let folder = '';
let edge: EdgeProcess;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'edge-process-'));
  edge = new EdgeProcess(join(folder, 'edge'), { recording: { segmentSeconds: 4, reserveBytes: 0 } });
  await edge.prepare();
});

afterEach(async () => {
  await edge.cleanUp();
  rmSync(folder, { recursive: true });
});

function portOf(listeners: readonly { name: string; address: string }[], name: string): number {
  const found = listeners.find((listener) => listener.name === name);
  return Number(found?.address.split(':').at(-1));
}

async function sealed(secret: string): Promise<unknown> {
  const key = String(edge.hub.joins[0]?.['sealingKey']);
  return seal(globalThis.crypto, key, sealingContext('north'), secret);
}

function device(deviceId: string): EdgeDevice | undefined {
  return edge.hub.inventory?.devices.find((candidate) => candidate.deviceId === deviceId);
}

describe('joining', () => {
  test('once; the identity is kept from others and the join file is not needed again', async () => {
    await edge.start('join.json');
    await waitFor('the status', () => edge.hub.statuses.some(({ online }) => online));
    const path = join(edge.folder, 'data', 'identity', 'identity.json');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const [join1] = edge.hub.joins;
    expect(Object.keys(join1 ?? {}).sort()).toEqual([
      'edgeId',
      'sealingKey',
      'secret',
      'signingKey',
      'token',
      'version',
    ]);
    expect(edge.hub.signIns[0]).toEqual({ user: 'north', password: join1?.['secret'] });
    expect(await edge.end('SIGTERM')).toBe(0);
    expect(edge.hub.statuses.at(-1)?.online).toBe(false);
    rmSync(join(edge.folder, 'join.json'));
    await edge.start(null);
    await edge.online();
    expect(edge.hub.joins).toHaveLength(1);
  });

  test('a used, an expired and a missing join file are each answered with what to do', async () => {
    await edge.start('join.json');
    await edge.end('SIGTERM');
    rmSync(join(edge.folder, 'data'), { recursive: true });
    await expect(edge.start('join.json')).rejects.toThrow(/used already.*sharp-eyes hub enrol/s);
    edge.writeJoinFile('old.json', 'token-of-the-join-file', Date.now() - 1000);
    await expect(edge.start('old.json')).rejects.toThrow(/expired on .*sharp-eyes hub enrol/s);
    await expect(edge.start(null)).rejects.toThrow(/has not joined a hub yet/);
    writeFileSync(join(edge.folder, 'broken.json'), '{"sharpEyesJoin":1}');
    await expect(edge.start('broken.json')).rejects.toThrow(/is no join file/);
  });

  test('a second edge on the same data folder is refused', async () => {
    await edge.start('join.json');
    const second = new EdgeProcess(edge.folder);
    try {
      await expect(second.start(null)).rejects.toThrow(/already works in/);
    } finally {
      await second.end('SIGKILL');
    }
  });

  test('a wrong configuration is told with line and nearest name', async () => {
    writeFileSync(join(edge.folder, 'edge.yaml'), 'data: x\nrecording:\n  segmentSecond: 4\n');
    await expect(edge.start('join.json')).rejects.toThrow(/edge\.yaml:3:3: .*did you mean "segmentSeconds"/);
  });
});

describe('a camera', () => {
  let camera: VirtualCamera;

  beforeEach(async () => {
    const main = makeSampleClip(folder, { width: 320, height: 180, seconds: 3 });
    const sub = makeSampleClip(folder, { width: 160, height: 90, seconds: 3 });
    camera = new VirtualCamera({
      address: CAMERA,
      identity: {
        uuid: '0f6bd1a2-5b7c-4f0e-9d33-0123456789ab',
        name: 'Gate',
        hardware: 'VC-1',
        model: 'VC-1',
        serial: 'SN1',
        mac: '02:00:00:00:00:21',
        profiles: ['Streaming'],
      },
      login: { username: 'viewer', password: PASSWORD },
      main: { file: main.clip, width: 320, height: 180, fps: 25 },
      sub: { file: sub.clip, width: 160, height: 90, fps: 25 },
      snapshotFile: main.picture,
      clockOffsetMs: 0,
    });
    await camera.start();
  });

  afterEach(() => camera.stop());

  test('typed in with its password, probed, registered, recorded, watched; recording survives kill -9', async () => {
    await edge.start('join.json');
    await edge.online();
    const typed = `rtsp://viewer:${encodeURIComponent(PASSWORD)}@${CAMERA}:${RTSP_PORT}/main`;
    const candidate = await edge.order<Candidate>('candidate.add', { url: typed, name: 'Gate' });
    expect(candidate.address).toBe(`rtsp://${CAMERA}:${RTSP_PORT}/main`);
    const { candidateId } = candidate;
    const probe = await edge.order<ProbeResult>('device.probe', { candidateId, connection: {} });
    expect(probe).toMatchObject({ ok: true, streams: [{ name: 'main', width: 320, height: 180 }] });
    await edge.order('device.register', {
      deviceId: 'gate',
      driver: 'rtsp',
      type: 'camera',
      candidateId,
      connection: {},
      profileId: null,
      record: true,
    });
    await waitFor('the camera to be recorded', () => device('gate')?.recording?.state === 'recording');
    expect(device('gate')).toMatchObject({ online: true, reason: 'ok', streams: [{ state: 'live', width: 320 }] });

    expect(await edge.order('live.start', { deviceId: 'gate', stream: 'sub', leaseMs: 20_000, handle: 42 })).toEqual({
      stream: 'main',
    });
    const messages = await waitFor('live media', () => (edge.hub.media.length > 20 ? edge.hub.media : null));
    const [first, second] = messages.map(({ payload }) => parseMediaMessage(payload));
    expect(messages[0]?.topic).toBe('sharp-eyes/1/north/media/gate.sub');
    expect(first).toMatchObject({ type: 'init', handle: 42 });
    expect(second).toMatchObject({ type: 'fragment', key: true, handle: 42 });
    await edge.order('live.stop', { deviceId: 'gate', stream: 'sub' });

    const fromMs = Date.now();
    await waitFor('a second segment', () => segmentFiles().length >= 2);
    await edge.end('SIGKILL');
    const killedAtMs = Date.now();
    const files = segmentFiles();
    expect([...fragments(readFileSync(files[0] ?? ''))].length).toBeGreaterThanOrEqual(100);
    // An edge that is back within a second leaves no gap that counts.
    await waitFor('a gap that counts', () => Date.now() - killedAtMs > 2000);
    await edge.start(null);
    await waitFor('recording to go on', () => segmentFiles().length > files.length);
    const timeline = await waitFor('the timeline', async () => {
      const params = { deviceId: 'gate', stream: 'main', fromMs: fromMs - 5000, toMs: Date.now() };
      const found = await edge.order<RecordingTimeline>('footage.timeline', params);
      return found.ranges.length > 0 && found.gaps.length > 0 ? found : null;
    });
    expect(timeline.gaps.map(({ cause }) => cause)).toContain('edge-stopped');
    expect(await edge.end('SIGTERM')).toBe(0);
    expect(edge.errors).not.toContain(PASSWORD);
    const kept = ['devices.sqlite', 'devices.sqlite-wal', 'recording.sqlite'].map((name) =>
      join(edge.folder, 'data', name),
    );
    for (const path of kept) {
      const text = readdirSync(join(edge.folder, 'data')).includes(path.split('/').at(-1) ?? '')
        ? readFileSync(path, 'latin1')
        : '';
      expect(text).not.toContain(PASSWORD);
    }
  });

  test('over ONVIF: main and sub stream, motion arrives as an event, a still picture, an outage is told', async () => {
    await edge.start('join.json');
    await edge.online();
    const url = `http://${CAMERA}:${ONVIF_PORT}/onvif/device_service`;
    const { candidateId } = await edge.order<Candidate>('candidate.add', { url });
    const connection = { username: 'viewer', password: await sealed(PASSWORD) };
    const probe = await edge.order<ProbeResult>('device.probe', { candidateId, connection });
    expect(probe).toMatchObject({ ok: true, type: 'camera' });
    expect(probe.snapshotBase64).not.toBeNull();
    const profileId = probe.suggestedProfileId;
    const common = { deviceId: 'gate', driver: 'onvif', type: 'camera', candidateId, profileId, record: false };
    await edge.order('device.register', { ...common, connection });
    await waitFor('the camera to be online with its streams', () => {
      const found = device('gate');
      return found?.online === true && found.streams.length === 2;
    });
    expect(device('gate')?.identity.model).toBe('VC-1');
    expect(edge.hub.inventory?.candidates).toEqual([]);
    camera.setMotion(true);
    await waitFor('motion', () => edge.hub.model.committed.event.length > 0);
    const { jpegBase64 } = await edge.order<{ jpegBase64: string }>('device.snapshot', { deviceId: 'gate' });
    expect(Buffer.from(jpegBase64, 'base64').subarray(0, 2).toString('hex')).toBe('ffd8');
    expect(await edge.order('live.start', { deviceId: 'gate', stream: 'sub', leaseMs: 5000, handle: 1 })).toEqual({
      stream: 'sub',
    });
    await waitFor('the sub stream', () => {
      const [message] = edge.hub.media.flatMap(({ payload }) => parseMediaMessage(payload) ?? []);
      return message?.description.includes('160');
    });
    const before = edge.hub.model.committed.event.length;
    await camera.stop();
    await waitFor('the outage', () => device('gate')?.online === false, 60_000);
    expect(device('gate')?.reason).toBe('unreachable');
    await waitFor('its event', () => edge.hub.model.committed.event.length > before);
    await edge.order('device.remove', { deviceId: 'gate' });
    await waitFor('the device to be gone', () => edge.hub.inventory?.devices.length === 0);
  });

  test('an address outside the allowed networks is refused with the reason', async () => {
    await edge.start('join.json');
    await edge.online();
    const reply = await edge.hub.order('candidate.add', { url: 'http://169.254.169.254/latest/meta-data' });
    expect(reply.error?.code).toBe('ADDRESS_NOT_ALLOWED');
    const other = await edge.hub.order('candidate.add', { url: 'ftp://127.0.0.1/' });
    expect(other.error?.code).toBe('INVALID_BODY');
  });

  function segmentFiles(): string[] {
    const root = join(edge.folder, 'data', 'recordings', 'gate', 'main');
    try {
      return readdirSync(root)
        .sort()
        .map((name) => join(root, name));
    } catch {
      return [];
    }
  }
});

test('an alarm box and a sensor: a press is acknowledged and arrives even when the edge dies before the hub is back', async () => {
  const ready = await edge.start('join.json');
  await edge.online();
  const nothing = { candidateId: null, record: false };
  await edge.order('device.register', {
    deviceId: 'box',
    driver: 'sia-dc09',
    type: 'alarm-box',
    connection: { account: '1A2B' },
    profileId: 'generic/dc09-help-box',
    ...nothing,
  });
  await edge.order('device.register', {
    deviceId: 'river',
    driver: 'mqtt-device',
    type: 'sensor',
    connection: { password: await sealed('sensor-secret') },
    profileId: 'generic/mqtt-water-level',
    ...nothing,
  });
  const sensor = new VirtualSensor({
    brokerUrl: `mqtt://127.0.0.1:${portOf(ready.listeners, 'mqtt')}`,
    username: 'river',
    password: 'sensor-secret',
    topic: 'devices/river/state',
    periodMs: 500,
    reading: () => ({ levelM: 1.25, level: 1.25, water_level: 1.25 }),
    log: silentLog,
  });
  sensor.start();
  const receiver = { address: '127.0.0.1', port: portOf(ready.listeners, 'sia-dc09') };
  const box = new VirtualAlarmBox({
    receiver,
    address: '127.0.0.1',
    account: '1A2B',
    supervisionMs: 60_000,
    log: silentLog,
  });
  box.start();
  try {
    await waitFor('both to be online', () => device('box')?.online === true && device('river')?.online === true);
    edge.hub.deaf = true;
    expect(await box.pressHelp()).toBe(true);
    await edge.end('SIGKILL');
    edge.hub.deaf = false;
    await edge.start(null);
    await waitFor('the press', () => edge.hub.model.committed.alarm.length === 1);
    await waitFor('the registered devices', () => device('box') !== undefined && device('river') !== undefined);
  } finally {
    box.stop();
    await sensor.stop();
  }
});
