import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Device } from '../../../../contract/api/devices.ts';
import type { EdgeDevice } from '../../../../contract/device.ts';
import { topics } from '../../../../contract/topics.ts';
import { AuditLog } from '../../../../hub/audit/audit-log.ts';
import type { EdgeLink, LinkHandler } from '../../../../hub/broker/link.ts';
import { HubEvents } from '../../../../hub/hub-events.ts';
import { Registry } from '../../../../hub/registry/registry.ts';
import { silentLog } from '../../../../platform/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { type TemporaryStorage, temporaryStorage } from '../../../support/hub-storage.ts';

const PLACE = { latitude: null, longitude: null, bearingDeg: null, viewDistanceM: null, viewAngleDeg: null, links: [] };
const placement = (name: string, regionId: string | null = null) => ({ name, regionId, ...PLACE });

function keys(): { sealingKey: string; signingKey: string } {
  const { x, y } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
  const point = [Buffer.of(4), Buffer.from(x ?? '', 'base64url'), Buffer.from(y ?? '', 'base64url')];
  const spki = generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' });
  return { sealingKey: Buffer.concat(point).toString('base64url'), signingKey: spki.toString('base64url') };
}

function reported(deviceId: string, change: Partial<EdgeDevice> = {}): EdgeDevice {
  const identity = { manufacturer: null, model: 'M1', firmware: null, serial: null, mac: null };
  const base = { driver: 'onvif', type: 'camera', address: 'http://10.0.0.1', profileId: null, online: true } as const;
  return {
    deviceId,
    ...base,
    identity,
    reason: 'ok',
    sinceMs: 7,
    clockOffsetMs: 0,
    streams: [],
    recording: null,
    ...change,
  };
}

describe('registry', () => {
  let db: TemporaryStorage;
  let clock: FakeClock;
  let registry: Registry;
  let handlers: LinkHandler[];
  let orders: string[];
  let seen: { devices: Device[]; added: string[] };
  let audit: AuditLog;

  async function open(): Promise<void> {
    const events = new HubEvents();
    audit = new AuditLog(db.storage, clock);
    registry = new Registry({ storage: db.storage, audit, events, clock, log: silentLog });
    await registry.start();
    handlers = [];
    orders = [];
    seen = { devices: [], added: [] };
    events.on('device', (device) => seen.devices.push(device));
    events.on('deviceAdded', (device) => seen.added.push(device.deviceId));
    const link = {
      onMessage: (handler: LinkHandler) => {
        handlers.push(handler);
        return () => undefined;
      },
    };
    registry.connect(link as unknown as EdgeLink, async (edgeId, deviceId) => orders.push(`${edgeId}/${deviceId}`));
  }

  beforeEach(async () => {
    db = await temporaryStorage();
    clock = new FakeClock();
    await open();
  });
  afterEach(async () => {
    await registry.stop();
    await db.remove();
  });

  function send(topic: string, value: unknown): void {
    for (const handler of handlers) handler(topic, Buffer.from(JSON.stringify(value)), { retain: false });
  }
  function online(edgeId: string, isOnline = true, instance = 'i'): void {
    const rest = { backlog: { alarm: 0, event: 0 }, dropped: {}, diskFreeBytes: null, problems: [], listeners: [] };
    send(topics.status(edgeId), { online: isOnline, version: '1', instance, epoch: 'e', edgeAtMs: null, ...rest });
  }
  function inventory(edgeId: string, devices: EdgeDevice[], candidates: unknown[] = []): void {
    send(topics.inventory(edgeId), { version: 1, devices, candidates });
  }
  async function camera(deviceId: string, edgeId = 'north', candidateId: string | null = null): Promise<Device> {
    const identity = { deviceId, edgeId, candidateId, type: 'camera', driver: 'onvif' } as const;
    return (await registry.register(identity, placement(deviceId, 'county'), async () => undefined)).device;
  }

  test('a new centre begins with one county', () => {
    expect(registry.regions.tree.all()).toEqual([
      { regionId: 'county', parentId: null, level: 'county', name: '县', code: null },
    ]);
  });

  test('a region stands below one of a higher level', async () => {
    const town = await registry.regions.create({ parentId: 'county', level: 'township', name: '刘湾镇', code: null });
    expect(registry.regions.tree.path(town.regionId)).toEqual(['县', '刘湾镇']);
    const wrong = { parentId: town.regionId, level: 'county', name: 'x', code: null } as const;
    await expect(registry.regions.create(wrong)).rejects.toMatchObject({ code: 'INVALID_BODY' });
    const lost = { parentId: 'nowhere', level: 'village', name: 'x', code: null } as const;
    await expect(registry.regions.create(lost)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  describe('joining', () => {
    const secret = 's'.repeat(43);

    test('the token works once, for its edge, within a day; then only the same request again', async () => {
      const { token } = await registry.edges.enrol('north', 'North', null);
      const request = { edgeId: 'north', token, secret, ...keys() };
      const refused = { code: 'JOIN_TOKEN_INVALID' };
      await expect(registry.join({ ...request, token: 'x'.repeat(43) })).rejects.toMatchObject(refused);
      await expect(registry.join({ ...request, edgeId: 'south' })).rejects.toMatchObject(refused);
      expect(await registry.join(request)).toMatchObject({ edgeId: 'north', sealingKey: request.sealingKey });
      expect(await registry.edges.isAuthentic('north', secret)).toBe(true);
      expect(await registry.join(request)).toMatchObject({ edgeId: 'north' });
      await expect(registry.join({ ...request, secret: 'x'.repeat(43) })).rejects.toMatchObject(refused);
      await expect(registry.join({ ...request, ...keys() })).rejects.toMatchObject(refused);
      expect(await registry.edges.isAuthentic('north', 'x'.repeat(43))).toBe(false);
    });

    test('two edges that use the same token at once: one of them joins', async () => {
      const { token } = await registry.edges.enrol('north', 'North', null);
      const tries = ['a', 'b', 'c'].map((letter) =>
        registry.join({ edgeId: 'north', token, secret: letter.repeat(43), ...keys() }),
      );
      const outcomes = await Promise.allSettled(tries);
      expect(outcomes.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    });

    test('a token is over after a day and when a newer one was made', async () => {
      const first = await registry.edges.enrol('north', 'North', null);
      const second = await registry.edges.enrol('north', 'North', null);
      const request = { edgeId: 'north', secret, ...keys() };
      const refused = { code: 'JOIN_TOKEN_INVALID' };
      await expect(registry.join({ ...request, token: first.token })).rejects.toMatchObject(refused);
      await clock.advance(24 * 60 * 60 * 1000 + 1);
      await expect(registry.join({ ...request, token: second.token })).rejects.toMatchObject(refused);
    });

    test('an edge that is enrolled anew keeps its credential until it has joined anew', async () => {
      const first = await registry.edges.enrol('north', 'North', null);
      await registry.join({ edgeId: 'north', token: first.token, secret, ...keys() });
      const second = await registry.edges.enrol('north', 'North again', null);
      expect(await registry.edges.isAuthentic('north', secret)).toBe(true);
      await registry.join({ edgeId: 'north', token: second.token, secret: 'n'.repeat(43), ...keys() });
      expect(await registry.edges.isAuthentic('north', secret)).toBe(false);
      expect(await registry.edges.isAuthentic('north', 'n'.repeat(43))).toBe(true);
    });

    test.each(['', 'AAAA', 'B'.repeat(87), '%'])('a key that is none is refused: %s', async (bad) => {
      const { token } = await registry.edges.enrol('north', 'North', null);
      const request = { edgeId: 'north', token, secret, ...keys() };
      await expect(registry.join({ ...request, sealingKey: bad })).rejects.toMatchObject({ code: 'INVALID_BODY' });
      await expect(registry.join({ ...request, signingKey: bad })).rejects.toMatchObject({ code: 'INVALID_BODY' });
      expect(await registry.join(request)).toMatchObject({ edgeId: 'north' });
    });

    test('neither token nor secret is stored', async () => {
      const { token } = await registry.edges.enrol('north', 'North', null);
      await registry.join({ edgeId: 'north', token, secret, ...keys() });
      const text = JSON.stringify(await db.storage.db.selectFrom('edges').selectAll().execute());
      expect(text).not.toContain(token);
      expect(text).not.toContain(secret);
    });
  });

  describe('devices', () => {
    beforeEach(async () => {
      await registry.edges.enrol('north', 'North', 'county');
      await registry.edges.enrol('south', 'South', null);
    });

    test('what people decided and what the edge reports come together', async () => {
      await camera('a');
      expect(registry.device('a')).toMatchObject({ online: false, reason: 'edge-offline', number: 1, edge: null });
      online('north');
      expect(registry.device('a')).toMatchObject({ online: false, reason: 'never-seen' });
      inventory('north', [reported('a')]);
      expect(registry.device('a')).toMatchObject({ online: true, reason: 'ok', sinceMs: 7, regionPath: ['县'] });
      inventory('north', [reported('a', { online: false, reason: 'refused-credentials' })]);
      expect(seen.devices.at(-1)).toMatchObject({ deviceId: 'a', online: false, reason: 'refused-credentials' });
      online('north', false);
      expect(seen.devices.at(-1)).toMatchObject({ deviceId: 'a', online: false, reason: 'edge-offline' });
    });

    test('numbers are not given out twice, also after removal and restart', async () => {
      expect([(await camera('a')).number, (await camera('b')).number]).toEqual([1, 2]);
      await registry.removeDevice('b');
      await registry.stop();
      await open();
      expect((await camera('c')).number).toBe(3);
      expect(registry.devices().map((device) => device.deviceId)).toEqual(['a', 'c']);
    });

    test('of two changes decided on the same version the second is refused', async () => {
      await camera('a');
      expect(await registry.placeDevice('a', 1, placement('East gate'))).toMatchObject({
        name: 'East gate',
        version: 2,
      });
      await expect(registry.placeDevice('a', 1, placement('West gate'))).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(registry.device('a')).toMatchObject({ name: 'East gate', version: 2 });
    });

    test('a device whose edge could not connect is not registered, and one that connected late is taken out', async () => {
      const identity = { deviceId: 'a', edgeId: 'north', candidateId: null, type: 'camera', driver: 'onvif' } as const;
      const failing = registry.register(identity, placement('a'), () => Promise.reject(new Error('timeout')));
      await expect(failing).rejects.toThrow('timeout');
      expect(registry.devices()).toEqual([]);
      online('north');
      inventory('north', [reported('a')]);
      await registry.stop();
      expect(orders).toEqual(['north/a']);
      expect(registry.devices()).toEqual([]);
    });

    test('a device that its edge reports before the registration is stored is registered once', async () => {
      online('north');
      const identity = { deviceId: 'a', edgeId: 'north', candidateId: null, type: 'camera', driver: 'onvif' } as const;
      const { device } = await registry.register(identity, placement('Gate'), async () => {
        inventory('north', [reported('a')]);
      });
      await registry.stop();
      expect(device).toMatchObject({ name: 'Gate', online: true });
      expect(seen.added).toEqual(['a']);
      expect(orders).toEqual([]);
    });

    test('an edge that comes back with a removed device is told to take it out', async () => {
      await camera('a');
      await registry.removeDevice('a');
      online('north');
      inventory('north', [reported('a')]);
      await registry.stop();
      expect(orders).toEqual(['north/a']);
      expect(registry.device('a')).toBeNull();
    });

    test('a device that the hub forgot comes back under its id', async () => {
      online('north');
      inventory('north', [reported('old')]);
      await registry.stop();
      expect(registry.device('old')).toMatchObject({ name: 'M1', regionId: 'county', online: true });
      expect(await audit.list({ action: 'device.adopt' })).toMatchObject([{ subject: 'old' }]);
    });

    test('an edge cannot report the device of another edge', async () => {
      await camera('a', 'north');
      online('north');
      online('south');
      inventory('south', [reported('a')]);
      await registry.stop();
      expect(registry.device('a')).toMatchObject({ edgeId: 'north', online: false, reason: 'never-seen' });
      expect(await audit.list({ action: 'edge.impersonation' })).toMatchObject([
        { subject: 'south', details: { deviceId: 'a' } },
      ]);
    });

    test('a cloned edge is noted once it shows up beside the first', async () => {
      for (const instance of ['one', 'two', 'one']) online('north', true, instance);
      await registry.stop();
      expect(await audit.list({ action: 'edge.cloned' })).toMatchObject([{ subject: 'north' }]);
    });

    test('candidates say which of them is registered', async () => {
      const found = {
        driver: 'onvif',
        type: 'camera',
        address: 'http://10.0.0.2',
        name: 'Cam',
        hardware: 'M1',
        foundBy: 'ws-discovery',
        firstSeenMs: 1,
        lastSeenMs: 2,
        change: 'new',
      };
      await camera('a', 'north', 'c1');
      inventory(
        'north',
        [],
        [
          { candidateId: 'c1', ...found },
          { candidateId: 'c2', ...found },
        ],
      );
      const registered = registry.candidates().map((candidate) => [candidate.candidateId, candidate.registeredAs]);
      expect(registered).toEqual([
        ['c1', 'a'],
        ['c2', null],
      ]);
    });

    test('messages that are damaged or of unknown edges are counted and change nothing', async () => {
      await camera('a');
      online('north');
      for (const bad of [null, 1, {}, { online: 'yes' }, []]) {
        send(topics.status('north'), bad);
        send(topics.inventory('north'), bad);
      }
      for (const handler of handlers) handler(topics.inventory('north'), Buffer.from('{"ver'), { retain: false });
      online('nobody');
      expect(registry.counters()).toMatchObject({ malformed: 11, unknownEdge: 1 });
      expect(registry.edges.get('north')).toMatchObject({ online: true });
    });
  });
});
