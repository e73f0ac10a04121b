import { generateKeyPairSync, randomBytes } from 'node:crypto';
import mqtt, { type MqttClient } from 'mqtt';
import type { EdgeDevice } from '../../contract/device.ts';
import type { EdgeEvent, Lane } from '../../contract/event.ts';
import { buildMediaMessage } from '../../contract/media-frame.ts';
import { type Acks, type EdgeStatus, streamKey, topics } from '../../contract/topics.ts';
import { sendWithoutDelay } from '../../platform/mqtt/no-delay.ts';
import type { HubClient } from './hub.ts';
import { waitFor } from './wait.ts';

/** Where a hub is found, as its join files say. */
export interface EdgeAddresses {
  mqttUrl: string;
  mediaUrl: string;
}

interface JoinFileContent {
  token: string;
}

type Order = (params: Record<string, unknown>) => unknown;

/** A camera that only exists in the inventory. */
export function cameraReport(deviceId: string): EdgeDevice {
  return {
    ...{ deviceId, driver: 'rtsp', type: 'camera', address: 'rtsp://127.0.0.1/none', profileId: null },
    identity: { manufacturer: null, model: 'Test camera', firmware: null, serial: null, mac: null },
    ...{ online: true, reason: 'ok', sinceMs: Date.now(), clockOffsetMs: null, streams: [], recording: null },
  };
}

/** The hub's side of the contract from the outside: an edge made of two MQTT connections and nothing else. */
export class FakeEdge {
  readonly edgeId: string;
  readonly secret = randomBytes(32).toString('base64url');
  readonly epoch = `epoch-${randomBytes(4).toString('hex')}`;
  /** Highest acknowledgement per lane of the own epoch. */
  readonly acked: Record<Lane, number> = { alarm: 0, event: 0 };
  /** Acknowledgements that arrived. */
  acks = 0;
  /** Handle of each stream that the hub wants, by `<device>.<stream>`. */
  readonly leases = new Map<string, number>();
  /** Orders that arrived, by name. */
  readonly orders: { name: string; params: Record<string, unknown> }[] = [];
  readonly devices = new Map<string, EdgeDevice>();
  readonly answers: Record<string, Order> = {};
  #events: MqttClient | null = null;
  #media: MqttClient | null = null;
  #inventory = 0;

  constructor(edgeId: string) {
    this.edgeId = edgeId;
    this.answers['device.register'] = ({ deviceId }) => {
      const device = cameraReport(String(deviceId));
      this.devices.set(device.deviceId, device);
      return device;
    };
    this.answers['live.start'] = ({ deviceId, stream, handle }) => {
      const key = streamKey(String(deviceId), String(stream));
      const isNew = this.leases.get(key) !== handle;
      this.leases.set(key, Number(handle));
      if (isNew) this.sendInit(key);
      return { stream };
    };
    this.answers['live.stop'] = ({ deviceId, stream }) => {
      this.leases.delete(streamKey(String(deviceId), String(stream)));
      return {};
    };
  }

  /** Enrols and joins, as `sharp-eyes hub enrol` and the edge do. */
  async join(admin: HubClient, regionId: string | null = 'county'): Promise<void> {
    const { edgeId, secret } = this;
    const enrolled = await admin.send('POST', '/api/edges', { edgeId, name: edgeId, regionId });
    const { joinFile } = enrolled.json as { joinFile: string };
    const { token } = JSON.parse(joinFile) as JoinFileContent;
    const sealing = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
    const point = [sealing.x, sealing.y].map((part) => Buffer.from(part ?? '', 'base64url'));
    const sealingKey = Buffer.concat([Buffer.of(4), ...point]).toString('base64url');
    const signing = generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' });
    const signingKey = signing.toString('base64url');
    const body = { edgeId, token, sealingKey, signingKey, secret, version: '0.0.0' };
    const joined = await admin.send('POST', '/edge-api/join', body);
    if (joined.status !== 200) throw new Error(`the edge could not join: ${joined.text}`);
  }

  /** Connects both lanes; they connect again by themselves. */
  async connect({ mqttUrl, mediaUrl }: EdgeAddresses): Promise<void> {
    const will = { topic: topics.status(this.edgeId), payload: this.#status(false), qos: 1, retain: true } as const;
    this.#events = this.#dial(mqttUrl, { will });
    this.#events.on('connect', () => {
      this.#events?.subscribe([topics.acks(this.edgeId), topics.commands(this.edgeId)], { qos: 1 }, () => {
        this.sendStatus(true);
        this.sendInventory();
      });
    });
    this.#events.on('message', (topic, payload) => {
      if (topic === topics.acks(this.edgeId)) this.#takeAcks(JSON.parse(String(payload)) as Acks);
      else this.#takeOrder(payload);
    });
    this.#media = this.#dial(mediaUrl);
    this.#media.on('connect', () => {
      for (const key of this.leases.keys()) this.sendInit(key);
    });
    const before = this.acks;
    await waitFor('the hub to greet the edge', () => this.acks > before && this.#media?.connected);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#events, this.#media].map((client) => client?.endAsync(true)));
  }

  /** The socket of the event lane, to stall it. */
  get events(): MqttClient {
    if (this.#events === null) throw new Error('the edge is not connected');
    return this.#events;
  }

  get media(): MqttClient {
    if (this.#media === null) throw new Error('the edge is not connected');
    return this.#media;
  }

  sendStatus(online: boolean, qos: 0 | 1 = 1): void {
    this.events.publish(topics.status(this.edgeId), this.#status(online), { qos, retain: true });
  }

  sendInventory(): void {
    const inventory = { version: ++this.#inventory, devices: [...this.devices.values()], candidates: [] };
    this.events.publish(topics.inventory(this.edgeId), JSON.stringify(inventory), { qos: 1, retain: true });
  }

  /** Whether both lanes are connected. */
  get isConnected(): boolean {
    return this.#events?.connected === true && this.#media?.connected === true;
  }

  /** Sends a batch; does not wait for anything. */
  sendEvents(lane: Lane, first: number, events: readonly unknown[]): void {
    this.sendRaw(lane, JSON.stringify({ epoch: this.epoch, first, events }));
  }

  sendRaw(lane: Lane, payload: string): void {
    if (this.#events?.connected === true) {
      this.#events.publish(topics.events(this.edgeId, lane), payload, { qos: 1 });
    }
  }

  /** Begins a stream anew. */
  sendInit(key: string, epoch = 1): void {
    this.#sendMedia(
      key,
      { type: 'init', key: false, epoch, sequence: 0 },
      32,
      '{"codec":"avc1.64001f","width":640,"height":360}',
    );
  }

  sendFragment(key: string, sequence: number, isKey: boolean, bytes: number, epoch = 1): void {
    this.#sendMedia(key, { type: 'fragment', key: isKey, epoch, sequence }, bytes);
  }

  /** Sends with a handle that the hub may not have given to this edge. */
  sendForged(key: string, handle: number, sequence: number): void {
    const header = { type: 'fragment', key: true, handle, epoch: 1, sequence, edgeAtMs: Date.now() } as const;
    this.#publishMedia(key, buildMediaMessage(header, new Uint8Array(100)));
  }

  #sendMedia(
    key: string,
    header: { type: 'init' | 'fragment'; key: boolean; epoch: number; sequence: number },
    bytes: number,
    description = '',
  ): void {
    const handle = this.leases.get(key);
    if (handle === undefined || this.#media?.connected !== true) return;
    this.#publishMedia(
      key,
      buildMediaMessage({ ...header, handle, edgeAtMs: Date.now() }, new Uint8Array(bytes), description),
    );
  }

  #publishMedia(key: string, message: Uint8Array): void {
    const payload = Buffer.from(message.buffer, message.byteOffset, message.length);
    this.media.publish(topics.media(this.edgeId, key), payload, { qos: 0 });
  }

  #status(online: boolean): Buffer {
    const status: EdgeStatus = {
      ...{ online, version: '0.0.0', instance: `i-${this.edgeId}`, epoch: this.epoch, edgeAtMs: Date.now() },
      ...{ backlog: { alarm: 0, event: 0 }, dropped: {}, diskFreeBytes: null, problems: [], listeners: [] },
    };
    return Buffer.from(JSON.stringify(status));
  }

  #dial(url: string, options: mqtt.IClientOptions = {}): MqttClient {
    const { edgeId, secret } = this;
    const client = mqtt.connect(url, {
      ...{ clientId: edgeId, username: edgeId, password: secret, clean: true },
      ...{ reconnectPeriod: 200, connectTimeout: 5000, queueQoSZero: false },
      ...options,
    });
    client.on('error', () => undefined);
    sendWithoutDelay(client);
    return client;
  }

  #takeAcks({ epoch, lanes }: Acks): void {
    this.acks++;
    if (epoch !== this.epoch) return;
    for (const lane of ['alarm', 'event'] as const) this.acked[lane] = Math.max(this.acked[lane], lanes[lane]);
  }

  #takeOrder(payload: Buffer): void {
    const { id, name, params } = JSON.parse(String(payload)) as {
      id: string;
      name: string;
      params: Record<string, unknown>;
    };
    this.orders.push({ name, params });
    const answer = this.answers[name];
    const reply =
      answer === undefined
        ? { id, ok: false, error: { code: 'NOT_FOUND', message: `no order ${name}` } }
        : { id, ok: true, result: answer(params) };
    this.events.publish(topics.replies(this.edgeId), JSON.stringify(reply), { qos: 1 });
    if (name === 'device.register') this.sendInventory();
  }
}

/** An event of the contract, made here and now. */
export function eventNow(deviceId: string, kind: string, priority: EdgeEvent['priority'], n: number): EdgeEvent {
  const edgeAtMs = Date.now();
  return { id: `event-${n}`, deviceId, kind, state: 'active', priority, deviceAtMs: null, edgeAtMs, data: { n } };
}
