import type { Clock } from './clock.ts';

/** How often something may be done: so many times at once, and so many times a second in the long run. */
export class RateBudget {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #perSecond: number;
  #left: number;
  #refilledAtMs: number;

  constructor(clock: Clock, { burst, perSecond }: { burst: number; perSecond: number }) {
    this.#clock = clock;
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#left = burst;
    this.#refilledAtMs = clock.monotonicMs();
  }

  /** Takes `count` of what is left; false, and nothing is taken, where that is less. */
  take(count = 1): boolean {
    const nowMs = this.#clock.monotonicMs();
    const refill = ((nowMs - this.#refilledAtMs) * this.#perSecond) / 1000;
    this.#left = Math.min(this.#burst, this.#left + refill);
    this.#refilledAtMs = nowMs;
    if (this.#left < count) return false;
    this.#left -= count;
    return true;
  }
}
