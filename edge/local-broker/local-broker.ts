import { createHash } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { Aedes, type AuthenticateError, type Client, type PublishPacket } from 'aedes';
import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import { deviceSubtopic } from '../../contract/topics.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { PacketLimit } from '../../platform/mqtt/packet-limit.ts';
import { closeServer, listen } from '../../platform/net/listen.ts';
import { RecentReports } from '../profiles/recent-reports.ts';
import { markedRepeats, type ReportIdentity, unmarkedRepeats } from '../profiles/report-identity.ts';
import type { DeviceCredentials } from './credentials.ts';

/** Takes what devices publish. */
export interface PublishReceiver {
  /**
   * Resolves once the message has been dealt with for good; only then is it acknowledged. Rejects when it could not be
   * stored; then the connection is ended without an acknowledgement and the device will repeat it.
   * @param subtopic what follows the device's own prefix
   * @param identity null for messages that are never repeated (QoS 0)
   */
  receive(deviceId: string, subtopic: string, payload: Uint8Array, identity: ReportIdentity | null): Promise<void>;
}

/** What a {@link LocalBroker} needs. */
export interface LocalBrokerOptions {
  host: string;
  /** 0 takes any free port. */
  port: number;
  credentials: DeviceCredentials;
  receiver: PublishReceiver;
  /** Told when a device signs in and when its connection ends. */
  onConnection?(deviceId: string, connected: boolean): void;
  limits?: Partial<LocalBrokerLimits>;
  clock: Clock;
  log: Log;
}

/** Bounds of the local broker. */
export interface LocalBrokerLimits {
  connections: number;
  /** Largest MQTT packet of a signed-in device. */
  packetBytes: number;
}

const DEFAULT_LIMITS: LocalBrokerLimits = { connections: 500, packetBytes: 64 * 1024 };
const PACKET_BYTES_BEFORE_SIGN_IN = 4 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;
/** A client that does not read is dropped after this; the broker's default of a minute would stall others. */
const DRAIN_TIMEOUT_MS = 2_000;
/** How long a message marked as repeated is compared with earlier ones. */
const REPEAT_WINDOW_MS = 600_000;
/** Messages of one device that are compared with a repeated one. */
const REPEATS_KEPT = 256;

/** Return codes of CONNACK (MQTT 3.1.1, 3.2.2.3). */
const UNAVAILABLE = 3;
const BAD_CREDENTIALS = 4;

function refusal(returnCode: number, message: string): AuthenticateError {
  return Object.assign(new Error(message), { returnCode });
}

/**
 * The MQTT 3.1.1 broker for devices on the township's own network. Devices only report: each has one credential, may
 * publish below its own prefix and may subscribe to nothing.
 *
 * aedes sends PUBACK before it publishes; only `authorizePublish` comes before, so that is where messages are stored.
 */
export class LocalBroker {
  readonly #options: LocalBrokerOptions;
  readonly #limits: LocalBrokerLimits;
  readonly #deviceOf = new WeakMap<Client, string>();
  readonly #limitOf = new WeakMap<Client, PacketLimit>();
  readonly #clients = new Map<string, Client>();
  readonly #recent = new Map<string, RecentReports>();
  readonly #sockets = new Set<Socket>();
  readonly #counters = { messages: 0, repeated: 0, refusedSignIns: 0, refusedTopics: 0, oversize: 0, notStored: 0 };
  #broker: Aedes | null = null;
  #server: Server | null = null;
  #port = 0;
  #startedAtMs = 0;

  constructor(options: LocalBrokerOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
  }

  /** The port that was taken; 0 before `start()`. */
  get port(): number {
    return this.#port;
  }

  /** Listens; rejects with PORT_TAKEN. */
  async start(): Promise<void> {
    const { host, port, clock, log } = this.#options;
    this.#startedAtMs = clock.nowMs();
    const broker = await this.#createBroker();
    this.#broker = broker;
    const server = createServer((socket) => this.#accept(broker, socket));
    server.maxConnections = this.#limits.connections;
    this.#server = server;
    this.#port = await listen(server, { host, port }, 'the MQTT broker for devices');
    server.on('error', (error) => log.warn({ err: error }, 'the device broker cannot accept connections'));
  }

  /** Ends all connections and stops listening. */
  async stop(): Promise<void> {
    const [broker, server] = [this.#broker, this.#server];
    this.#broker = null;
    this.#server = null;
    const closed = server === null ? null : closeServer(server);
    if (broker !== null) await new Promise<void>((resolve) => broker.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Ends a device's connection, after its credential was taken away or changed. */
  disconnect(deviceId: string): void {
    this.#clients.get(deviceId)?.close();
    this.#recent.delete(deviceId);
  }

  /** Since start; `connections` is the present number. */
  counters(): Record<string, number> {
    return { ...this.#counters, connections: this.#sockets.size };
  }

  async #createBroker(): Promise<Aedes> {
    const { log } = this.#options;
    const broker = await Aedes.createBroker({
      connectTimeout: CONNECT_TIMEOUT_MS,
      drainTimeout: DRAIN_TIMEOUT_MS,
      maxClientsIdLength: 128,
      maxTopicLevels: 8,
      maxInflightInbound: 16,
      preConnect: (_client, packet, done) => {
        // Nobody may throw another device out by taking its client id, keep a session, or leave a will.
        packet.clientId = packet.username ?? '';
        packet.clean = true;
        delete packet.will;
        done(null, true);
      },
      authenticate: (client, user, password, done) => {
        this.#authenticate(client, user, password).then(
          (error) => done(error, error === null),
          (error: unknown) => done(refusal(UNAVAILABLE, messageOf(error)), false),
        );
      },
      authorizePublish: (client, packet, done) => {
        this.#take(client, packet).then(() => done(null), done);
      },
      authorizeSubscribe: (_client, _subscription, done) => done(new Error('devices do not subscribe here')),
    });
    broker.on('clientReady', (client) => this.#connected(client));
    broker.on('clientDisconnect', (client) => this.#disconnected(client));
    broker.on('clientError', (client, error) =>
      log.info({ device: client.id, reason: error.message }, 'device dropped'),
    );
    broker.on('connectionError', (_client, error) => log.debug({ reason: error.message }, 'connection refused'));
    (broker as NodeJS.EventEmitter).on('error', (error: Error) =>
      log.error({ err: error }, 'the device broker failed'),
    );
    return broker;
  }

  #accept(broker: Aedes, socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    const limit = new PacketLimit(Math.min(PACKET_BYTES_BEFORE_SIGN_IN, this.#limits.packetBytes));
    const client = broker.handle(socket);
    this.#limitOf.set(client, limit);
    // After handle(): the broker reads by 'readable', and 'data' then only tells what it is about to parse.
    socket.on('data', (chunk: Buffer) => {
      if (limit.accept(chunk)) return;
      this.#counters.oversize += 1;
      socket.destroy(new Error('an MQTT packet is larger than allowed'));
    });
  }

  async #authenticate(client: Client, user?: string, password?: Uint8Array): Promise<AuthenticateError | null> {
    const known =
      user === undefined || password === undefined ? null : await this.#options.credentials.check(user, password);
    if (known === null) {
      this.#counters.refusedSignIns += 1;
      const address = (client.conn as Socket).remoteAddress ?? 'unknown';
      this.#options.log.warn(
        { address },
        `a device was refused: user name "${(user ?? '').slice(0, 64)}" or password is wrong`,
      );
      return refusal(BAD_CREDENTIALS, 'user name or password is wrong');
    }
    this.#deviceOf.set(client, known);
    const limit = this.#limitOf.get(client);
    if (limit !== undefined) limit.limitBytes = this.#limits.packetBytes;
    return null;
  }

  #connected(client: Client): void {
    const deviceId = this.#deviceOf.get(client);
    if (deviceId === undefined) return;
    this.#clients.set(deviceId, client);
    this.#options.onConnection?.(deviceId, true);
  }

  #disconnected(client: Client): void {
    const deviceId = this.#deviceOf.get(client);
    // A device that came back before its old connection ended is still connected.
    if (deviceId === undefined || this.#clients.get(deviceId) !== client) return;
    this.#clients.delete(deviceId);
    this.#options.onConnection?.(deviceId, false);
  }

  async #take(client: Client | null, packet: PublishPacket): Promise<void> {
    const deviceId = client === null ? undefined : this.#deviceOf.get(client);
    const subtopic = deviceId === undefined ? null : deviceSubtopic(deviceId, packet.topic);
    if (deviceId === undefined || subtopic === null) {
      this.#counters.refusedTopics += 1;
      throw new SharpEyesError(
        'NOT_ALLOWED',
        `"${packet.topic.slice(0, 128)}" is not a topic of the device ${deviceId}`,
      );
    }
    // Nothing is delivered to anybody, so nothing needs to be kept.
    packet.retain = false;
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    if (payload.length > this.#limits.packetBytes) {
      throw new SharpEyesError('LIMIT_REACHED', `${deviceId} sent ${payload.length} bytes at once`);
    }
    const receive = (identity: ReportIdentity | null): Promise<void> =>
      this.#options.receiver.receive(deviceId, subtopic, payload, identity);
    try {
      const repeated = await this.#once(deviceId, packet, payload, receive);
      if (repeated) this.#counters.repeated += 1;
      else this.#counters.messages += 1;
    } catch (error) {
      this.#counters.notStored += 1;
      this.#options.log.error({ deviceId, reason: messageOf(error) }, 'a report was not stored and not acknowledged');
      throw error;
    }
  }

  /**
   * Stores a message unless the device marked it as repeated (MQTT 3.1.1, 3.3.1.1) and it was stored before. Across a
   * restart of the edge the store itself compares; there also without the mark, because widespread clients leave it out.
   */
  async #once(
    deviceId: string,
    packet: PublishPacket,
    payload: Buffer,
    store: (identity: ReportIdentity | null) => Promise<void>,
  ): Promise<boolean> {
    const { clock } = this.#options;
    const key = `${packet.messageId} ${createHash('sha256').update(payload).digest('base64')}`;
    const recent = this.#recentOf(deviceId);
    if (packet.qos === 0) {
      await store(null);
      return false;
    }
    if (packet.dup) {
      const repeats = markedRepeats(clock.nowMs(), REPEAT_WINDOW_MS, REPEATS_KEPT);
      return (await recent.once(key, clock.monotonicMs(), () => store({ key, repeats }))).repeated;
    }
    const isKnown = recent.has(key);
    const repeats = isKnown ? null : unmarkedRepeats(clock.nowMs(), this.#startedAtMs, REPEATS_KEPT);
    await recent.always(key, clock.monotonicMs(), () => store({ key, repeats }));
    return false;
  }

  #recentOf(deviceId: string): RecentReports {
    const known = this.#recent.get(deviceId) ?? new RecentReports({ kept: REPEATS_KEPT, windowMs: REPEAT_WINDOW_MS });
    this.#recent.set(deviceId, known);
    return known;
  }
}
