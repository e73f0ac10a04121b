import { messageOf } from '../../contract/errors.ts';
import { LANES, type Lane } from '../../contract/event.ts';
import type { Acks } from '../../contract/topics.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { OutboxRow, OutboxStorage } from './outbox-storage.ts';
import { BATCH_EVENTS, SendWindow, WINDOW_EVENTS } from './send-window.ts';

/** A repeated acknowledgement asks for what was sent longer ago than this; younger batches may have crossed it. */
const ASKED_AGAIN_MS = 1000;

/** Why the outbox counts from 1 again. */
export type EpochReason =
  /** The hub has more than this disk ever sent: the disk was restored from a backup or cloned. */
  | 'edge-restored'
  /** The hub has less than it acknowledged before: the hub was restored from a backup. */
  | 'hub-restored';

/** What the machine needs of a connection. Anything given to it may get lost at any time. */
export interface UplinkTransport {
  /** Sends an `EventBatch` as JSON text. */
  sendBatch(lane: Lane, json: string): void;
  /** Says the edge's status again, which makes the hub greet with its acknowledgements. */
  sayStatus(): void;
}

/** Bounds of the machine. */
export interface UplinkLimits {
  /**
   * How fast events of the `event` lane that waited through an outage drain, bytes per second. Alarms are not held back,
   * nor is what happens while the connection stands: that goes as fast as the hub acknowledges.
   */
  backlogBytesPerSecond: number;
  /** A batch without an acknowledgement is sent again after this. */
  resendAfterMs: number;
  /** The status is said again when the hub has not greeted after this. */
  greetingAfterMs: number;
  /** Most that the backlog waits after a reconnect, so that edges do not come back in step. */
  backlogJitterMs: number;
}

/** What {@link UplinkMachine} is built from. */
export interface UplinkOptions {
  storage: OutboxStorage;
  transport: UplinkTransport;
  clock: Clock;
  log: Log;
  limits: UplinkLimits;
  random(): number;
  newEpoch(): string;
  /** The epoch changed; the status must be said again. */
  onEpoch?(reason: EpochReason): void;
}

/**
 * Brings committed events to the hub, alarms first, and forgets only what the hub has committed. It owns no socket and
 * no timer but those of its {@link Clock}, so that a simulator can drive it through any order of failures.
 *
 * Nothing is sent on a new connection before the hub has said what it has (its greeting): only then can a disk that
 * was restored from a backup be told from one that merely missed an acknowledgement.
 */
export class UplinkMachine {
  readonly #options: UplinkOptions;
  readonly #windows = new Map<Lane, SendWindow>();
  #epoch = '';
  #connection = 0;
  #connected = false;
  #greeted = false;
  #saidStatusAtMs = 0;
  #backlogNotBeforeMs = 0;
  #backlogTimer: TimerHandle | null = null;
  #tick: TimerHandle | null = null;
  #pumping = false;
  #queue: Promise<void> = Promise.resolve();
  /** Rows are being removed that the hub has; one after the other, or the same would be removed twice. */
  #forgetting: Promise<void> | null = null;

  constructor(options: UplinkOptions) {
    this.#options = options;
  }

  /** Reads what waits on the disk. */
  async start(): Promise<void> {
    const { storage, clock, newEpoch } = this.#options;
    const snapshot = await storage.load(newEpoch());
    this.#epoch = snapshot.epoch;
    for (const lane of LANES) this.#windows.set(lane, new SendWindow(snapshot.lanes[lane]));
    this.#tick = clock.every(1000, () => this.#onTick());
  }

  async stop(): Promise<void> {
    this.disconnected();
    this.#tick?.cancel();
    await this.#queue;
    await this.#forgetAll().catch((error: unknown) => this.#diskFailed(error));
  }

  get epoch(): string {
    return this.#epoch;
  }

  /** Events that the hub has not acknowledged. */
  backlog(): Record<Lane, number> {
    return { alarm: Math.max(0, this.#window('alarm').rows), event: Math.max(0, this.#window('event').rows) };
  }

  /** Bytes of all waiting events. */
  bytes(): number {
    return this.#window('alarm').bytes + this.#window('event').bytes;
  }

  /** The connection is up and the status was said on it. */
  connected(): void {
    const { clock, limits, random } = this.#options;
    this.#connection += 1;
    this.#connected = true;
    this.#greeted = false;
    this.#saidStatusAtMs = clock.monotonicMs();
    this.#backlogNotBeforeMs = clock.monotonicMs() + random() * limits.backlogJitterMs;
    this.#exclusively(async () => {
      await this.#forgetAll();
      for (const window of this.#windows.values()) window.reconnected();
    });
  }

  disconnected(): void {
    this.#connected = false;
    this.#greeted = false;
    this.#backlogTimer?.cancel();
    this.#backlogTimer = null;
  }

  /** An event lies on the disk. */
  appended(lane: Lane, row: OutboxRow): void {
    this.#window(lane).appended(row);
    this.#pump();
  }

  /** The hub said what it has committed. */
  onAcks(acks: Acks): void {
    const connection = this.#connection;
    this.#exclusively(async () => {
      if (!this.#connected || connection !== this.#connection || acks.epoch !== this.#epoch) return;
      const reason = this.#contradiction(acks);
      if (reason !== null) await this.#beginEpoch(reason);
      else if (this.#greeted && this.#isRepeated(acks)) await this.#sendAgain(ASKED_AGAIN_MS);
      else for (const lane of LANES) this.#acknowledge(lane, acks.lanes[lane]);
      this.#greeted = true;
      this.#pump();
    });
  }

  /** Removes up to `count` of the oldest events of a lane that were certainly never sent; resolves with how many. */
  dropOldest(lane: Lane, count: number): Promise<number> {
    return this.#exclusively(async () => {
      await this.#forgetAll();
      const { rows, bytes } = await this.#options.storage.drop(lane, WINDOW_EVENTS, count);
      this.#window(lane).dropped(rows, bytes);
      return rows;
    });
  }

  #window(lane: Lane): SendWindow {
    const window = this.#windows.get(lane);
    if (window === undefined) throw new Error('the uplink was not started');
    return window;
  }

  #contradiction(acks: Acks): EpochReason | null {
    if (LANES.some((lane) => this.#window(lane).neverSent(acks.lanes[lane]))) return 'edge-restored';
    if (!this.#greeted && LANES.some((lane) => acks.lanes[lane] < this.#window(lane).acked)) return 'hub-restored';
    return null;
  }

  /** The hub repeats itself when it met a hole or could not store a batch. */
  #isRepeated(acks: Acks): boolean {
    return LANES.every((lane) => acks.lanes[lane] <= this.#window(lane).acked);
  }

  async #sendAgain(afterMs: number): Promise<void> {
    const nowMs = this.#options.clock.monotonicMs();
    for (const window of this.#windows.values()) {
      const sentAtMs = window.oldestSentAtMs();
      if (sentAtMs === null || nowMs - sentAtMs < afterMs) continue;
      await this.#forgetAll();
      window.rewind();
    }
  }

  async #beginEpoch(reason: EpochReason): Promise<void> {
    const { storage, newEpoch, onEpoch, log } = this.#options;
    const epoch = newEpoch();
    // What the hub has under the old epoch must not get a number of the new one.
    await this.#forgetAll();
    await storage.startEpoch(epoch);
    this.#epoch = epoch;
    for (const window of this.#windows.values()) window.renumber();
    log.warn({ epoch, reason }, 'the outbox begins a new epoch: its numbers and the hub contradict each other');
    onEpoch?.(reason);
  }

  /** The disk forgets behind our back: the next batches need not wait for it, and until then it only knows less. */
  #acknowledge(lane: Lane, sequence: number): void {
    const window = this.#window(lane);
    if (sequence <= window.acked) return;
    window.acknowledged(sequence);
    this.#forgetSoon();
  }

  #forgetSoon(): void {
    this.#forgetAll().catch((error: unknown) => this.#diskFailed(error));
  }

  /** Resolves when the disk has no row any more that the hub has. */
  async #forgetAll(): Promise<void> {
    while ([...this.#windows.values()].some(({ toForget }) => toForget > 0)) {
      this.#forgetting ??= this.#forget().finally(() => {
        this.#forgetting = null;
      });
      await this.#forgetting;
    }
  }

  async #forget(): Promise<void> {
    for (const [lane, window] of this.#windows) {
      const { toForget, acked } = window;
      if (toForget === 0) continue;
      const bytes = await this.#options.storage.acknowledge(lane, toForget, acked);
      window.forgotten(toForget, bytes);
    }
  }

  #pump(): void {
    if (this.#pumping || !this.#connected || !this.#greeted) return;
    this.#pumping = true;
    const connection = this.#connection;
    void this.#exclusively(async () => {
      this.#pumping = false;
      while (this.#connected && this.#greeted && connection === this.#connection) {
        const lane = LANES.find((candidate) => this.#maySend(candidate));
        if (lane === undefined) return;
        await this.#sendBatch(lane, connection);
      }
    });
  }

  #maySend(lane: Lane): boolean {
    const window = this.#window(lane);
    if (!window.open) return false;
    if (lane === 'alarm' || !window.isBacklog || window.unsent <= BATCH_EVENTS) return true;
    const { clock } = this.#options;
    const waitMs = this.#backlogNotBeforeMs - clock.monotonicMs();
    if (waitMs <= 0) return true;
    this.#backlogTimer ??= clock.after(waitMs, () => {
      this.#backlogTimer = null;
      this.#pump();
    });
    return false;
  }

  async #sendBatch(lane: Lane, connection: number): Promise<void> {
    const { transport, clock, limits } = this.#options;
    const window = this.#window(lane);
    const rows = window.recentRows() ?? (await this.#readRows(lane, window));
    if (!this.#connected || connection !== this.#connection) return;
    const nowMs = clock.monotonicMs();
    const { isBacklog } = window;
    const batch = window.take(rows, this.#epoch, nowMs);
    if (batch === null) return;
    if (lane === 'event' && isBacklog) {
      const fromMs = Math.max(nowMs, this.#backlogNotBeforeMs);
      this.#backlogNotBeforeMs = fromMs + (batch.bytes / limits.backlogBytesPerSecond) * 1000;
    }
    transport.sendBatch(lane, batch.json);
  }

  async #readRows(lane: Lane, { cursor }: SendWindow): Promise<OutboxRow[]> {
    // Behind a rewound cursor they would be read, and numbered, once more.
    await this.#forgetAll();
    return this.#options.storage.read(lane, cursor, BATCH_EVENTS);
  }

  #onTick(): void {
    if (!this.#connected) return;
    const { clock, limits, transport } = this.#options;
    const nowMs = clock.monotonicMs();
    if (!this.#greeted && nowMs - this.#saidStatusAtMs >= limits.greetingAfterMs) {
      this.#saidStatusAtMs = nowMs;
      transport.sayStatus();
    }
    void this.#exclusively(() => this.#sendAgain(limits.resendAfterMs));
    this.#forgetSoon();
    this.#pump();
  }

  /** Runs one step after the other, so that rows, numbers and the disk never disagree. */
  #exclusively<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(step);
    this.#queue = result.then(
      () => undefined,
      (error) => this.#diskFailed(error),
    );
    return result;
  }

  #diskFailed(error: unknown): void {
    this.#options.log.error({}, `the outbox's disk failed: ${messageOf(error)}`);
  }
}
