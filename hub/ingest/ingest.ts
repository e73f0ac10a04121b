import { messageOf } from '../../contract/errors.ts';
import { LANES, type Lane } from '../../contract/event.ts';
import type { TimerHandle } from '../../platform/clock.ts';
import { acknowledge, sendAcks } from './acknowledge.ts';
import { newCounts } from './counts.ts';
import { deduplicate } from './deduplicate.ts';
import { type LaneLimits, LaneQueue } from './lane-queue.ts';
import { Marks } from './marks.ts';
import { persist } from './persist.ts';
import type { IngestContext, Stage } from './ports.ts';
import { publish } from './publish.ts';
import { newTurn, type SetAside, type Turn } from './turn.ts';
import { validate } from './validate.ts';

/** What happens to every batch, in this order. */
const STAGES: readonly Stage[] = [validate, deduplicate, persist, acknowledge, publish];

/** Batches that one turn takes together, so that a backlog needs few commits. */
const BATCHES_PER_TURN = 16;
const LIMITS: LaneLimits = { deliveries: 128, bytes: 16 * 1024 * 1024 };
/** After a failed turn the edge is told how far the hub is, so that it sends again. */
const ASK_AGAIN_MS = 1000;
const SET_ASIDE_PER_SECOND = 20;

/** What ingest needs from outside. */
export type IngestOptions = Omit<IngestContext, 'marks' | 'counts'> & { limits?: LaneLimits };

interface LaneState {
  readonly edgeId: string;
  readonly lane: Lane;
  readonly queue: LaneQueue;
  /** The turn that runs now. */
  running: Promise<void> | null;
  /** Epoch to acknowledge once the queue is empty, because batches were refused meanwhile. */
  owesAcks: boolean;
  lastEpoch: string | null;
}

/**
 * Takes events from edges: never loses and never doubles one, whatever dies in between. Holds no socket and no file;
 * `receive` starts turns of the pipeline, one at a time per lane of an edge, lanes and edges beside each other.
 */
export class Ingest {
  readonly #context: IngestContext;
  readonly #limits: LaneLimits;
  readonly #lanes = new Map<string, LaneState>();
  readonly #timers = new Set<TimerHandle>();
  #stopped = true;
  #keptInSecond = 0;
  #second = 0;

  constructor(options: IngestOptions) {
    this.#context = { ...options, marks: new Marks(options.store), counts: newCounts() };
    this.#limits = options.limits ?? LIMITS;
  }

  /** Begins to accept batches. */
  start(): void {
    this.#stopped = false;
  }

  /** Refuses new batches and waits for the turns that run. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    await this.idle();
  }

  /** Resolves when nothing waits and nothing runs. */
  async idle(): Promise<void> {
    for (;;) {
      const running = [...this.#lanes.values()].flatMap((state) => state.running ?? []);
      if (running.length === 0) return;
      await Promise.all(running);
    }
  }

  /** Counters since the start. */
  get counts(): Readonly<IngestContext['counts']> {
    return this.#context.counts;
  }

  /** A batch of events arrived. Never throws: what cannot be used is counted and set aside. */
  receive(edgeId: string, lane: Lane, payload: Uint8Array): void {
    if (this.#stopped) return;
    const state = this.#state(edgeId, lane);
    if (!state.queue.push(payload)) {
      this.#context.counts.refused++;
      state.owesAcks = true;
      return;
    }
    this.#run(state);
  }

  /** The edge came online with this epoch: it hears how far the hub is. */
  async greet(edgeId: string, epoch: string): Promise<void> {
    if (this.#stopped) return;
    for (const lane of LANES) this.#state(edgeId, lane).lastEpoch = epoch;
    await sendAcks(edgeId, epoch, this.#context);
  }

  /** Keeps something that could not be used; at most a few per second, the rest is only counted. */
  async setAside(entry: Omit<SetAside, 'atMs'>): Promise<void> {
    const { counts, store, clock, log } = this.#context;
    counts.malformed++;
    const atMs = clock.nowMs();
    const second = Math.floor(atMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#keptInSecond = 0;
    }
    if (this.#stopped || ++this.#keptInSecond > SET_ASIDE_PER_SECOND) {
      counts.notKept++;
      return;
    }
    try {
      await store.setAside([{ ...entry, atMs }]);
    } catch (error) {
      counts.notKept++;
      log.warn({ edgeId: entry.edgeId, reason: messageOf(error) }, 'a malformed message could not be set aside');
    }
  }

  #state(edgeId: string, lane: Lane): LaneState {
    const key = `${edgeId}/${lane}`;
    const known = this.#lanes.get(key);
    if (known !== undefined) return known;
    const queue = new LaneQueue(this.#limits);
    const state: LaneState = { edgeId, lane, queue, running: null, owesAcks: false, lastEpoch: null };
    this.#lanes.set(key, state);
    return state;
  }

  #run(state: LaneState): void {
    if (state.running !== null) return;
    state.running = this.#drain(state).finally(() => {
      state.running = null;
      if (!state.queue.isEmpty) this.#run(state);
    });
  }

  async #drain(state: LaneState): Promise<void> {
    while (!state.queue.isEmpty) {
      const turn = newTurn(state.edgeId, state.lane, state.queue.take(BATCHES_PER_TURN));
      await this.#turn(turn, state);
    }
    if (state.owesAcks && state.lastEpoch !== null) {
      state.owesAcks = false;
      await sendAcks(state.edgeId, state.lastEpoch, this.#context);
    }
  }

  async #turn(turn: Turn, state: LaneState): Promise<void> {
    const { counts, log } = this.#context;
    try {
      for (const stage of STAGES) await stage(turn, this.#context);
    } catch (error) {
      counts.failed++;
      const { edgeId, lane } = turn;
      log.error({ edgeId, lane, reason: messageOf(error) }, 'events not stored; the edge is asked to send them again');
      this.#askAgain(turn);
    }
    for (const epoch of turn.epochs) state.lastEpoch = epoch;
  }

  #askAgain(turn: Turn): void {
    const timer = this.#context.clock.after(ASK_AGAIN_MS, () => {
      this.#timers.delete(timer);
      for (const epoch of turn.epochs) void sendAcks(turn.edgeId, epoch, this.#context);
    });
    this.#timers.add(timer);
  }
}
