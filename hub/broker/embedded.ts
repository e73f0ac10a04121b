import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Aedes, type AedesPublishPacket, type AuthenticateError, type Client, type PublishPacket } from 'aedes';
import { edgeMayPublish, edgeMaySubscribe, parseTopic } from '../../contract/topics.ts';
import type { Log } from '../../platform/log.ts';
import { PacketLimit } from '../../platform/mqtt/packet-limit.ts';
import { closeServer, listen } from '../../platform/net/listen.ts';
import { type EdgeLink, LINK_FILTERS, type LinkHandler, type LinkLane, type LinkViolation, laneOf } from './link.ts';
import { SendQueues } from './send-queues.ts';

/** What an {@link EmbeddedBroker} needs. Nothing here reaches the database, so that it can run in a worker thread. */
export interface EmbeddedBrokerOptions {
  lane: LinkLane;
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** PEM texts; null listens without TLS (loopback only). */
  tls: { cert: string; key: string } | null;
  /** Whether the secret is the edge's; asked once per connection. */
  authenticate(edgeId: string, secret: Uint8Array): Promise<boolean>;
  /** Told after the connection was ended. */
  onViolation(violation: LinkViolation): void;
  limits: {
    connections: number;
    /** Largest MQTT packet of a signed-in edge. */
    packetBytes: number;
  };
  log: Log;
}

/** A CONNECT with its last will is small; nobody who has not signed in may send more. */
const PACKET_BYTES_BEFORE_SIGN_IN = 16 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;
/** A client that takes nothing for so long is dropped. */
const DRAIN_TIMEOUT_MS = 2000;
const PUBLISH_TIMEOUT_MS = 3 * DRAIN_TIMEOUT_MS;
/**
 * Delivery slots beside the one of each connection. A stalled client holds its slot until it is dropped, and what all
 * others send goes through the same slots: there have to be more than can ever be held.
 */
const SPARE_SLOTS = 100;

function refusal(returnCode: number, message: string): AuthenticateError {
  return Object.assign(new Error(message), { returnCode });
}

/** A small MQTT 3.1.1 broker inside the hub for edges only: nobody else can sign in, and each has only its topics. */
export class EmbeddedBroker implements EdgeLink {
  readonly #options: EmbeddedBrokerOptions;
  readonly #handlers = new Set<LinkHandler>();
  readonly #sockets = new Set<Socket>();
  readonly #clients = new Map<string, Client>();
  readonly #limitOf = new WeakMap<object, PacketLimit>();
  readonly #queues = new SendQueues();
  readonly #counters = { connects: 0, refused: 0, violations: 0, oversize: 0, messages: 0 };
  #broker: Aedes | null = null;
  #server: Server | null = null;
  #port = 0;

  constructor(options: EmbeddedBrokerOptions) {
    this.#options = options;
  }

  /** The port that was taken; 0 before `start()`. */
  get port(): number {
    return this.#port;
  }

  /** Listens; rejects with PORT_TAKEN. */
  async start(): Promise<void> {
    const { host, port, tls, limits, lane } = this.#options;
    const broker = await this.#createBroker();
    this.#broker = broker;
    for (const filter of LINK_FILTERS[lane]) {
      await new Promise<void>((resolve) => broker.subscribe(filter, this.#deliver, resolve));
    }
    const accept = (socket: Socket): void => this.#accept(broker, socket);
    const server =
      tls === null
        ? createServer(accept)
        : createTlsServer({ ...tls, minVersion: 'TLSv1.2', handshakeTimeout: CONNECT_TIMEOUT_MS }, accept);
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    server.maxConnections = limits.connections;
    this.#server = server;
    this.#port = await listen(server, { host, port }, `the broker for ${lane}`);
    server.on('error', (error) => this.#options.log.warn({ err: error, lane }, 'the broker cannot accept connections'));
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

  publish(topic: string, payload: string | Uint8Array, options: { qos: 0 | 1; retain?: boolean }): Promise<void> {
    const body =
      typeof payload === 'string' ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.length);
    const { qos, retain = false } = options;
    const packet = { cmd: 'publish', topic, payload: body, qos, retain, dup: false } as const;
    const send = (): Promise<void> =>
      new Promise((resolve, reject) => {
        const broker = this.#broker;
        if (broker === null) return reject(new Error('the broker is stopped'));
        // The broker may never answer for a client that vanished in the middle; its edge must not wait for that for ever.
        const giveUp = setTimeout(
          () => reject(new Error('the broker did not take the message in time')),
          PUBLISH_TIMEOUT_MS,
        );
        giveUp.unref();
        broker.publish(packet, (error) => {
          clearTimeout(giveUp);
          if (error) reject(error);
          else resolve();
        });
      });
    return this.#queues.send(parseTopic(topic)?.edgeId ?? topic, send);
  }

  onMessage(handler: LinkHandler): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  disconnect(edgeId: string): void {
    this.#clients.get(edgeId)?.close();
  }

  counters(): Record<string, number> {
    return { ...this.#counters, ...this.#queues.counters(), connections: this.#sockets.size };
  }

  async #createBroker(): Promise<Aedes> {
    const { log, lane, limits } = this.#options;
    const broker = await Aedes.createBroker({
      concurrency: limits.connections + SPARE_SLOTS,
      connectTimeout: CONNECT_TIMEOUT_MS,
      drainTimeout: DRAIN_TIMEOUT_MS,
      maxClientsIdLength: 64,
      maxTopicLevels: 8,
      maxInflightInbound: 16,
      preConnect: (_client, packet, done) => {
        // The edge has its own outbox; a session kept here would only be a second, unbounded one.
        packet.clean = true;
        done(null, true);
      },
      authenticate: (client, user, password, done) => {
        this.#authenticate(client, user, password).then(
          (error) => done(error, error === null),
          (error: Error) => {
            log.error({ err: error, lane }, 'checking the credential of an edge failed');
            done(refusal(3, 'server unavailable'), false);
          },
        );
      },
      authorizePublish: (client, packet, done) => done(this.#refusePublish(client, packet)),
      authorizeSubscribe: (client, subscription, done) => {
        const error = this.#refuseSubscribe(client, subscription.topic);
        if (error !== null) return done(error);
        done(null, subscription);
      },
    });
    broker.on('clientReady', (client) => this.#clients.set(client.id, client));
    broker.on('clientDisconnect', (client) => {
      if (this.#clients.get(client.id) === client) this.#clients.delete(client.id);
    });
    broker.on('clientError', (client, error) => log.info({ edge: client.id, err: error, lane }, 'connection ended'));
    broker.on('connectionError', (_client, error) => log.debug({ err: error, lane }, 'connection refused'));
    (broker as NodeJS.EventEmitter).on('error', (error: Error) => log.error({ err: error, lane }, 'broker failed'));
    return broker;
  }

  #accept(broker: Aedes, socket: Socket): void {
    const limit = new PacketLimit(Math.min(PACKET_BYTES_BEFORE_SIGN_IN, this.#options.limits.packetBytes));
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    const client = broker.handle(socket);
    this.#limitOf.set(client, limit);
    // After handle(): the broker reads by 'readable', and 'data' then only tells what it is about to parse.
    socket.on('data', (chunk: Buffer) => {
      if (limit.accept(chunk)) return;
      this.#counters.oversize++;
      socket.destroy(new Error('an MQTT packet is larger than allowed'));
    });
  }

  async #authenticate(client: Client, user?: string, password?: Uint8Array): Promise<AuthenticateError | null> {
    if (user === undefined || password === undefined || !(await this.#options.authenticate(user, password))) {
      this.#counters.refused++;
      return refusal(4, 'the edge is unknown or its secret is wrong');
    }
    if (client.id !== user) {
      this.#violation({ edgeId: user, what: 'client-id', subject: client.id.slice(0, 256), address: address(client) });
      return refusal(2, 'the client id is not the id of the edge');
    }
    this.#counters.connects++;
    const limit = this.#limitOf.get(client);
    if (limit !== undefined) limit.limitBytes = this.#options.limits.packetBytes;
    return null;
  }

  #refusePublish(client: Client | null, packet: PublishPacket): Error | null {
    if (client === null) return new Error('nobody publishes without a connection');
    const parsed = parseTopic(packet.topic);
    const isOfLane = parsed !== null && laneOf(parsed.kind) === this.#options.lane;
    if (!isOfLane || !edgeMayPublish(client.id, packet.topic)) {
      this.#violation({
        edgeId: client.id,
        what: 'publish',
        subject: packet.topic.slice(0, 256),
        address: address(client),
      });
      return new Error('this topic is not open to the edge');
    }
    // Only these are worth keeping; anything else retained would let an edge fill the hub's memory.
    if (parsed?.kind !== 'status' && parsed?.kind !== 'inventory') packet.retain = false;
    return null;
  }

  #refuseSubscribe(client: Client, filter: string): Error | null {
    const parsed = parseTopic(filter);
    const isOfLane = parsed !== null && laneOf(parsed.kind) === this.#options.lane;
    if (isOfLane && edgeMaySubscribe(client.id, filter)) return null;
    const subject = filter.slice(0, 256);
    this.#violation({ edgeId: client.id, what: 'subscribe', subject, address: address(client) });
    return new Error('this topic is not open to the edge');
  }

  #violation(violation: LinkViolation): void {
    this.#counters.violations++;
    this.#options.onViolation(violation);
  }

  readonly #deliver = (packet: AedesPublishPacket, done: () => void): void => {
    this.#counters.messages++;
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    // The subscription is inside the broker, so nothing it gets was stored before.
    for (const handler of this.#handlers) {
      try {
        handler(packet.topic, payload, { retain: false });
      } catch (error) {
        this.#options.log.error({ err: error, topic: packet.topic }, 'a message of an edge could not be handled');
      }
    }
    done();
  };
}

function address(client: Client): string {
  return (client.conn as Socket).remoteAddress ?? 'unknown';
}
