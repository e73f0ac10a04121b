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
  /** Secrets that were offered, by user. */
  readonly signIns: { user: string; password: string }[] = [];
  /** While true, batches are thrown away unseen. */
  deaf = false;
  readonly #edgeId: string;
  #broker: Aedes | null = null;
  #server: Server | null = null;
  readonly #sockets = new Set<Socket>();
  #orders = 0;

  constructor(edgeId: string) {
    this.#edgeId = edgeId;
  }

  /** Listens on a port of 127.0.0.1; resolves with the address. */
  async start(port = 0): Promise<string> {
    const broker = await Aedes.createBroker({
      authenticate: (_client, user, password, done) => {
        this.signIns.push({ user: user ?? '', password: Buffer.from(password ?? []).toString() });
        done(null, true);
      },
    });
    this.#broker = broker;
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
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const address = server.address();
    return `mqtt://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`;
  }

  /** Cuts every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#broker?.close(() => resolve()));
    await new Promise<void>((resolve) => this.#server?.close(() => resolve()));
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
