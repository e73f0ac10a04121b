import { getHeapStatistics } from 'node:v8';
import type { Clock, TimerHandle } from './clock.ts';

/** Collects garbage, at once: what is young (a millisecond or two), or everything (tens of milliseconds). */
export type Collect = (what: 'young' | 'all') => void;

/** What a {@link Collector} looks at and does; the process's own where nothing is said. */
export interface CollectorOptions {
  clock: Clock;
  /** Bytes of buffers outside of the heap, in this thread. */
  outsideBytes?: () => number;
  /** Null where nobody may ask for it. */
  collect?: Collect | null;
}

const MIB = 1024 ** 2;
const LOOK_EVERY_MS = 250;
/** Buffers may grow by this share of what was in use, and by so much more, before what is young is collected … */
const YOUNG_GROWTH = 0.15;
const YOUNG_ROOM_BYTES = 64 * MIB;
/**
 * … and everything is, when this is left. All that is in use then becomes old and is garbage two seconds later: with less
 * room one such collection would bring about the next.
 */
const OLD_GROWTH = 1;
const OLD_ROOM_BYTES = 96 * MIB;

/**
 * Collects garbage when the buffers of pictures have grown. For a process that was started with `EDGE_FLAGS`
 * (`node-flags.ts`): there V8 does not count buffers as a reason, and here is who does. Without those flags V8 looks after
 * them itself and this does nothing.
 *
 * Pictures are forgotten after a group of pictures, about two seconds. When the young are collected less often than that,
 * none of them becomes old, and everything has to be looked through only now and then.
 */
export class Collector {
  readonly #clock: Clock;
  readonly #outsideBytes: () => number;
  readonly #collect: Collect | null;
  #timer: TimerHandle | null = null;
  #limitBytes = YOUNG_ROOM_BYTES;
  #oldLimitBytes = OLD_ROOM_BYTES;
  /** Times it collected. */
  readonly collections = { young: 0, all: 0 };

  constructor({ clock, outsideBytes, collect }: CollectorOptions) {
    this.#clock = clock;
    this.#outsideBytes = outsideBytes ?? (() => getHeapStatistics().external_memory);
    this.#collect = collect === undefined ? ownCollect() : collect;
  }

  start(): void {
    const collect = this.#collect;
    if (collect !== null) this.#timer = this.#clock.every(LOOK_EVERY_MS, () => this.#look(collect));
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #oldLimit(): number {
    return this.#outsideBytes() * (1 + OLD_GROWTH) + OLD_ROOM_BYTES;
  }

  #look(collect: Collect): void {
    if (this.#outsideBytes() <= this.#limitBytes) return;
    collect('young');
    this.collections.young += 1;
    // Less is in use than at the last look through everything: then less garbage is allowed as well.
    this.#oldLimitBytes = Math.min(this.#oldLimitBytes, this.#oldLimit());
    if (this.#outsideBytes() > this.#oldLimitBytes) {
      collect('all');
      this.collections.all += 1;
      this.#oldLimitBytes = this.#oldLimit();
    }
    this.#limitBytes = this.#outsideBytes() * (1 + YOUNG_GROWTH) + YOUNG_ROOM_BYTES;
  }
}

/** Null in a process whose collector works in steps: that one needs nobody to ask. */
function ownCollect(): Collect | null {
  const { gc } = globalThis;
  if (gc === undefined || !process.execArgv.includes('--no-incremental-marking')) return null;
  return (what) => void gc({ type: what === 'all' ? 'major' : 'minor', execution: 'sync' });
}
