import type { EdgeEvent, HubEvent, Lane, Sample } from '../../contract/event.ts';
import type { Acks } from '../../contract/topics.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { Counts } from './counts.ts';
import type { Marks, MarksStore } from './marks.ts';
import type { SetAside, Turn } from './turn.ts';

/** What a turn stores, all or nothing. */
export interface CommitRequest {
  edgeId: string;
  lane: Lane;
  hubAtMs: number;
  gains: readonly { epoch: string; highest: number; events: readonly { sequence: number; event: EdgeEvent }[] }[];
  setAside: readonly SetAside[];
}

/** Where ingest keeps events and how far each lane is. */
export interface EventStore extends MarksStore {
  /** Stores events and the new marks in one transaction; resolves after it is on the disk. */
  commit(request: CommitRequest): Promise<void>;
  /** Keeps what could not be used, in a bounded table. */
  setAside(entries: readonly SetAside[]): Promise<void>;
  /** Adds sensor samples; one that is there already is left as it is. */
  addSamples(samples: readonly Sample[]): Promise<void>;
}

/** Everything a stage may use. No stage opens a socket, a file or a timer. */
export interface IngestContext {
  store: EventStore;
  marks: Marks;
  clock: Clock;
  log: Log;
  counts: Counts;
  /** Tells an edge how far the hub is. Failing is harmless: the next acknowledgement says the same. */
  sendAcks(edgeId: string, acks: Acks): Promise<void>;
  /** Hands committed events on; must not throw and must not wait. */
  publish(lane: Lane, events: readonly HubEvent[]): void;
}

/** One step of the pipeline. */
export type Stage = (turn: Turn, context: IngestContext) => void | Promise<void>;
