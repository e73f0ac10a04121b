import mqtt, { type IPublishPacket, type MqttClient } from 'mqtt';
import { SharpEyesError } from '../../contract/errors.ts';
import { type Log, redactUrl } from '../../platform/log.ts';
import { sendWithoutDelay } from '../../platform/mqtt/no-delay.ts';
import { type EdgeLink, LINK_FILTERS, type LinkHandler, type LinkLane } from './link.ts';

/** What an {@link ExternalLink} needs. */
export interface ExternalLinkOptions {
  lane: LinkLane;
  /** `mqtt://` or `mqtts://` address of the broker, without user information. */
  url: string;
  /** Account of the hub at the broker; may read and write every edge's topics. */
  user: string;
  password: string;
  /** PEM of the authority that signed the broker's certificate; null for the system's own list. */
  caPem: string | null;
  log: Log;
}

const RECONNECT_MS = 2000;
const CONNECT_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 2000;

/** The hub as a client of a broker of its own, e.g. Mosquitto. Who may use which topic is up to that broker's files. */
export class ExternalLink implements EdgeLink {
  readonly #options: ExternalLinkOptions;
  readonly #handlers = new Set<LinkHandler>();
  readonly #counters = { connects: 0, losses: 0, messages: 0, unsent: 0 };
  #client: MqttClient | null = null;

  constructor(options: ExternalLinkOptions) {
    this.#options = options;
  }

  /** Begins to connect and keeps trying; a broker that is away does not stop the hub from starting. */
  start(): Promise<void> {
    const { url, user, password, caPem, lane, log } = this.#options;
    const client = mqtt.connect(url, {
      clientId: user,
      username: user,
      password,
      // Edges keep what is not acknowledged; a queue for the hub at the broker would only deliver it twice.
      clean: true,
      reconnectPeriod: RECONNECT_MS,
      connectTimeout: CONNECT_TIMEOUT_MS,
      queueQoSZero: false,
      ...(caPem === null ? {} : { ca: caPem }),
    });
    this.#client = client;
    sendWithoutDelay(client);
    const where = redactUrl(url);
    client.on('connect', () => {
      this.#counters.connects++;
      log.info({ broker: where, lane }, 'connected to the broker');
      client.subscribe([...LINK_FILTERS[lane]], { qos: lane === 'events' ? 1 : 0 }, (error) => {
        if (error) log.error({ err: error, broker: where }, 'the broker refuses the subscription of the hub');
      });
    });
    client.on('close', () => this.#counters.losses++);
    client.on('error', (error) => log.warn({ err: error, broker: where, lane }, 'the broker is not reachable'));
    client.on('message', (topic, payload, packet) => this.#deliver(topic, payload, packet));
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    if (client === null) return;
    const forced = setTimeout(() => client.stream?.destroy(), STOP_TIMEOUT_MS);
    await client.endAsync(!client.connected);
    clearTimeout(forced);
  }

  async publish(topic: string, payload: string | Uint8Array, options: { qos: 0 | 1; retain?: boolean }): Promise<void> {
    const client = this.#client;
    if (client === null || !client.connected) {
      this.#counters.unsent++;
      throw new SharpEyesError('EDGE_OFFLINE', 'the hub has no connection to its broker; nothing was sent');
    }
    const body =
      typeof payload === 'string' ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.length);
    await client.publishAsync(topic, body, options);
  }

  onMessage(handler: LinkHandler): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  /** Nothing to do: the broker ends the connection when its files are written without the edge and read again. */
  disconnect(): void {
    return;
  }

  counters(): Record<string, number> {
    return { ...this.#counters, connected: this.#client?.connected === true ? 1 : 0 };
  }

  #deliver(topic: string, payload: Uint8Array, packet: IPublishPacket): void {
    this.#counters.messages++;
    for (const handler of this.#handlers) {
      try {
        handler(topic, payload, { retain: packet.retain });
      } catch (error) {
        this.#options.log.error({ err: error, topic }, 'a message of an edge could not be handled');
      }
    }
  }
}
