import type { OutboxRow } from './outbox-storage.ts';

const ROWS_MAX = 4096;
const BYTES_MAX = 2 * 1024 * 1024;

/**
 * The newest rows of a lane, kept for the moment between their commit and their way out, so that a lane that keeps up
 * reads nothing back from the disk.
 */
export class RecentRows {
  #rows: OutboxRow[] = [];
  #bytes = 0;
  /** Every row behind this position is here. */
  #completeBehind: number;

  /** @param tailPosition of the newest row that lies on the disk already */
  constructor(tailPosition: number) {
    this.#completeBehind = tailPosition;
  }

  /** A row was committed. */
  add(row: OutboxRow): void {
    if (row.position <= (this.#rows.at(-1)?.position ?? this.#completeBehind)) return this.forget(row.position);
    this.#rows.push(row);
    this.#bytes += row.json.length;
    // Half at a time: taking one from the front moves all others.
    if (this.#rows.length > ROWS_MAX || this.#bytes > BYTES_MAX) this.#removeOldest(Math.ceil(this.#rows.length / 2));
  }

  /** At most `limit` rows behind a position, and what is before it is kept no longer; null when they are not all here. */
  take(afterPosition: number, limit: number): OutboxRow[] | null {
    if (afterPosition < this.#completeBehind) return null;
    const first = this.#rows.findIndex((row) => row.position > afterPosition);
    this.#removeOldest(first === -1 ? this.#rows.length : first);
    return this.#rows.slice(0, limit);
  }

  /** Keeps nothing: rows up to this position are to be read from the disk. */
  forget(upToPosition: number): void {
    this.#completeBehind = Math.max(this.#completeBehind, upToPosition, this.#rows.at(-1)?.position ?? 0);
    this.#rows = [];
    this.#bytes = 0;
  }

  #removeOldest(count: number): void {
    for (const row of this.#rows.splice(0, count)) {
      this.#bytes -= row.json.length;
      this.#completeBehind = row.position;
    }
  }
}
