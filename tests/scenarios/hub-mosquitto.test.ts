import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildMediaMessage } from '../../contract/media-frame.ts';
import { parseReceipts } from '../../contract/receipt.ts';
import { edgeMayPublish, edgeMaySubscribe, TOPIC_ROOT, topics } from '../../contract/topics.ts';
import { ExternalLink } from '../../hub/broker/external.ts';
import { writeMosquittoSetup } from '../../hub/broker/mosquitto-setup.ts';
import { makeVerifier } from '../../hub/broker/verifier.ts';
import { loadHubConfig } from '../../hub/config/load.ts';
import { silentLog } from '../../platform/log.ts';
import { freePorts } from '../support/free-port.ts';
import { startHub } from '../support/hub.ts';
import { JoinedEdge } from '../support/joined-edge.ts';
import { waitFor } from '../support/wait.ts';

const MOSQUITTO = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/opt/homebrew/sbin/mosquitto'].find(existsSync);
if (MOSQUITTO === undefined) console.warn('Mosquitto is not installed: its test of the written files is skipped');

describe.skipIf(MOSQUITTO === undefined)('Mosquitto with the files of the hub', () => {
  const clients: MqttClient[] = [];
  let folder: string;
  let port: number;
  let mosquitto: ChildProcess;
  let output = '';
  let link: ExternalLink;
  let seen: { topic: string; text: string; retain: boolean }[];

  async function writeFiles(edges: Record<string, string>): Promise<void> {
    const url = `mqtt://127.0.0.1:${port}`;
    const base = loadHubConfig(null, { data: join(folder, 'data') });
    const external = { kind: 'external', url, mediaUrl: `mqtt://127.0.0.1:${await freePorts()}` } as const;
    const passwordFile = join(folder, 'hub-password');
    const config = { ...base, broker: { ...base.broker, ...external, passwordFile } };
    const known = Object.entries(edges).map(async ([edgeId, secret]) => ({
      edgeId,
      verifier: await makeVerifier(secret),
    }));
    await writeMosquittoSetup(config, join(folder, 'mosquitto'), await Promise.all(known), null);
  }

  async function dial(edgeId: string, secret: string, options: mqtt.IClientOptions = {}): Promise<MqttClient> {
    const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, {
      clientId: edgeId,
      username: edgeId,
      password: secret,
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

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mosquitto-'));
    port = await freePorts();
    await writeFiles({ north: 'secret of north', south: 'secret of south' });
    // Started as root it becomes the user `mosquitto`, who has to be able to read the files.
    if (process.getuid?.() === 0) execFileSync('chmod', ['-R', 'a+rX', folder]);
    mosquitto = spawn(MOSQUITTO ?? '', ['-c', join(folder, 'mosquitto', 'mosquitto.conf'), '-v']);
    for (const stream of [mosquitto.stdout, mosquitto.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        output += chunk;
      });
    }
    await waitFor('Mosquitto to run', () => output.includes('running'), 10_000).catch((error: unknown) => {
      throw new Error(`Mosquitto does not start: ${output}`, { cause: error });
    });
    seen = [];
    const password = execFileSync('cat', [join(folder, 'hub-password')])
      .toString()
      .trim();
    const url = `mqtt://127.0.0.1:${port}`;
    link = new ExternalLink({ lane: 'events', url, user: 'sharp-eyes-hub', password, caPem: null, log: silentLog });
    link.onMessage((topic, payload, { retain }) => seen.push({ topic, text: Buffer.from(payload).toString(), retain }));
    await link.start();
    await waitFor('the hub to be connected', () => link.counters()['connected'] === 1);
  });

  afterAll(async () => {
    for (const client of clients) await client.endAsync(true);
    await link?.stop();
    mosquitto?.kill();
    if (mosquitto !== undefined && mosquitto.exitCode === null) {
      await new Promise((resolve) => mosquitto.once('exit', resolve));
    }
    rmSync(folder, { recursive: true });
  });

  test('an edge reaches the hub, and the hub the edge', async () => {
    const north = await dial('north', 'secret of north');
    const got = new Promise<string>((resolve) => north.once('message', (_topic, payload) => resolve(`${payload}`)));
    await north.subscribeAsync([topics.commands('north'), topics.acks('north')], { qos: 1 });
    await north.publishAsync(topics.status('north'), 'up', { qos: 1, retain: true });
    await waitFor('the status', () => seen.some((one) => one.topic === topics.status('north') && one.text === 'up'));
    await link.publish(topics.commands('north'), 'order', { qos: 1 });
    expect(await got).toBe('order');
  });

  test('a wrong secret, an unknown edge and nobody at all are refused', async () => {
    await expect(dial('north', 'secret of south')).rejects.toThrow();
    await expect(dial('nobody', 'x')).rejects.toThrow();
    await expect(dial('north', '', { username: undefined, password: undefined })).rejects.toThrow();
  });

  const everyTopic = ['north', 'south'].flatMap((edgeId) =>
    ['status', 'inventory', 'events/alarm', 'events/event', 'telemetry', 'replies', 'acks', 'commands'].map(
      (last) => `${TOPIC_ROOT}/${edgeId}/${last}`,
    ),
  );

  test('an edge writes exactly what the contract lets it write', async () => {
    const north = await dial('north', 'secret of north');
    // The hub does not listen to its own topics, so what is forged there would not be seen here.
    const heard = everyTopic.filter((topic) => !/(acks|commands)$/.test(topic));
    for (const topic of heard) await north.publishAsync(topic, 'written', { qos: 1 });
    await north.publishAsync(topics.telemetry('north'), 'end', { qos: 1 });
    await waitFor('the last message', () => seen.some((one) => one.text === 'end'));
    const arrived = seen.filter((one) => one.text === 'written').map((one) => one.topic);
    expect(arrived).toEqual(heard.filter((topic) => edgeMayPublish('north', topic)));
  });

  test('an edge reads exactly what the contract lets it read, whoever writes', async () => {
    const [north, south] = [await dial('north', 'secret of north'), await dial('south', 'secret of south')];
    const got: string[] = [];
    south.on('message', (topic, payload) => got.push(`${topic} ${payload}`));
    // Mosquitto takes subscriptions that its list forbids and then delivers nothing on them.
    for (const filter of [...everyTopic, '#']) await south.subscribeAsync(filter, { qos: 1 }).catch(() => undefined);
    for (const topic of everyTopic) {
      await north.publishAsync(topic, 'forged', { qos: 1 });
      await link.publish(topic, 'x', { qos: 1 });
    }
    await link.publish(topics.commands('south'), 'end', { qos: 1 });
    await waitFor('the last message', () => got.includes(`${topics.commands('south')} end`));
    const allowed = everyTopic.filter((topic) => edgeMaySubscribe('south', topic)).map((topic) => `${topic} x`);
    expect([...new Set(got)].filter((one) => !one.endsWith(' end')).sort()).toEqual(allowed.sort());
  });

  test('a credential is one connection, whatever client id it names', async () => {
    const first = await dial('north', 'secret of north');
    const closed = new Promise<void>((resolve) => first.once('close', () => resolve()));
    await dial('north', 'secret of north', { clientId: 'another-name' });
    await closed;
  });

  test('an edge that has joined is let in after Mosquitto has read the files again', async () => {
    await expect(dial('late', 'secret of late')).rejects.toThrow();
    await writeFiles({ north: 'secret of north', south: 'secret of south', late: 'secret of late' });
    if (process.getuid?.() === 0) execFileSync('chmod', ['-R', 'a+rX', folder]);
    mosquitto.kill('SIGHUP');
    const late = await waitFor('the new edge to be let in', () => dial('late', 'secret of late'));
    expect(late.connected).toBe(true);
  });
});

describe.skipIf(MOSQUITTO === undefined)('the hub with Mosquitto as its brokers', () => {
  test('with TLS an edge joins and is let in on both lanes without anybody touching Mosquitto', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hub-mosquitto-'));
    const first = await freePorts(2);
    const files = join(folder, 'mosquitto');
    const lanes = [
      { conf: 'mosquitto.conf', pidFile: join(folder, 'events.pid') },
      { conf: 'mosquitto-media.conf', pidFile: join(folder, 'media.pid') },
    ] as const;
    const hub = await startHub((config) => ({
      ...config,
      tls: 'always',
      broker: {
        ...config.broker,
        kind: 'external',
        url: `mqtts://127.0.0.1:${first}`,
        mediaUrl: `mqtts://127.0.0.1:${first + 1}`,
        passwordFile: join(folder, 'password'),
        files,
        pidFile: lanes[0].pidFile,
        mediaPidFile: lanes[1].pidFile,
      },
    }));
    const brokers = lanes.map(({ conf, pidFile }) => {
      // As a user of its own Mosquitto could not read the files again, which belong to the hub's user.
      const asRoot = join(folder, conf);
      writeFileSync(asRoot, `user root\n${readFileSync(join(files, conf), 'utf8')}`);
      const broker = spawn(MOSQUITTO ?? '', ['-c', process.getuid?.() === 0 ? asRoot : join(files, conf)]);
      writeFileSync(pidFile, `${broker.pid}\n`);
      return broker;
    });
    const counters = async () =>
      ((await hub.admin.get('/api/state')).json as { counters: Record<string, number> }).counters;
    const clients: MqttClient[] = [];
    let edge: JoinedEdge | null = null;
    try {
      await waitFor('the hub to reach Mosquitto', async () => (await counters())['broker.connected'] === 1);
      const enrolled = await hub.admin.send('POST', '/api/edges', { edgeId: 'north', name: 'North', regionId: null });
      const joining = new JoinedEdge((enrolled.json as { joinFile: string }).joinFile);
      edge = joining;
      expect(await joining.join()).toBe(200);
      const events = await waitFor('Mosquitto to let the edge in', () => joining.connect());
      const media = await waitFor('the other Mosquitto to let it in', () => joining.dialMedia());
      clients.push(media);
      await waitFor('the edge to be online', async () => {
        const [north] = (await hub.admin.get('/api/edges')).json as { online: boolean }[];
        return north?.online;
      });
      const receipts: string[] = [];
      media.on('message', (topic, payload) =>
        receipts.push(`${topic} ${parseReceipts(payload)?.receipts[0]?.sequence}`),
      );
      await media.subscribeAsync(topics.receipts('north'), { qos: 0 });
      const header = { type: 'fragment', key: true, handle: 7, epoch: 1, sequence: 42, edgeAtMs: 1 } as const;
      const picture = Buffer.from(buildMediaMessage(header, new Uint8Array(100)));
      // What the hub is sent before its media thread has found its broker gets lost, as pictures may.
      await waitFor('the receipt', async () => {
        await media.publishAsync(topics.media('north', 'cam.main'), picture, { qos: 0 });
        return receipts.length > 0;
      });
      expect(receipts[0]).toBe(`${topics.receipts('north')} 42`);
      await events.publishAsync(topics.telemetry('north'), '{}', { qos: 1 });
      expect([events.connected, media.connected]).toEqual([true, true]);
    } finally {
      await edge?.stop();
      for (const client of clients) await client.endAsync(true);
      await hub.stop();
      for (const broker of brokers) {
        broker.kill();
        if (broker.exitCode === null) await new Promise((resolve) => broker.once('exit', resolve));
      }
      rmSync(folder, { recursive: true });
    }
  });
});
