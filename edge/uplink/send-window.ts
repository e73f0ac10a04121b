import type { OutboxRow, StoredLane } from './outbox-storage.ts';
import { RecentRows } from './recent-rows.ts';

/** Most events of one batch. */
export const BATCH_EVENTS = 200;
/** Most batches of a lane that wait for the hub's acknowledgement. */
export const BATCHES_IN_FLIGHT = 2;
/** Rows at the old end of a lane that may have been sent already, whatever happened since; they keep their sequence. */
export const WINDOW_EVENTS = BATCH_EVENTS * BATCHES_IN_FLIGHT;
/** A batch ends before it grows beyond this, so that an alarm never waits long behind it on a thin line. */
const BATCH_BYTES = 64 * 1024;

interface Sent {
  first: number;
  last: number;
  sentAtMs: number;
}

/**
 * What of one lane is sent and not yet acknowledged. Pure bookkeeping: the rows themselves stay on the disk until the
 * hub has them.
 */
export class SendWindow {
  #acked: number;
  #cursor = 0;
  #tailPosition: number;
  #inFlight: Sent[] = [];
  /** Position of the newest row that had waited through an outage. */
  #outageEnd = 0;
  /** Highest sequence that may ever have left this edge in this epoch. */
  #mayBeSent: number;
  /** Rows that the hub has, but the disk still has as well. */
  #toForget = 0;
  readonly #recent: RecentRows;
  /** Without those that the hub has. */
  rows: number;
  /** On the disk. */
  bytes: number;

  constructor(stored: StoredLane) {
    this.#acked = stored.acked;
    this.rows = stored.rows;
    this.bytes = stored.bytes;
    this.#tailPosition = stored.tailPosition;
    this.#mayBeSent = stored.acked + stored.rows;
    this.#recent = new RecentRows(stored.tailPosition);
  }

  get acked(): number {
    return this.#acked;
  }

  /** Position behind which the next batch is read. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Rows that are not on the way. */
  get unsent(): number {
    return Math.max(0, this.rows - this.#inFlightEvents());
  }

  /** Whether what comes next waited through an outage, rather than having come since the connection stands. */
  get isBacklog(): boolean {
    return this.#cursor < this.#outageEnd;
  }

  /** Whether another batch may go out now. */
  get open(): boolean {
    return this.#inFlight.length < BATCHES_IN_FLIGHT && this.#tailPosition > this.#cursor;
  }

  appended(row: OutboxRow): void {
    this.rows += 1;
    this.bytes += row.json.length;
    this.#tailPosition = Math.max(this.#tailPosition, row.position);
    this.#recent.add(row);
  }

  /** Rows for the next batch as far as they need not be read from the disk; null when they do. */
  recentRows(): OutboxRow[] | null {
    return this.#recent.take(this.#cursor, BATCH_EVENTS);
  }

  /** Takes the next batch out of rows that were read behind {@link cursor}; null when there are none. */
  take(rows: readonly OutboxRow[], epoch: string, nowMs: number): { json: string; bytes: number } | null {
    const taken: string[] = [];
    let bytes = 0;
    for (const row of rows) {
      if (taken.length >= BATCH_EVENTS || (taken.length > 0 && bytes + row.json.length > BATCH_BYTES)) break;
      taken.push(row.json);
      bytes += row.json.length;
      this.#cursor = row.position;
    }
    if (taken.length === 0) {
      // Everything up to the tail is gone (acknowledged or dropped meanwhile).
      this.#cursor = this.#tailPosition;
      return null;
    }
    const first = this.#acked + this.#inFlightEvents() + 1;
    const last = first + taken.length - 1;
    this.#inFlight.push({ first, last, sentAtMs: nowMs });
    this.#mayBeSent = Math.max(this.#mayBeSent, last);
    return { json: `{"epoch":"${epoch}","first":${first},"events":[${taken.join(',')}]}`, bytes };
  }

  /** Whether the hub claims a sequence that this outbox never gave away: it was restored from a backup. */
  neverSent(sequence: number): boolean {
    return sequence > this.#mayBeSent;
  }

  /** The hub has everything up to `sequence`; the rows are to be removed from the disk next. */
  acknowledged(sequence: number): void {
    this.rows -= sequence - this.#acked;
    this.#toForget += sequence - this.#acked;
    this.#acked = sequence;
    this.#inFlight = this.#inFlight
      .filter((sent) => sent.last > sequence)
      .map((sent) => ({ ...sent, first: Math.max(sent.first, sequence + 1) }));
  }

  /** How many of the oldest rows on the disk the hub has. While there are any, nothing may be read from its beginning. */
  get toForget(): number {
    return this.#toForget;
  }

  /** So many of the oldest rows are removed from the disk. */
  forgotten(rows: number, bytes: number): void {
    this.#toForget -= rows;
    this.bytes -= bytes;
  }

  /** Rows that nobody has sent were removed from the disk. */
  dropped(rows: number, bytes: number): void {
    this.rows -= rows;
    this.bytes -= bytes;
    this.#recent.forget(this.#tailPosition);
  }

  /** A new connection: everything is sent again from the oldest row, and what waits now is backlog. */
  reconnected(): void {
    this.rewind();
    this.#outageEnd = this.#tailPosition;
  }

  /** Sends again from the oldest row: the hub did not answer. */
  rewind(): void {
    this.#inFlight = [];
    this.#cursor = 0;
    this.#recent.forget(this.#tailPosition);
  }

  /** A new epoch counts from 1; nothing of it was sent. */
  renumber(): void {
    this.rewind();
    this.#acked = 0;
    this.#mayBeSent = 0;
  }

  /** When the oldest batch that is still unacknowledged was sent; null when none is. */
  oldestSentAtMs(): number | null {
    return this.#inFlight[0]?.sentAtMs ?? null;
  }

  #inFlightEvents(): number {
    const newest = this.#inFlight.at(-1);
    return newest === undefined ? 0 : newest.last - this.#acked;
  }
}
