import { connect } from 'node:net';
import mqtt, { type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { topics } from '../../contract/topics.ts';
import { EmbeddedBroker } from '../../hub/broker/embedded.ts';
import type { LinkLane, LinkViolation } from '../../hub/broker/link.ts';
import { silentLog } from '../../platform/log.ts';
import { waitFor } from '../support/wait.ts';

interface Seen {
  topic: string;
  text: string;
}

describe('embedded broker', () => {
  const clients: MqttClient[] = [];
  let violations: LinkViolation[];
  let seen: Seen[];
  let broker: EmbeddedBroker;

  async function startBroker(lane: LinkLane, limits = { connections: 100, packetBytes: 100_000 }): Promise<void> {
    violations = [];
    seen = [];
    broker = new EmbeddedBroker({
      lane,
      host: '127.0.0.1',
      port: 0,
      tls: null,
      authenticate: async (edgeId, secret) => Buffer.from(secret).toString() === `secret of ${edgeId}`,
      onViolation: (violation) => violations.push(violation),
      limits,
      log: silentLog,
    });
    broker.onMessage((topic, payload) => seen.push({ topic, text: Buffer.from(payload).toString() }));
    await broker.start();
  }

  async function dial(edgeId: string, options: mqtt.IClientOptions = {}): Promise<MqttClient> {
    const client = mqtt.connect(`mqtt://127.0.0.1:${broker.port}`, {
      clientId: edgeId,
      username: edgeId,
      password: `secret of ${edgeId}`,
      reconnectPeriod: 0,
      ...options,
    });
    clients.push(client);
    await new Promise<void>((resolve, reject) => {
      client.once('connect', () => resolve());
      client.once('error', reject);
      client.once('close', () => reject(new Error('closed')));
    });
    return client;
  }

  beforeEach(() => startBroker('events'));

  afterEach(async () => {
    for (const client of clients.splice(0)) await client.endAsync(true);
    await broker.stop();
  });

  test('an edge reaches the hub, and the hub the edge', async () => {
    const client = await dial('north');
    const got = new Promise<string>((resolve) => client.once('message', (_topic, payload) => resolve(`${payload}`)));
    await client.subscribeAsync(topics.commands('north'), { qos: 1 });
    await client.publishAsync(topics.events('north', 'alarm'), 'event', { qos: 1 });
    expect(seen).toEqual([{ topic: topics.events('north', 'alarm'), text: 'event' }]);
    await broker.publish(topics.commands('north'), 'order', { qos: 1 });
    expect(await got).toBe('order');
    expect(violations).toEqual([]);
  });

  test('a wrong secret and a missing one are refused', async () => {
    await expect(dial('north', { password: 'secret of south' })).rejects.toMatchObject({ code: 4 });
    await expect(dial('north', { username: undefined, password: undefined })).rejects.toMatchObject({ code: 4 });
    expect(broker.counters()['refused']).toBe(2);
  });

  test('the credential of one edge does not work under the client id of another', async () => {
    await expect(dial('north', { clientId: 'south' })).rejects.toMatchObject({ code: 2 });
    expect(violations).toMatchObject([{ edgeId: 'north', what: 'client-id', subject: 'south', address: '127.0.0.1' }]);
  });

  test.each([
    ['an event of another edge', topics.events('south', 'alarm')],
    ['the status of another edge', topics.status('south')],
    ['an order to itself', topics.commands('north')],
    ['an acknowledgement for another edge', topics.acks('south')],
    ['a picture on the event connection', topics.media('north', 'cam.main')],
    ['a topic of the broker', '$SYS/broker/new/clients'],
    ['a topic that nobody knows', 'sharp-eyes/1/north/whatever'],
  ])('an edge that publishes %s is cut off and reported, and nobody gets it', async (_what, topic) => {
    const south = await dial('south');
    await south.subscribeAsync(topics.acks('south'));
    let southGot = 0;
    south.on('message', () => southGot++);
    const north = await dial('north');
    const closed = new Promise<void>((resolve) => north.once('close', () => resolve()));
    north.publish(topic, 'forged', { qos: 1 });
    await closed;
    expect(violations).toMatchObject([{ edgeId: 'north', what: 'publish', subject: topic }]);
    expect(seen).toEqual([]);
    expect(southGot).toBe(0);
  });

  test.each([
    topics.events('south', 'alarm'),
    topics.commands('south'),
    'sharp-eyes/1/+/commands',
    '#',
    topics.status('north'),
    topics.receipts('north'),
  ])('an edge that subscribes to %s is cut off and reported', async (filter) => {
    const north = await dial('north');
    const closed = new Promise<void>((resolve) => north.once('close', () => resolve()));
    north.subscribe(filter, () => undefined);
    await closed;
    expect(violations).toMatchObject([{ edgeId: 'north', what: 'subscribe', subject: filter }]);
  });

  test('a last will on the topic of another edge is not delivered', async () => {
    const north = await dial('north', {
      will: { topic: topics.status('south'), payload: Buffer.from('dead'), qos: 1 },
    });
    north.stream.destroy();
    await waitFor('the violation', () => violations.length > 0);
    expect(violations).toMatchObject([{ edgeId: 'north', what: 'publish', subject: topics.status('south') }]);
    expect(seen).toEqual([]);
  });

  test('the last will of an edge arrives when its line breaks', async () => {
    const topic = topics.status('north');
    const north = await dial('north', { will: { topic, payload: Buffer.from('gone'), qos: 1, retain: true } });
    north.stream.destroy();
    await waitFor('the last will', () => seen.some((one) => one.topic === topic && one.text === 'gone'));
  });

  test('a packet above the limit ends the connection before it is gathered', async () => {
    const north = await dial('north');
    const closed = new Promise<void>((resolve) => north.once('close', () => resolve()));
    north.publish(topics.inventory('north'), Buffer.alloc(200_000), { qos: 1 });
    await closed;
    expect(broker.counters()['oversize']).toBe(1);
    expect(seen).toEqual([]);
  });

  test('a stranger may not send more than a CONNECT needs', async () => {
    const socket = connect(broker.port, '127.0.0.1');
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => undefined);
    socket.write(Buffer.concat([Buffer.of(0x10, 0xa0, 0x9c, 0x01), Buffer.alloc(20_000)]));
    await closed;
    expect(broker.counters()['oversize']).toBe(1);
  });

  test('garbage and connections that break anywhere leave the broker working', async () => {
    const connectPacket = Buffer.from('101500044d5154540482003c0005 6e6f727468'.replace(/ /g, ''), 'hex');
    for (let length = 0; length <= connectPacket.length; length++) {
      const socket = connect(broker.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.end(connectPacket.subarray(0, length));
      await new Promise<void>((resolve) => socket.once('close', () => resolve()));
    }
    const client = await dial('north');
    await client.publishAsync(topics.events('north', 'event'), 'still here', { qos: 1 });
    expect(seen).toHaveLength(1);
  });

  test('disconnect() ends the connection of that edge only', async () => {
    const [north, south] = [await dial('north'), await dial('south')];
    const closed = new Promise<void>((resolve) => north.once('close', () => resolve()));
    broker.disconnect('north');
    await closed;
    expect(south.connected).toBe(true);
  });

  test('the media lane takes pictures and nothing else', async () => {
    await broker.stop();
    await startBroker('media');
    const north = await dial('north');
    north.publish(topics.media('north', 'cam.main'), 'picture');
    await waitFor('the picture', () => seen.length === 1);
    const closed = new Promise<void>((resolve) => north.once('close', () => resolve()));
    north.publish(topics.events('north', 'alarm'), 'event', { qos: 1 });
    await closed;
    expect(seen).toHaveLength(1);
    expect(violations).toMatchObject([{ what: 'publish' }]);
  });

  test('on the media lane an edge hears its receipts and its sound to play, and no orders', async () => {
    await broker.stop();
    await startBroker('media');
    const north = await dial('north');
    const got: string[] = [];
    north.on('message', (topic, payload) => got.push(`${topic} ${payload}`));
    await north.subscribeAsync([topics.receipts('north'), topics.talk('north')], { qos: 0 });
    await broker.publish(topics.receipts('south'), 'not for north', { qos: 0 });
    await broker.publish(topics.receipts('north'), 'receipt', { qos: 0 });
    await broker.publish(topics.talk('north'), 'sound', { qos: 0 });
    await waitFor('both', () => got.length === 2);
    expect(got).toEqual([`${topics.receipts('north')} receipt`, `${topics.talk('north')} sound`]);
    const closed = new Promise<void>((resolve) => north.once('close', () => resolve()));
    north.subscribe(topics.commands('north'), () => undefined);
    await closed;
    expect(violations).toMatchObject([{ what: 'subscribe', subject: topics.commands('north') }]);
  });

  test('a port that is taken is said plainly', async () => {
    const second = new EmbeddedBroker({
      lane: 'events',
      host: '127.0.0.1',
      port: broker.port,
      tls: null,
      authenticate: async () => false,
      onViolation: () => undefined,
      limits: { connections: 1, packetBytes: 1000 },
      log: silentLog,
    });
    await expect(second.start()).rejects.toMatchObject({ code: 'PORT_TAKEN' });
    await second.stop();
  });
});
