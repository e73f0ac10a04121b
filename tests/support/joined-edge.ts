import { generateKeyPairSync, randomBytes } from 'node:crypto';
import mqtt, { type MqttClient } from 'mqtt';
import type { JoinFile } from '../../contract/api/centre.ts';
import type { CommandReply, CommandRequest } from '../../contract/command.ts';
import type { Candidate, EdgeDevice } from '../../contract/device.ts';
import { topics } from '../../contract/topics.ts';
import { HubClient } from './hub.ts';

/** Public keys as an edge leaves them when it joins. */
export function edgeKeys(): { sealingKey: string; signingKey: string } {
  const { x, y } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
  const point = [Buffer.of(4), Buffer.from(x ?? '', 'base64url'), Buffer.from(y ?? '', 'base64url')];
  const spki = generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' });
  return { sealingKey: Buffer.concat(point).toString('base64url'), signingKey: spki.toString('base64url') };
}

/** An edge as the hub sees it: joined, connected, answering orders as the test says. */
export class JoinedEdge {
  readonly edgeId: string;
  readonly secret = randomBytes(32).toString('base64url');
  readonly #file: JoinFile;
  #client: MqttClient | null = null;
  /** Orders that came, by name. */
  readonly orders: CommandRequest[] = [];
  /** What to answer to an order; an Error-like `{ code, message }` or a result. */
  answer: (order: CommandRequest) => unknown = () => ({});

  constructor(joinFile: string) {
    this.#file = JSON.parse(joinFile) as JoinFile;
    this.edgeId = this.#file.edgeId;
  }

  /** Joins over HTTP and resolves with the status of the answer. */
  async join(): Promise<number> {
    const { edgeId, token, hubUrl, caPem } = this.#file;
    const body = { edgeId, token, secret: this.secret, version: '1', ...edgeKeys() };
    const client = new HubClient(hubUrl, caPem ?? undefined);
    return (await client.send('POST', '/edge-api/join', body)).status;
  }

  /** Connects and says that it is online. */
  async connect(): Promise<MqttClient> {
    const { mqttUrl, caPem } = this.#file;
    const { edgeId } = this;
    const client = mqtt.connect(mqttUrl, {
      clientId: edgeId,
      username: edgeId,
      password: this.secret,
      reconnectPeriod: 0,
      will: { topic: topics.status(edgeId), payload: this.#status(false), qos: 1, retain: true },
      ...(caPem === null ? {} : { ca: caPem }),
    });
    this.#client = client;
    await new Promise<void>((resolve, reject) => {
      client.once('connect', () => resolve());
      client.once('error', reject);
    });
    client.on('message', (topic, payload) => void this.#take(topic, payload));
    await client.subscribeAsync([topics.commands(edgeId), topics.acks(edgeId)], { qos: 1 });
    await client.publishAsync(topics.status(edgeId), this.#status(true), { qos: 1, retain: true });
    return client;
  }

  /** Opens the connection for live pictures. */
  async dialMedia(): Promise<MqttClient> {
    const { edgeId, secret } = this;
    const { mediaUrl, caPem } = this.#file;
    const client = mqtt.connect(mediaUrl, {
      clientId: edgeId,
      username: edgeId,
      password: secret,
      reconnectPeriod: 0,
      ...(caPem === null ? {} : { ca: caPem }),
    });
    await new Promise<void>((resolve, reject) => {
      client.once('connect', () => resolve());
      client.once('error', reject);
    });
    return client;
  }

  async report(devices: EdgeDevice[], candidates: Candidate[] = []): Promise<void> {
    const inventory = JSON.stringify({ version: 1, devices, candidates });
    await this.#client?.publishAsync(topics.inventory(this.edgeId), inventory, { qos: 1, retain: true });
  }

  /** Breaks the connection, so that the last will speaks. */
  async drop(): Promise<void> {
    this.#client?.stream.destroy();
    await this.stop();
  }

  async stop(): Promise<void> {
    await this.#client?.endAsync(true);
    this.#client = null;
  }

  #status(online: boolean): Buffer {
    const rest = { backlog: { alarm: 0, event: 0 }, dropped: {}, diskFreeBytes: null, problems: [], listeners: [] };
    return Buffer.from(
      JSON.stringify({
        online,
        version: '1',
        instance: 'one',
        epoch: 'one',
        edgeAtMs: online ? Date.now() : null,
        ...rest,
      }),
    );
  }

  async #take(topic: string, payload: Buffer): Promise<void> {
    if (topic !== topics.commands(this.edgeId)) return;
    const order = JSON.parse(payload.toString()) as CommandRequest;
    this.orders.push(order);
    const result = this.answer(order);
    const failed = typeof result === 'object' && result !== null && 'code' in result && 'message' in result;
    const reply = failed ? { id: order.id, ok: false, error: result } : { id: order.id, ok: true, result };
    await this.#client?.publishAsync(topics.replies(this.edgeId), JSON.stringify(reply as CommandReply), { qos: 1 });
  }
}

/** A camera as an edge reports it. */
export function reportedCamera(deviceId: string, change: Partial<EdgeDevice> = {}): EdgeDevice {
  return {
    deviceId,
    driver: 'onvif',
    type: 'camera',
    address: 'http://10.0.0.1/onvif/device_service',
    identity: { manufacturer: 'Maker', model: 'M1', firmware: null, serial: null, mac: null },
    profileId: null,
    online: true,
    reason: 'ok',
    sinceMs: 1,
    clockOffsetMs: 0,
    streams: [],
    recording: null,
    ...change,
  };
}
