import type { Writable } from 'node:stream';
import type { Clock } from '../clock.ts';

/**
 * Lets what is written to a stream within a moment leave in one system call: call `gather()` before each write. A system
 * call, and waking whoever reads, costs more than most frames.
 *
 * What comes first leaves at the end of the turn of the event loop that brought it. What follows within `intervalMs`
 * waits until that time is over, so that many frames a second leave in a few calls, and a few are not delayed.
 */
export class GatheredWrites {
  readonly #stream: Writable;
  readonly #clock: Clock;
  readonly #intervalMs: number;
  #isGathering = false;
  #leftAtMs = Number.NEGATIVE_INFINITY;

  /** @param intervalMs 0: each turn's writes leave at its end */
  constructor(stream: Writable, clock: Clock, intervalMs = 0) {
    this.#stream = stream;
    this.#clock = clock;
    this.#intervalMs = intervalMs;
  }

  /** What is written from now on leaves soon. */
  gather(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    this.#stream.cork();
    const waitMs = this.#intervalMs === 0 ? 0 : this.#leftAtMs + this.#intervalMs - this.#clock.monotonicMs();
    if (waitMs <= 0) setImmediate(this.#flush);
    else this.#clock.after(waitMs, this.#flush);
  }

  readonly #flush = (): void => {
    this.#isGathering = false;
    if (this.#intervalMs > 0) this.#leftAtMs = this.#clock.monotonicMs();
    this.#stream.uncork();
  };
}
