import type { Lane } from '../../contract/event.ts';

const KEPT_EPOCHS = 4096;

/** Highest contiguous sequence number per lane; 0 when nothing came yet. */
export type LaneMarks = Record<Lane, number>;

/** Where the marks are stored. */
export interface MarksStore {
  /** Marks of an epoch, zeros when it is unknown. */
  marks(edgeId: string, epoch: string): Promise<LaneMarks>;
}

/** How far each lane of each epoch is, as committed. Read from the store once, then kept here. */
export class Marks {
  readonly #store: MarksStore;
  readonly #known = new Map<string, Promise<LaneMarks>>();

  constructor(store: MarksStore) {
    this.#store = store;
  }

  /** Marks of an epoch. Both lanes share one entry, so a change by one lane is seen by the other's acknowledgement. */
  async of(edgeId: string, epoch: string): Promise<Readonly<LaneMarks>> {
    return { ...(await this.#entry(edgeId, epoch)) };
  }

  /** Notes a commit. Call only after the store said that it is on the disk. */
  async advance(edgeId: string, epoch: string, lane: Lane, highest: number): Promise<void> {
    const marks = await this.#entry(edgeId, epoch);
    marks[lane] = Math.max(marks[lane], highest);
  }

  async #entry(edgeId: string, epoch: string): Promise<LaneMarks> {
    const key = `${edgeId}/${epoch}`;
    const known = this.#known.get(key);
    if (known !== undefined) {
      this.#known.delete(key);
      this.#known.set(key, known);
      return known;
    }
    const loading = this.#store.marks(edgeId, epoch);
    this.#known.set(key, loading);
    loading.catch(() => this.#known.delete(key));
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= KEPT_EPOCHS) break;
      this.#known.delete(oldest);
    }
    return loading;
  }
}
