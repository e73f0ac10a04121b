import type { Clock } from '../../platform/clock.ts';

const STEP_MS = 1000;

/** Notices when the wall clock was set: it then moves against the monotonic one. */
export class WallClockWatch {
  readonly #clock: Clock;
  #offsetMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offsetMs = clock.nowMs() - clock.monotonicMs();
  }

  /** Whether it was set by more than a second since the last call. Slow corrections are not steps. */
  stepped(): boolean {
    const offsetMs = this.#clock.nowMs() - this.#clock.monotonicMs();
    const isStep = Math.abs(offsetMs - this.#offsetMs) > STEP_MS;
    this.#offsetMs = offsetMs;
    return isStep;
  }
}
