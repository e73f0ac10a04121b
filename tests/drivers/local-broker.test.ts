import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deviceTopic } from '../../contract/topics.ts';
import { MqttDevices } from '../../edge/drivers/mqtt-device/mqtt-devices.ts';
import { DeviceCredentials, makeVerifier } from '../../edge/local-broker/credentials.ts';
import { LocalBroker } from '../../edge/local-broker/local-broker.ts';
import { loadProfiles } from '../../edge/profiles/load.ts';
import { DeviceReporter } from '../../edge/profiles/reporter.ts';
import { systemClock } from '../../platform/clock.ts';
import { silentLog } from '../../platform/log.ts';
import { MemorySink } from '../support/memory-sink.ts';
import { waitFor } from '../support/wait.ts';

const MOSQUITTO_PUB = '/usr/bin/mosquitto_pub';
const hasMosquitto = existsSync(MOSQUITTO_PUB);
if (!hasMosquitto) console.warn('mosquitto_pub not found: the tests with it are skipped (install mosquitto-clients)');

const catalog = loadProfiles(join(import.meta.dirname, '..', '..', 'device-profiles'));
const PROFILES = { gauge: 'generic/mqtt-water-level', detector: 'generic/mqtt-smoke-gas' } as const;

let verifier: string;
let sink: MemorySink;
let devices: MqttDevices;
let broker: LocalBroker;
let malformed: string[];
let connections: string[];
const clients: MqttClient[] = [];
const processes: ChildProcess[] = [];

beforeAll(async () => {
  verifier = await makeVerifier('secret');
});

beforeEach(async () => {
  sink = new MemorySink();
  malformed = [];
  connections = [];
  devices = new MqttDevices({ log: silentLog, onMalformed: (_, message) => malformed.push(message) });
  const credentials = new DeviceCredentials();
  for (const [deviceId, profileId] of Object.entries(PROFILES)) {
    credentials.set({ deviceId, username: deviceId, verifier });
    const profile = catalog.get(profileId);
    const sinks = { events: sink, samples: sink };
    devices.add(deviceId, new DeviceReporter({ deviceId, profile, holdRepeats: true, ...sinks, clock: systemClock }));
  }
  broker = new LocalBroker({
    host: '127.0.0.1',
    port: 0,
    credentials,
    receiver: devices,
    onConnection: (deviceId, connected) => connections.push(`${deviceId} ${connected ? 'on' : 'off'}`),
    limits: { packetBytes: 8192, connections: 20 },
    clock: systemClock,
    log: silentLog,
  });
  await broker.start();
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.endAsync(true);
  for (const process of processes.splice(0)) process.kill('SIGKILL');
  await broker.stop();
});

interface Publication {
  device: string;
  topic?: string;
  password?: string;
  payload: string;
}

/** Debian's own client; ends with 0 only after PUBACK. `-d` makes it print each packet, which is read at its end. */
function mosquittoPub({ device, topic, password, payload }: Publication): {
  exit: Promise<number | null>;
  ended: () => boolean;
  log: () => string;
} {
  const where = ['-h', '127.0.0.1', '-p', String(broker.port), '-V', 'mqttv311', '-d'];
  const who = ['-u', device, '-P', password ?? 'secret', '-i', 'any'];
  const what = ['-q', '1', '-t', topic ?? deviceTopic(device), '-m', payload];
  const child = spawn(MOSQUITTO_PUB, [...where, ...who, ...what]);
  processes.push(child);
  let log = '';
  child.stdout.on('data', (chunk) => {
    log += String(chunk);
  });
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { exit, ended: () => child.exitCode !== null, log: () => log };
}

async function client(device: string, password = 'secret'): Promise<MqttClient> {
  const options = { username: device, password, clientId: 'any', reconnectPeriod: 0, connectTimeout: 5000 };
  const connected = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, options);
  connected.on('error', () => undefined);
  clients.push(connected);
  return connected;
}

describe.skipIf(!hasMosquitto)('an acknowledgement is a promise (mosquitto_pub, QoS 1)', () => {
  test('PUBACK leaves only after the event is committed', async () => {
    const release = sink.hold();
    const pub = mosquittoPub({ device: 'detector', payload: '{"smoke":true}' });
    await waitFor('the commit to begin', () => sink.begun === 1);
    // A second device is served meanwhile: its round trip shows that the broker had the time to answer the first.
    const other = await client('gauge');
    await other.publishAsync('devices/gauge/unknown', '{"nothing":1}', { qos: 1 });
    expect(pub.ended()).toBe(false);
    expect(sink.events).toEqual([]);
    release();
    expect(await pub.exit).toBe(0);
    expect(pub.log()).toContain('PUBACK');
    expect(sink.told).toEqual(['smoke active']);
  });

  test('there is none when the commit fails, and the repetition is taken as new', async () => {
    sink.failure = new Error('the disk is full');
    const pub = mosquittoPub({ device: 'detector', payload: '{"smoke":true}' });
    await waitFor('the failure', () => broker.counters()['notStored'] === 1);
    expect(await pub.exit).not.toBe(0);
    expect(pub.log()).toContain('sending PUBLISH');
    expect(pub.log()).not.toContain('PUBACK');
    sink.failure = null;
    const again = mosquittoPub({ device: 'detector', payload: '{"smoke":true}' });
    expect(await again.exit).toBe(0);
    expect(sink.told).toEqual(['smoke active']);
  });

  test('a wrong password is refused', async () => {
    const pub = mosquittoPub({ device: 'detector', password: 'Secret', payload: '{"smoke":true}' });
    expect(await pub.exit).not.toBe(0);
    expect(sink.begun).toBe(0);
    expect(broker.counters()).toMatchObject({ refusedSignIns: 1, messages: 0 });
  });
});

describe('what a device may do', () => {
  test("not publish below another device's prefix", async () => {
    const gauge = await client('gauge');
    await gauge.publishAsync(deviceTopic('gauge'), '{"level":1}', { qos: 1 });
    gauge.publish(deviceTopic('detector'), '{"smoke":true}', { qos: 1 });
    await waitFor('the connection to be ended', () => !gauge.connected);
    expect(sink.events.map(({ deviceId }) => deviceId)).toEqual(['gauge']);
    expect(broker.counters()['refusedTopics']).toBe(1);
  });

  test('not subscribe to anything', async () => {
    const gauge = await client('gauge');
    const subscribed = gauge.subscribeAsync('#').then(
      (grants) => grants.some(({ qos }) => qos < 128),
      () => false,
    );
    expect(await subscribed).toBe(false);
  });

  test('not throw another device out by taking its client id', async () => {
    const [gauge] = [await client('gauge'), await client('detector')];
    await gauge.publishAsync(deviceTopic('gauge'), '{"level":1}', { qos: 1 });
    expect(connections).toEqual(['gauge on', 'detector on']);
  });

  test('not send more than its share, before and after signing in', async () => {
    const stranger = connectTcp(broker.port, '127.0.0.1');
    stranger.on('error', () => undefined);
    // A CONNECT that announces 256 MB.
    stranger.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]));
    await waitFor('the stranger to be cut off', () => stranger.destroyed);
    const gauge = await client('gauge');
    gauge.publish(deviceTopic('gauge'), 'x'.repeat(10_000), { qos: 1 });
    await waitFor('the connection to be ended', () => !gauge.connected);
    expect(broker.counters()['oversize']).toBe(2);
    expect(sink.begun).toBe(0);
  });
});

describe('what devices send', () => {
  test('thresholds, samples and device time', async () => {
    const gauge = await client('gauge');
    for (const payload of [
      '{"level":1.2}',
      '{"level":3.1,"at":"2026-07-01T10:00:00Z"}',
      '{"level":3.2}',
      '{"level":2.5}',
    ]) {
      await gauge.publishAsync(deviceTopic('gauge'), payload, { qos: 1 });
    }
    expect(sink.told).toEqual(['water-level.high cleared', 'water-level.high active', 'water-level.high cleared']);
    expect(sink.events[1]).toMatchObject({
      deviceId: 'gauge',
      priority: 2,
      deviceAtMs: 1_782_900_000_000,
      data: { value: 3.1, limit: 3, unit: 'm' },
      profile: 'generic/mqtt-water-level#high',
    });
    expect(sink.samples.map(({ value }) => value)).toEqual([1.2, 3.1, 3.2, 2.5]);
  });

  test('a malformed payload is acknowledged, counted and named, and stops nobody', async () => {
    const [gauge, detector] = [await client('gauge'), await client('detector')];
    for (const payload of ['not json', '[1]', Buffer.from([0xff, 0xfe]), '{'.repeat(10)]) {
      await gauge.publishAsync(deviceTopic('gauge'), payload, { qos: 1 });
    }
    await detector.publishAsync(deviceTopic('detector'), '{"smoke":true}', { qos: 1 });
    await gauge.publishAsync(deviceTopic('gauge'), '{"level":3.5}', { qos: 1 });
    expect(devices.counters('gauge')).toEqual({ understood: 1, unmapped: 0, malformed: 4 });
    expect(malformed[0]).toBe('gauge sent something that is not JSON on "state"');
    expect(sink.told).toEqual(['device.garbage pulse', 'smoke active', 'water-level.high active']);
  });

  test('a repetition of what was committed is acknowledged and not committed again', async () => {
    const publish = { cmd: 'publish', qos: 1, messageId: 77, topic: deviceTopic('detector'), retain: false } as const;
    const { generate } = (await import('mqtt-packet')).default;
    const connect = { cmd: 'connect', clientId: 'x', username: 'detector', password: Buffer.from('secret') } as const;
    const socket = connectTcp(broker.port, '127.0.0.1');
    const answers: number[] = [];
    socket.on('data', (chunk) => answers.push(...chunk));
    socket.write(generate({ ...connect, protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 0 }));
    socket.write(generate({ ...publish, dup: false, payload: '{"test":true}' }));
    socket.write(generate({ ...publish, dup: true, payload: '{"test":true}' }));
    await waitFor('both to be acknowledged', () => answers.filter((byte) => byte === 0x40).length === 2);
    socket.destroy();
    expect(sink.told).toEqual(['test pulse']);
    expect(broker.counters()['repeated']).toBe(1);
  });

  test('the same again without a mark is new, and only the first can repeat what was stored before a restart', async () => {
    const publish = { cmd: 'publish', qos: 1, messageId: 1, topic: deviceTopic('detector'), retain: false } as const;
    const { generate } = (await import('mqtt-packet')).default;
    const connect = { cmd: 'connect', clientId: 'x', username: 'detector', password: Buffer.from('secret') } as const;
    const socket = connectTcp(broker.port, '127.0.0.1');
    socket.write(generate({ ...connect, protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 0 }));
    for (const count of [1, 2]) {
      socket.write(generate({ ...publish, dup: false, payload: '{"test":true}' }));
      await waitFor(`event ${count}`, () => sink.events.length === count);
    }
    socket.destroy();
    const [first, second] = sink.parts.map((part) => part?.report);
    expect(second?.key).toBe(first?.key);
    expect(first?.repeats?.untilMs).toBeLessThanOrEqual(sink.events[0]?.edgeAtMs ?? 0);
    expect(second?.repeats).toBeNull();
  });

  test('a device taken out of service is not acknowledged', async () => {
    const gauge = await client('gauge');
    devices.remove('gauge');
    gauge.publish(deviceTopic('gauge'), '{"level":9}', { qos: 1 });
    await waitFor('the connection to be ended', () => !gauge.connected);
    await waitFor('the end to be told', () => connections.includes('gauge off'));
    expect(sink.begun).toBe(0);
  });
});

test('credentials belong to one device each', () => {
  const credentials = new DeviceCredentials();
  credentials.set({ deviceId: 'a', username: 'u', verifier });
  const taken = expect.objectContaining({ code: 'CONFLICT' });
  expect(() => credentials.set({ deviceId: 'b', username: 'u', verifier })).toThrow(taken);
  credentials.remove('a');
  credentials.set({ deviceId: 'b', username: 'u', verifier });
});
