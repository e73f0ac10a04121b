import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SharpEyesError } from '../../../../contract/errors.ts';
import type { EdgeEvent } from '../../../../contract/event.ts';
import { seal, sealingContext } from '../../../../contract/sealed.ts';
import { AllowedNetworks } from '../../../../edge/devices/allowed-networks.ts';
import { DeviceRegistry, type Registration } from '../../../../edge/devices/device-registry.ts';
import { DEVICE_MIGRATIONS, DeviceStore } from '../../../../edge/devices/device-store.ts';
import type { DeviceDriver, DriverDevice, DriverPorts, StreamSourceInfo } from '../../../../edge/devices/driver.ts';
import { StreamPool } from '../../../../edge/devices/stream-pool.ts';
import { openSealed } from '../../../../edge/identity/identity.ts';
import { makeIdentity, openIdentity } from '../../../../edge/identity/identity-file.ts';
import { silentLog } from '../../../../platform/log.ts';
import { SqliteDatabase } from '../../../../platform/sqlite/database.ts';
import { FakePuller } from '../../../support/edge/fake-puller.ts';
import { FakeClock, settle } from '../../../support/fake-clock.ts';
import { waitFor } from '../../../support/wait.ts';

const SECRET = 'the camera password';
const URL = 'http://192.168.1.20/onvif/device_service';
const SUB: StreamSourceInfo = {
  name: 'sub',
  url: 'rtsp://192.168.1.20/sub',
  username: 'u',
  password: SECRET,
  codec: 'H264',
  width: 640,
  height: 360,
  fps: 15,
};
const MAIN: StreamSourceInfo = { ...SUB, name: 'main', url: 'rtsp://192.168.1.20/main' };
const joinFile = {
  sharpEyesJoin: 1 as const,
  edgeId: 'north',
  token: 'x'.repeat(16),
  expiresAtMs: 0,
  hubUrl: 'http://127.0.0.1',
  mqttUrl: 'mqtt://127.0.0.1',
  mediaUrl: 'mqtt://127.0.0.1',
  caPem: null,
};
const identity = await openIdentity(await makeIdentity(joinFile));

let folder = '';
let database: SqliteDatabase;
let clock: FakeClock;
let events: EdgeEvent[];
let recorded: string[];
let puller: FakePuller;
let running: Map<string, { device: DriverDevice; ports: DriverPorts; stopped: boolean }>;
let refuse: SharpEyesError | null;
let registry: DeviceRegistry;

const driver: DeviceDriver = {
  probe: () => Promise.reject(new Error('not asked')),
  start: async (device, ports) => {
    if (refuse !== null) throw refuse;
    const entry = { device, ports, stopped: false };
    running.set(device.deviceId, entry);
    return {
      stop: async () => {
        entry.stopped = true;
      },
    };
  },
};

function make(): DeviceRegistry {
  let ids = 0;
  return new DeviceRegistry({
    store: new DeviceStore(database),
    drivers: { onvif: driver, rtsp: driver, 'sia-dc09': driver, 'mqtt-device': driver, hj212: driver, modbus: driver },
    pool: new StreamPool(puller, clock, () => undefined),
    recorder: {
      begin: async (deviceId, resumed) => void recorded.push(`begin ${deviceId}${resumed ? ' resumed' : ''}`),
      end: async (deviceId) => void recorded.push(`end ${deviceId}`),
      info: () => null,
    },
    networks: new AllowedNetworks(['192.168.0.0/16'], false),
    unseal: (sealed) => openSealed(identity, sealed),
    commitAll: async (all) => void events.push(...all.map(({ event }) => event)),
    sample: () => undefined,
    newId: () => `id-${++ids}`,
    servesDirectly: false,
    maxDevices: 3,
    onStreamsGone: () => undefined,
    onChange: () => undefined,
    clock,
    log: silentLog,
  });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'registry-'));
  database = new SqliteDatabase({
    file: join(folder, 'devices.sqlite'),
    migrations: DEVICE_MIGRATIONS,
    log: silentLog,
  });
  await database.start();
  clock = new FakeClock();
  events = [];
  recorded = [];
  puller = new FakePuller();
  running = new Map();
  refuse = null;
  registry = make();
  await registry.start();
});

afterEach(async () => {
  await registry.stop();
  await database.stop();
  rmSync(folder, { recursive: true });
});

async function registration(deviceId: string, change: Partial<Registration> = {}): Promise<Registration> {
  const password = await seal(globalThis.crypto, identity.sealingPublicKey, sealingContext('north'), SECRET);
  const connection = { url: URL, username: 'u', password };
  return { deviceId, driver: 'onvif', type: 'camera', connection, profileId: null, record: true, ...change };
}

function entry(deviceId: string): { device: DriverDevice; ports: DriverPorts; stopped: boolean } {
  const found = running.get(deviceId);
  if (found === undefined) throw new Error(`${deviceId} does not run`);
  return found;
}

describe('registering', () => {
  test('the driver gets the opened password; neither disk nor inventory nor errors have it', async () => {
    const device = await registry.register(await registration('gate'));
    expect(entry('gate').device.connection).toEqual({ url: URL, username: 'u', password: SECRET, account: null });
    expect(JSON.stringify(device)).not.toContain(SECRET);
    await database.query('SELECT 1');
    for (const name of ['devices.sqlite', 'devices.sqlite-wal']) {
      expect(readFileSync(join(folder, name), 'latin1')).not.toContain(SECRET);
    }
  });

  test('a password sealed to another edge is refused with what to do', async () => {
    const password = await seal(globalThis.crypto, identity.sealingPublicKey, sealingContext('south'), SECRET);
    const wrong = await registration('gate', { connection: { url: URL, username: 'u', password } });
    await expect(registry.register(wrong)).rejects.toMatchObject({ code: 'INVALID_BODY' });
    expect(registry.list()).toEqual([]);
  });

  test('an address outside the allowed networks and too many devices are refused', async () => {
    const outside = await registration('gate', { connection: { url: 'http://8.8.8.8/' } });
    await expect(registry.register(outside)).rejects.toMatchObject({ code: 'ADDRESS_NOT_ALLOWED' });
    for (const id of ['a', 'b', 'c']) await registry.register(await registration(id));
    await expect(registry.register(await registration('d'))).rejects.toMatchObject({ code: 'LIMIT_REACHED' });
  });

  test('a change that the driver refuses leaves the device as it was', async () => {
    await registry.register(await registration('gate'));
    refuse = new SharpEyesError('CONFLICT', 'taken');
    const change = registration('gate', { profileId: 'other' });
    const outcome = registry.register(await change).catch((error: unknown) => error);
    await settle();
    expect(await outcome).toMatchObject({ code: 'CONFLICT' });
    refuse = null;
    expect(registry.list().map(({ deviceId, profileId }) => [deviceId, profileId])).toEqual([['gate', null]]);
    expect((await new DeviceStore(database).load()).map(({ profileId }) => profileId)).toEqual([null]);
  });

  test('a removed device is stopped, and unknown ones are told', async () => {
    await registry.register(await registration('gate'));
    await registry.remove('gate');
    expect(entry('gate').stopped).toBe(true);
    expect(registry.list()).toEqual([]);
    await expect(registry.remove('gate')).rejects.toMatchObject({ code: 'DEVICE_UNKNOWN' });
  });
});

describe('state', () => {
  test('the first state is no news; a loss and a return are each told once', async () => {
    await registry.register(await registration('gate'));
    const { ports } = entry('gate');
    ports.onStatus({ online: true, reason: 'ok', clockOffsetMs: 5 });
    expect(events).toEqual([]);
    ports.onStatus({ online: false, reason: 'unreachable', clockOffsetMs: null });
    ports.onStatus({ online: false, reason: 'no-answer', clockOffsetMs: null });
    ports.onStatus({ online: true, reason: 'ok', clockOffsetMs: 5 });
    expect(events.map(({ kind, data }) => [kind, data['reason']])).toEqual([
      ['device.offline', 'unreachable'],
      ['device.online', 'ok'],
    ]);
  });

  test('after a restart the same state is no news, another one is', async () => {
    await registry.register(await registration('gate'));
    entry('gate').ports.onStatus({ online: true, reason: 'ok', clockOffsetMs: null });
    await waitFor('the state on the disk', async () => (await new DeviceStore(database).load())[0]?.online === true);
    await registry.stop();
    registry = make();
    await registry.start();
    const { ports } = entry('gate');
    ports.onStatus({ online: true, reason: 'ok', clockOffsetMs: null });
    expect(events).toEqual([]);
    ports.onStatus({ online: false, reason: 'silent', clockOffsetMs: null });
    expect(events.map(({ kind }) => kind)).toEqual(['device.offline']);
  });

  test('a device that is stopped says nothing more', async () => {
    await registry.register(await registration('gate'));
    const { ports } = entry('gate');
    ports.onStatus({ online: true, reason: 'ok', clockOffsetMs: null });
    await registry.remove('gate');
    ports.onStatus({ online: false, reason: 'unreachable', clockOffsetMs: null });
    expect(events).toEqual([]);
  });
});

describe('streams', () => {
  test('recording begins when the streams are known, and anew only when their source changes', async () => {
    await registry.register(await registration('gate'));
    const { ports } = entry('gate');
    ports.onStreams([MAIN, SUB]);
    ports.onStreams([MAIN, { ...SUB, fps: 20 }]);
    await settle();
    expect(recorded).toEqual(['begin gate']);
    ports.onStreams([{ ...MAIN, url: 'rtsp://192.168.1.20/other' }, SUB]);
    await settle();
    expect(recorded).toEqual(['begin gate', 'begin gate']);
    expect(registry.list()[0]?.streams.map(({ name, state }) => `${name} ${state}`)).toEqual(['main idle', 'sub idle']);
  });

  test('a stream that leads out of the allowed networks is not used', async () => {
    await registry.register(await registration('gate'));
    entry('gate').ports.onStreams([{ ...MAIN, url: 'rtsp://169.254.169.254/latest' }]);
    await settle();
    expect(recorded).toEqual([]);
    expect(registry.list()[0]).toMatchObject({ reason: 'address-not-allowed', streams: [] });
  });

  test('recording of kept devices is a continuation', async () => {
    await registry.register(await registration('gate'));
    await registry.stop();
    recorded = [];
    registry = make();
    await registry.start();
    entry('gate').ports.onStreams([MAIN]);
    await settle();
    expect(recorded).toEqual(['begin gate resumed']);
  });

  test('a device that moved is served at its new address', async () => {
    await registry.register(await registration('gate'));
    registry.moved(URL, 'http://192.168.1.99/onvif/device_service');
    await waitFor('the new address', () => entry('gate').device.connection.url?.includes('1.99'));
    expect(entry('gate').device.connection.password).toBe(SECRET);
  });
});
