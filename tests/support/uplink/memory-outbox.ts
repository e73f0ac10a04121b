import type { Lane } from '../../../contract/event.ts';
import type { NewRow, OutboxRow, OutboxSnapshot, OutboxStorage } from '../../../edge/uplink/outbox-storage.ts';

interface State {
  epoch: string;
  position: number;
  acked: Record<Lane, number>;
  rows: Record<Lane, OutboxRow[]>;
}

/** The outbox's disk in memory: can be copied (a backup) and asked to fail. */
export class MemoryOutbox implements OutboxStorage {
  #state: State = { epoch: '', position: 0, acked: { alarm: 0, event: 0 }, rows: { alarm: [], event: [] } };
  /** Thrown by the next append, once. */
  failAppend: Error | null = null;
  /** How slowly rows are removed, in turns of the queue of promises. */
  slowness = 0;
  /** So many removals fail. */
  failRemovals = 0;

  /** A copy as a backup or a clone would be. */
  copy(): MemoryOutbox {
    const copy = new MemoryOutbox();
    copy.#state = structuredClone(this.#state);
    return copy;
  }

  async load(newEpoch: string): Promise<OutboxSnapshot> {
    if (this.#state.epoch === '') this.#state.epoch = newEpoch;
    const { epoch, acked, rows } = this.#state;
    const stored = (lane: Lane) => ({
      acked: acked[lane],
      rows: rows[lane].length,
      bytes: sum(rows[lane]),
      tailPosition: rows[lane].at(-1)?.position ?? 0,
    });
    return { epoch, lanes: { alarm: stored('alarm'), event: stored('event') } };
  }

  async append(rows: readonly NewRow[]): Promise<number[]> {
    if (this.failAppend !== null) {
      const error = this.failAppend;
      this.failAppend = null;
      throw error;
    }
    return rows.map(({ lane, json }) => {
      const position = ++this.#state.position;
      this.#state.rows[lane].push({ position, json });
      return position;
    });
  }

  async read(lane: Lane, afterPosition: number, limit: number): Promise<OutboxRow[]> {
    return this.#state.rows[lane].filter((row) => row.position > afterPosition).slice(0, limit);
  }

  async acknowledge(lane: Lane, count: number, acked: number): Promise<number> {
    for (let turn = 0; turn < this.slowness; turn++) await Promise.resolve();
    if (this.failRemovals > 0) {
      this.failRemovals -= 1;
      throw new Error('the disk is busy');
    }
    this.#state.acked[lane] = acked;
    return sum(this.#state.rows[lane].splice(0, count));
  }

  async startEpoch(epoch: string): Promise<void> {
    this.#state.epoch = epoch;
    this.#state.acked = { alarm: 0, event: 0 };
  }

  async drop(lane: Lane, spare: number, count: number): Promise<{ rows: number; bytes: number }> {
    const removed = this.#state.rows[lane].splice(spare, count);
    return { rows: removed.length, bytes: sum(removed) };
  }
}

function sum(rows: readonly OutboxRow[]): number {
  return rows.reduce((total, row) => total + row.json.length, 0);
}
