import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { EdgeEvent, Sample } from '../../contract/event.ts';
import { timeOrderedId } from '../../contract/ids.ts';
import type { EdgeInventory, EdgeStatus } from '../../contract/topics.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { SqliteDatabase } from '../../platform/sqlite/database.ts';
import { VERSION } from '../../platform/version.ts';
import type { EdgeIdentity } from '../identity/identity.ts';
import type { NewEvent } from '../profiles/report-identity.ts';
import type { StatusBoard } from '../supervision/status-board.ts';
import { Ballast } from './ballast.ts';
import { EventsLink } from './events-link.ts';
import { Outbox } from './outbox.ts';
import { OUTBOX_MIGRATIONS, SqliteOutboxStorage } from './outbox-storage.ts';
import { SampleOutbox } from './sample-outbox.ts';
import { UplinkMachine } from './uplink-machine.ts';

const BALLAST_BYTES = 16 * 1024 * 1024;

/** What {@link Uplink} is built from. */
export interface UplinkParts {
  dataFolder: string;
  identity: EdgeIdentity;
  config: { maxBytes: number; maxSamples: number; backlogBytesPerSecond: number };
  clock: Clock;
  log: Log;
  board: StatusBoard;
  inventory(): EdgeInventory;
  diskFreeBytes(): number | null;
  onCommand(payload: Uint8Array): void;
}

/** Everything that goes from this edge to the hub, pictures and footage aside. */
export class Uplink {
  readonly #parts: UplinkParts;
  readonly #instance: string;
  readonly #database: SqliteDatabase;
  readonly #samples: SampleOutbox;
  readonly #link: EventsLink;
  readonly #machine: UplinkMachine;
  readonly #outbox: Outbox;
  readonly #ballast: Ballast;

  constructor(parts: UplinkParts) {
    this.#parts = parts;
    this.#instance = timeOrderedId(parts.clock.nowMs(), randomBytes(16));
    const { clock, log, board, config, identity } = parts;
    const file = join(parts.dataFolder, 'outbox.sqlite');
    this.#database = new SqliteDatabase({ file, migrations: OUTBOX_MIGRATIONS, log });
    const storage = new SqliteOutboxStorage(this.#database);
    this.#samples = new SampleOutbox({
      database: this.#database,
      clock,
      log,
      maxSamples: config.maxSamples,
      pauseMs: 100,
      onDropped: (samples) => board.countDropped('samples', samples),
    });
    this.#link = new EventsLink({
      target: { url: identity.mqttUrl, edgeId: identity.edgeId, secret: identity.secret, caPem: identity.caPem },
      clock,
      log,
      samples: this.#samples,
      status: (online) => this.#status(online),
      inventory: parts.inventory,
      onCommand: parts.onCommand,
    });
    this.#machine = new UplinkMachine({
      storage,
      transport: this.#link,
      clock,
      log,
      random: Math.random,
      newEpoch: () => timeOrderedId(clock.nowMs(), randomBytes(16)),
      limits: {
        backlogBytesPerSecond: config.backlogBytesPerSecond,
        resendAfterMs: 20_000,
        greetingAfterMs: 5000,
        backlogJitterMs: 2000,
      },
      onEpoch: (reason) => {
        const what = reason === 'edge-restored' ? "this edge's disk" : "the hub's disk";
        board.raise('outbox-epoch', `${what} was restored from a backup; events are numbered anew`);
        this.#link.sayStatus();
      },
    });
    this.#ballast = new Ballast({
      path: join(parts.dataFolder, 'ballast.bin'),
      bytes: BALLAST_BYTES,
      clock,
      log,
      onChange: (present) => {
        if (present) board.clear('STORAGE', 'outbox');
        else board.raise('STORAGE', 'the disk is full: events now use the space set aside for them', 'outbox');
      },
    });
    this.#outbox = new Outbox({
      storage,
      machine: this.#machine,
      maxBytes: config.maxBytes,
      releaseBallast: () => this.#ballast.release(),
      dropSamples: () => this.#samples.dropOldest(),
      onDropped: (events) => board.countDropped('events', events),
    });
  }

  /** Opens the outbox; from now on events can be committed. */
  async start(): Promise<void> {
    await this.#database.start();
    await this.#machine.start();
    await this.#samples.start();
    await this.#ballast.start();
    this.#parts.board.onChange(() => this.#link.statusChanged());
  }

  /** Begins to connect; a hub that is away does not hold anything up. */
  connect(): void {
    this.#link.start(this.#machine);
  }

  /** Says goodbye to the hub; events can still be committed. */
  disconnect(): Promise<void> {
    return this.#link.stop();
  }

  async stop(): Promise<void> {
    await this.#link.stop();
    await this.#ballast.stop();
    await this.#samples.stop();
    await this.#machine.stop();
    await this.#database.stop();
  }

  /** See {@link Outbox.commit}. */
  commit(event: EdgeEvent): Promise<void> {
    return this.#outbox.commit(event);
  }

  /** See {@link Outbox.commitAll}. */
  commitAll(events: readonly NewEvent[]): Promise<void> {
    return this.#outbox.commitAll(events);
  }

  /** See {@link SampleOutbox.add}. */
  sample(sample: Sample): void {
    this.#samples.add(sample);
  }

  get connected(): boolean {
    return this.#link.connected;
  }

  inventoryChanged(): void {
    this.#link.inventoryChanged();
  }

  /** Sends a `CommandReply` as JSON text. */
  reply(json: string): void {
    this.#link.reply(json);
  }

  #status(online: boolean): EdgeStatus {
    const { board, clock, diskFreeBytes } = this.#parts;
    return {
      online,
      version: VERSION,
      instance: this.#instance,
      epoch: this.#machine.epoch,
      edgeAtMs: online ? clock.nowMs() : null,
      backlog: this.#machine.backlog(),
      dropped: board.dropped,
      diskFreeBytes: diskFreeBytes(),
      problems: board.problems,
      listeners: board.listeners,
      ...(board.line === null ? {} : { line: board.line }),
    };
  }
}
