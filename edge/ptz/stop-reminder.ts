import { Backoff } from '../../platform/backoff.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';

const BACKOFF = { firstMs: 1000, maxMs: 5000 };
/** A camera that heard no stop for so long stands at its end or is gone. */
const GIVEN_UP_AFTER_MS = 120_000;

/** When a camera that did not hear that it shall stop is told again: with growing waits, and not for ever. */
export class StopReminder {
  readonly #clock: Clock;
  readonly #remind: () => void;
  readonly #backoff = new Backoff(BACKOFF);
  #sinceMs: number | null = null;
  #timer: TimerHandle | null = null;

  constructor(clock: Clock, remind: () => void) {
    this.#clock = clock;
    this.#remind = remind;
  }

  /** It did not hear: it is told again a while later. @returns false when it was told for long enough */
  again(): boolean {
    const nowMs = this.#clock.monotonicMs();
    this.#sinceMs ??= nowMs;
    if (nowMs - this.#sinceMs >= GIVEN_UP_AFTER_MS) return false;
    this.#timer?.cancel();
    this.#timer = this.#clock.after(this.#backoff.nextMs(), this.#remind);
    return true;
  }

  /** It heard, or something else is wished now. */
  cancel(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#sinceMs = null;
    this.#backoff.reset();
  }
}
