import { LANES, type Lane } from '../../../contract/event.ts';
import type { Acks, EventBatch } from '../../../contract/topics.ts';

/** What a hub has to do with batches, as short as it can be said; tests compare an edge's outbox against it. */
export class ModelHub {
  readonly #contiguous = new Map<string, number>();
  /** Events in the order of their commits, by lane. */
  readonly committed: Record<Lane, string[]> = { alarm: [], event: [] };
  /** Times at which a batch skipped a sequence; must stay 0. */
  holes = 0;

  onBatch(lane: Lane, batch: EventBatch): void {
    const key = `${batch.epoch}/${lane}`;
    let next = (this.#contiguous.get(key) ?? 0) + 1;
    for (const [index, event] of batch.events.entries()) {
      const sequence = batch.first + index;
      if (sequence < next) continue;
      if (sequence > next) {
        this.holes += 1;
        return;
      }
      this.committed[lane].push(event.id);
      this.#contiguous.set(key, next);
      next += 1;
    }
  }

  acks(epoch: string): Acks {
    const lanes = Object.fromEntries(LANES.map((lane) => [lane, this.#contiguous.get(`${epoch}/${lane}`) ?? 0]));
    return { epoch, lanes: lanes as Acks['lanes'] };
  }

  /** The hub as its backup has it. */
  copy(): ModelHub {
    const copy = new ModelHub();
    for (const [key, value] of this.#contiguous) copy.#contiguous.set(key, value);
    copy.committed.alarm.push(...this.committed.alarm);
    copy.committed.event.push(...this.committed.event);
    return copy;
  }
}
