import { SharpEyesError } from '../../../../contract/errors.ts';
import { type EdgeEvent, EVENT_KINDS, type EventKind, type HubEvent, type Lane } from '../../../../contract/event.ts';
import type { Acks } from '../../../../contract/topics.ts';
import type { LaneMarks } from '../../../../hub/ingest/marks.ts';
import type { CommitRequest, EventStore } from '../../../../hub/ingest/ports.ts';
import type { SetAside } from '../../../../hub/ingest/turn.ts';

/** An event of a device, valid by the contract. */
export function edgeEvent(n: number, kind: EventKind = 'motion', changes: Partial<EdgeEvent> = {}): EdgeEvent {
  const { priority } = EVENT_KINDS[kind];
  const base = { id: `event-${n}`, deviceId: 'camera-1', kind, state: 'active', priority } as const;
  return { ...base, deviceAtMs: null, edgeAtMs: Date.UTC(2026, 0, 1) + n, data: { n }, ...changes };
}

/** A batch as an edge publishes it. */
export function batch(epoch: string, first: number, events: readonly unknown[]): Uint8Array {
  return Buffer.from(JSON.stringify({ epoch, first, events }));
}

/** A batch of `count` events whose `data.n` is their sequence number. */
export function run(epoch: string, first: number, count: number): Uint8Array {
  return batch(
    epoch,
    first,
    Array.from({ length: count }, (_, index) => edgeEvent(first + index)),
  );
}

/** A store in memory that survives its ingest, can fail before or after a commit, and refuses doubles. */
export class MemoryEventStore implements EventStore {
  readonly rows: { edgeId: string; epoch: string; lane: Lane; sequence: number; event: EdgeEvent }[] = [];
  readonly asideRows: SetAside[] = [];
  readonly #marks = new Map<string, LaneMarks>();
  commits = 0;
  /** What the next commits do: store, fail before storing, or store and then fail (the answer got lost). */
  outcomes: ('ok' | 'fails' | 'answer-lost')[] = [];

  marks(edgeId: string, epoch: string): Promise<LaneMarks> {
    return Promise.resolve({ ...(this.#marks.get(`${edgeId}/${epoch}`) ?? { alarm: 0, event: 0 }) });
  }

  async commit({ edgeId, lane, gains, setAside }: CommitRequest): Promise<void> {
    const outcome = this.outcomes.shift() ?? 'ok';
    await Promise.resolve();
    if (outcome === 'fails') throw new SharpEyesError('STORAGE_FAILED', 'the disk failed');
    this.commits++;
    this.asideRows.push(...setAside);
    for (const { epoch, highest, events } of gains) {
      const marks = await this.marks(edgeId, epoch);
      for (const { sequence, event } of events) {
        const isThere = this.rows.some(
          (row) => row.edgeId === edgeId && row.epoch === epoch && row.lane === lane && row.sequence === sequence,
        );
        if (!isThere) this.rows.push({ edgeId, epoch, lane, sequence, event });
      }
      this.#marks.set(`${edgeId}/${epoch}`, { ...marks, [lane]: Math.max(marks[lane], highest) });
    }
    if (outcome === 'answer-lost') throw new SharpEyesError('STORAGE_FAILED', 'the answer of the disk got lost');
  }

  setAside(entries: readonly SetAside[]): Promise<void> {
    this.asideRows.push(...entries);
    return Promise.resolve();
  }

  addSamples(): Promise<void> {
    return Promise.resolve();
  }

  sequences(edgeId: string, epoch: string, lane: Lane): number[] {
    return this.rows
      .filter((row) => row.edgeId === edgeId && row.epoch === epoch && row.lane === lane)
      .map((row) => row.sequence);
  }
}

/** What ingest said and handed on. */
export class Heard {
  readonly acks: { edgeId: string; acks: Acks }[] = [];
  readonly published: HubEvent[] = [];
  sendAcks = (edgeId: string, acks: Acks): Promise<void> => {
    this.acks.push({ edgeId, acks });
    return Promise.resolve();
  };
  publish = (_lane: Lane, events: readonly HubEvent[]): void => {
    this.published.push(...events);
  };
}
