import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import type { CommandReply } from '../../../contract/command.ts';
import type { EdgeInventory, EdgeStatus, EventBatch } from '../../../contract/topics.ts';
import { parseTopic, topics } from '../../../contract/topics.ts';
import { ModelHub } from '../uplink/model-hub.ts';
import { waitFor } from '../wait.ts';

/** Just enough hub for one edge: an MQTT broker that commits, acknowledges and gives orders. */
export class MiniHub {
  readonly model = new ModelHub();
  readonly statuses: EdgeStatus[] = [];
  readonly samples: unknown[] = [];
  readonly replies = new Map<string, CommandReply>();
  readonly media: { topic: string; payload: Buffer }[] = [];
  inventory: EdgeInventory | null = null;
  /** Bodies of join requests; the token of the first one is used up by it. */
  readonly joins: Record<string, unknown>[] = [];
  /** Secrets that were offered, by user. */
  readonly signIns: { user: string; password: string }[] = [];
  /** While true, batches are thrown away unseen. */
  deaf = false;
  readonly #edgeId: string;
  #broker: Aedes | null = null;
  readonly #brokers: Aedes[] = [];
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  #orders = 0;
  #http: HttpServer | null = null;

  constructor(edgeId: string) {
    this.#edgeId = edgeId;
  }

  /** Listens on a port of 127.0.0.1 for everything but media; resolves with the address. */
  async start(): Promise<string> {
    const { broker, url } = await this.#listen();
    this.#broker = broker;
    return url;
  }

  /** Listens for media, apart, as a hub does: an edge signs in at both with the same id. */
  async startMedia(): Promise<string> {
    return (await this.#listen()).url;
  }

  async #listen(): Promise<{ broker: Aedes; url: string }> {
    const broker = await Aedes.createBroker({
      authenticate: (_client, user, password, done) => {
        this.signIns.push({ user: user ?? '', password: Buffer.from(password ?? []).toString() });
        done(null, true);
      },
    });
    this.#brokers.push(broker);
    await new Promise<void>((resolve) =>
      broker.subscribe(
        'sharp-eyes/#',
        (packet, done) => {
          this.#receive(packet.topic, packet.payload as Buffer);
          done();
        },
        resolve,
      ),
    );
    const server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      broker.handle(socket);
    });
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return { broker, url: `mqtt://127.0.0.1:${port}` };
  }

  /** Serves `/edge-api/join`; resolves with the hub's web address. */
  async startWeb(): Promise<string> {
    const server = createHttpServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on('end', () => {
        const join = JSON.parse(body) as Record<string, unknown>;
        const isUsed = this.joins.some(({ token, secret }) => token === join['token'] && secret !== join['secret']);
        this.joins.push(join);
        response.statusCode = isUsed ? 403 : 200;
        response.setHeader('content-type', 'application/json');
        response.end(
          JSON.stringify(isUsed ? { code: 'JOIN_TOKEN_INVALID' } : { edgeId: join['edgeId'], name: 'North' }),
        );
      });
    });
    this.#http = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  /** Cuts every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    for (const broker of this.#brokers) await new Promise<void>((resolve) => broker.close(() => resolve()));
    for (const server of this.#servers) await new Promise<void>((resolve) => server.close(() => resolve()));
    const http = this.#http;
    http?.closeAllConnections();
    if (http !== null) await new Promise<void>((resolve) => http.close(() => resolve()));
  }

  /** Gives an order and waits for the reply. */
  async order(name: string, params: unknown, ttlMs = 20_000): Promise<CommandReply> {
    const id = `order-${++this.#orders}`;
    this.publish(topics.commands(this.#edgeId), { id, name, params, ttlMs, sentAtMs: Date.now() });
    return waitFor(`the reply to ${name}`, () => this.replies.get(id) ?? null, ttlMs + 5000);
  }

  publish(topic: string, message: unknown): void {
    const payload = Buffer.from(JSON.stringify(message));
    this.#broker?.publish({ cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false }, () => undefined);
  }

  #receive(topic: string, payload: Buffer): void {
    const parsed = parseTopic(topic);
    if (parsed === null) return;
    if (parsed.kind === 'media') {
      this.media.push({ topic, payload });
      return;
    }
    if (parsed.kind === 'commands' || parsed.kind === 'acks' || this.deaf) return;
    const message: unknown = JSON.parse(payload.toString('utf8'));
    if (parsed.kind === 'status') this.#onStatus(message as EdgeStatus);
    if (parsed.kind === 'inventory') this.inventory = message as EdgeInventory;
    if (parsed.kind === 'telemetry') this.samples.push(...(message as { samples: unknown[] }).samples);
    if (parsed.kind === 'replies') this.replies.set((message as CommandReply).id, message as CommandReply);
    if (parsed.kind === 'events') {
      const batch = message as EventBatch;
      this.model.onBatch(parsed.lane, batch);
      this.publish(topics.acks(this.#edgeId), this.model.acks(batch.epoch));
    }
  }

  #onStatus(status: EdgeStatus): void {
    this.statuses.push(status);
    if (status.online) this.publish(topics.acks(this.#edgeId), this.model.acks(status.epoch));
  }
}
