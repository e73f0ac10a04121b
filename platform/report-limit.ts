import type { Clock } from './clock.ts';

const REPORT_EVERY_MS = 60_000;
const KEYS_MAX = 5000;

/** Lets one report a minute through for each key, so that whoever repeats himself does not fill a log. */
export class ReportLimit {
  readonly #clock: Clock;
  readonly #seen = new Map<string, { atMs: number; suppressed: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many reports of this key were kept back since the last one that went through; null: this one is kept back too. */
  pass(key: string): number | null {
    const nowMs = this.#clock.monotonicMs();
    const seen = this.#seen.get(key);
    if (seen !== undefined && nowMs - seen.atMs < REPORT_EVERY_MS) {
      seen.suppressed += 1;
      return null;
    }
    if (this.#seen.size >= KEYS_MAX) this.#seen.clear();
    this.#seen.set(key, { atMs: nowMs, suppressed: 0 });
    return seen?.suppressed ?? 0;
  }
}
