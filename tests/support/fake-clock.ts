import type { Clock, TimerHandle } from '../../platform/clock.ts';

interface Timer {
  dueMs: number;
  periodMs: number | null;
  run: () => void;
  order: number;
}

/** A clock that stands still until a test turns it. Wall clock and monotonic time move together unless it jumps. */
export class FakeClock implements Clock {
  #nowMs: number;
  #elapsedMs = 0;
  #order = 0;
  readonly #timers = new Set<Timer>();

  constructor(nowMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, run: () => void): TimerHandle {
    return this.#add(delayMs, null, run);
  }

  every(periodMs: number, run: () => void): TimerHandle {
    return this.#add(periodMs, periodMs, run);
  }

  /** Timers that are set. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Steps the wall clock only, as an operator or NTP would. */
  jump(byMs: number): void {
    this.#nowMs += byMs;
  }

  /** Turns the clock, runs due timers in order and lets pending promises settle after each. */
  async advance(byMs: number): Promise<void> {
    const endMs = this.#elapsedMs + byMs;
    await settle();
    for (;;) {
      const next = [...this.#timers]
        .filter((timer) => timer.dueMs <= endMs)
        .sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)[0];
      if (next === undefined) break;
      this.#moveTo(next.dueMs);
      if (next.periodMs === null) this.#timers.delete(next);
      else next.dueMs += next.periodMs;
      next.run();
      await settle();
    }
    this.#moveTo(endMs);
    await settle();
  }

  #moveTo(elapsedMs: number): void {
    if (elapsedMs <= this.#elapsedMs) return;
    this.#nowMs += elapsedMs - this.#elapsedMs;
    this.#elapsedMs = elapsedMs;
  }

  #add(delayMs: number, periodMs: number | null, run: () => void): TimerHandle {
    const timer: Timer = { dueMs: this.#elapsedMs + Math.max(0, delayMs), periodMs, run, order: this.#order++ };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }
}

/** Lets everything run that waits only for promises. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}
