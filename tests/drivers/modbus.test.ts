import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Sample } from '../../contract/event.ts';
import { VirtualMeter } from '../../demo/meter/virtual-meter.ts';
import { AllowedNetworks } from '../../edge/devices/allowed-networks.ts';
import type { DriverHandle, DriverStatus } from '../../edge/devices/driver.ts';
import { blocksOf } from '../../edge/drivers/modbus/blocks.ts';
import { ModbusConnection, parseModbusUrl } from '../../edge/drivers/modbus/connection.ts';
import { RegisterPoll } from '../../edge/drivers/modbus/poll.ts';
import { loadProfiles } from '../../edge/profiles/load.ts';
import type { RegisterRule } from '../../edge/profiles/schema.ts';
import { ModbusDriver } from '../../edge/wiring/modbus-driver.ts';
import { systemClock } from '../../platform/clock.ts';
import { silentLog } from '../../platform/log.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { MemorySink } from '../support/memory-sink.ts';
import { hasPymodbus, startPymodbus } from '../support/modbus-server.ts';
import { waitFor } from '../support/wait.ts';

const catalog = loadProfiles(join(import.meta.dirname, '..', '..', 'device-profiles'));
const HOST = '127.0.0.1';

let clock: FakeClock;
let sink: MemorySink;
let meter: VirtualMeter;
let driver: ModbusDriver;
let handle: DriverHandle | null = null;
let statuses: DriverStatus[];
let samples: Sample[];
const others: Server[] = [];

beforeEach(async () => {
  clock = new FakeClock();
  sink = new MemorySink();
  statuses = [];
  samples = [];
  meter = new VirtualMeter(HOST);
  meter.registers.set(0, 1250);
  meter.bits.set(0, false);
  await meter.start();
  driver = new ModbusDriver({ catalog, networks: new AllowedNetworks([], true), clock, log: silentLog });
});

afterEach(async () => {
  await handle?.stop();
  handle = null;
  await meter.stop();
  for (const server of others.splice(0)) server.close();
});

async function begin(port = meter.port): Promise<void> {
  const connection = { url: `modbus://${HOST}:${port}/1`, username: null, password: null, account: null };
  handle = await driver.start(
    { deviceId: 'gauge', type: 'sensor', profileId: 'generic/modbus-water-level', connection },
    {
      commitAll: (events) => sink.commitAll(events),
      sample: (sample) => void samples.push(sample),
      onStatus: (status) => void statuses.push(status),
      onIdentity: () => undefined,
      onStreams: () => undefined,
      onAbilities: () => undefined,
    },
  );
}

const last = (): DriverStatus | undefined => statuses.at(-1);
const online = (): Promise<true> => waitFor('it to be online', () => last()?.online === true || undefined);

/** Time passes until the effect is there. */
function meanwhile<T>(what: string, probe: () => T | undefined, stepMs = 1000): Promise<NonNullable<T>> {
  return waitFor(what, async () => {
    await clock.advance(stepMs);
    return probe();
  });
}

describe('a gauge', () => {
  test('is read, its level becomes an alarm and ends', async () => {
    await begin();
    await online();
    await waitFor('the first sample', () => samples.length === 1);
    expect(samples[0]).toMatchObject({ quantity: 'water-level', value: 1.25, unit: 'm' });
    meter.registers.set(0, 3200);
    await meanwhile('the alarm', () => sink.told.includes('water-level.high active') || undefined);
    meter.registers.set(0, 0xfff6);
    await meanwhile('its end', () => sink.told.at(-1) === 'water-level.high cleared' || undefined);
    expect(samples.at(-1)?.value).toBeCloseTo(-0.01);
    expect(meter.connections).toBe(1);
  });

  test('asks at the pace of its profile and not more', async () => {
    await begin();
    await waitFor('the first round', () => samples.length === 1);
    const before = meter.requests;
    for (let second = 0; second < 9; second += 1) await clock.advance(1000);
    expect(meter.requests).toBe(before);
    await meanwhile('the next round', () => samples.length === 2 || undefined);
    expect(meter.requests).toBe(before + 2);
  });

  test('without a register that the profile names the others are read all the same', async () => {
    meter.bits.clear();
    await begin();
    await online();
    await waitFor('a sample', () => samples.length === 1);
    expect(sink.told).toEqual(['water-level.high cleared']);
  });
});

describe('habits of devices', () => {
  test('one that knows no bits is read all the same', async () => {
    meter.unknownFunctions.add(2);
    await begin();
    await online();
    await waitFor('a sample', () => samples.length === 1);
  });

  test('one that hangs up after each answer is called again, and nobody is told', async () => {
    meter.hangsUp = true;
    await begin();
    await online();
    for (const count of [2, 3, 4]) {
      await waitFor('the end of the connection', () => meter.connections === 0);
      await meanwhile('another round', () => samples.length >= count || undefined);
    }
    expect(statuses.filter((status) => !status.online && status.reason !== 'connecting')).toEqual([]);
  });

  test('one that starts has nothing at first, and everything later', async () => {
    const level = meter.registers.get(0) ?? 0;
    meter.registers.clear();
    meter.bits.clear();
    await begin();
    await waitFor('the failure', () => last()?.reason === 'garbage');
    meter.registers.set(0, level);
    await meanwhile('the level', () => samples.length > 0 || undefined);
    meter.bits.set(0, true);
    await meanwhile('its fault', () => sink.told.includes('sensor.alarm active') || undefined, 10_000);
  });
});

describe('when it is not well', () => {
  test('the loss of it is said with its reason, and it is found again', async () => {
    await begin();
    await online();
    const { port } = meter;
    await meter.stop();
    await meanwhile('the loss', () => last()?.reason === 'unreachable' || undefined);
    await meter.start(port);
    await meanwhile('its return', () => last()?.online === true || undefined);
  });

  test('silence is no answer, and the connection is given up', async () => {
    meter.silent = true;
    await begin();
    await waitFor('a request', () => meter.requests > 0);
    await meanwhile('the loss', () => last()?.reason === 'no-answer' || undefined);
    await waitFor('the end of the connection', () => meter.connections === 0);
    meter.silent = false;
    await meanwhile('its return', () => last()?.online === true || undefined);
  });

  test.each([
    ['a device that is busy', 6, 'no-answer'],
    ['a gateway without its unit', 11, 'no-answer'],
    ['a device without any such register', 2, 'garbage'],
  ])('%s is not called well', async (_what, exception, reason) => {
    meter.exception = exception;
    await begin();
    await waitFor('the failure', () => last()?.reason === reason);
    expect(samples).toEqual([]);
    meter.exception = null;
    await meanwhile('its return', () => last()?.online === true || undefined);
  });

  test('a web server under its address is garbage, and a stream without end holds nothing', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.on('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'.repeat(1000)));
    });
    others.push(server);
    await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
    await begin((server.address() as { port: number }).port);
    await waitFor('the failure', () => last()?.reason === 'garbage');
  });

  test('what cannot be stored is told again with the next reading, and is not the fault of the gauge', async () => {
    meter.registers.set(0, 3200);
    sink.failure = new Error('the disk is full');
    await begin();
    await waitFor('the failure', () => sink.begun > 0);
    expect(last()).toMatchObject({ online: true, reason: 'ok' });
    expect(meter.connections).toBe(1);
    sink.failure = null;
    await meanwhile('the alarm', () => sink.told.includes('water-level.high active') || undefined);
  });
});

test('without a profile it does not begin: nobody can guess what registers mean', async () => {
  const connection = { url: `modbus://${HOST}:${meter.port}`, username: null, password: null, account: null };
  const device = { deviceId: 'gauge', type: 'sensor', profileId: null, connection } as const;
  await expect(driver.start(device, {} as never)).rejects.toMatchObject({ code: 'PROFILE_INVALID' });
});

describe('addresses', () => {
  test('outside of the allowed networks nothing is dialled', async () => {
    driver = new ModbusDriver({ catalog, networks: new AllowedNetworks([], false), clock, log: silentLog });
    await begin();
    await waitFor('the refusal', () => last()?.reason === 'address-not-allowed');
    expect(meter.requests).toBe(0);
  });

  test('a probe says whether somebody answers', async () => {
    const probe = (port: number) =>
      driver.probe({ url: `modbus://${HOST}:${port}`, username: null, password: null, account: null });
    expect(await probe(meter.port)).toMatchObject({ ok: true, reason: 'ok' });
    meter.exception = 1;
    expect(await probe(meter.port)).toMatchObject({ ok: true });
    meter.exception = 11;
    expect(await probe(meter.port)).toMatchObject({ ok: false, reason: 'no-answer' });
    const { port } = meter;
    await meter.stop();
    expect(await probe(port)).toMatchObject({ ok: false, reason: 'unreachable' });
  });

  test('are read', () => {
    expect(parseModbusUrl('modbus://192.168.1.30')).toEqual({ host: '192.168.1.30', port: 502, unit: 1 });
    expect(parseModbusUrl('modbus://[fd00::1]:1502/247')).toEqual({ host: 'fd00::1', port: 1502, unit: 247 });
    for (const wrong of [
      '',
      'http://x',
      'modbus://',
      'modbus://x/256',
      'modbus://x/a',
      'modbus://x/1/2',
      'modbus://u:p@x/1',
    ]) {
      expect(() => parseModbusUrl(wrong), wrong).toThrow(expect.objectContaining({ code: 'INVALID_BODY' }));
    }
  });
});

test.skipIf(!hasPymodbus)(
  'a server by other people: registers, bits, numbers of both orders, and its exceptions',
  async () => {
    const server = await startPymodbus();
    const connect = async (unit: number): Promise<ModbusConnection> => {
      const target = { host: HOST, port: server.port, unit };
      const connection = new ModbusConnection({ target, isAllowed: () => true, clock: systemClock, timeoutMs: 5000 });
      await connection.connect();
      return connection;
    };
    try {
      const connection = await connect(7);
      const registers: RegisterRule[] = [
        { id: 'level', table: 'input', address: 0 },
        { id: 'below', table: 'input', address: 1, type: 'int16' },
        { id: 'warm', table: 'input', address: 2, type: 'float32' },
        { id: 'swapped', table: 'input', address: 4, type: 'float32', words: 'low-first' },
        { id: 'first', table: 'discrete', address: 0 },
        { id: 'second', table: 'discrete', address: 1 },
        { id: 'nowhere', table: 'input', address: 12 },
      ];
      const poll = new RegisterPoll(registers, connection);
      const values = { level: 3100, below: -5, warm: 21.5, swapped: 21.5, first: false, second: true };
      expect(await poll.once()).toEqual(values);
      expect(await poll.once()).toEqual(values);
      connection.close();
    } finally {
      await server.stop();
    }
  },
);

test('registers near each other are asked for together, far ones and other tables apart', () => {
  const register = (id: string, address: number, table: 'holding' | 'input' = 'holding') => ({ id, address, table });
  const rules = [register('a', 10), register('b', 0), register('c', 3), register('d', 200), register('e', 1, 'input')];
  const reads = (apart: boolean) => blocksOf(rules, apart).map(({ read: { address, count } }) => [address, count]);
  expect(reads(false)).toEqual([
    [0, 11],
    [200, 1],
    [1, 1],
  ]);
  expect(reads(true)).toHaveLength(5);
});
