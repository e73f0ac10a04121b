import { SharpEyesError } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';

const WINDOW_MS = 60_000;
const KEYS_MAX = 10_000;

/**
 * Counts attempts per key (an account, an address) that did not succeed over the last minute. Bounded: when too many keys are known,
 * the one that was tried longest ago is forgotten.
 */
export class Attempts {
  readonly #clock: Clock;
  readonly #attempts = new Map<string, number[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws SharpEyesError `TOO_MANY_ATTEMPTS` when one of the keys has reached its limit */
  check(limits: Readonly<Record<string, number>>): void {
    for (const [key, limit] of Object.entries(limits)) {
      if (this.#recent(key).length < limit) continue;
      throw new SharpEyesError('TOO_MANY_ATTEMPTS', 'too many failed attempts; wait a minute and try again');
    }
  }

  /** Notes an attempt, before its outcome is known: many at once must not slip through together. */
  begin(keys: readonly string[]): void {
    for (const key of keys) {
      const recent = this.#recent(key);
      recent.push(this.#clock.monotonicMs());
      this.#attempts.delete(key);
      this.#attempts.set(key, recent);
      if (this.#attempts.size > KEYS_MAX) {
        const oldest = this.#attempts.keys().next();
        if (!oldest.done) this.#attempts.delete(oldest.value);
      }
    }
  }

  /** Takes back the newest attempt of a key: it was none of guessing. */
  takeBack(key: string): void {
    this.#attempts.get(key)?.pop();
  }

  /** Forgets everything of a key, after a success. */
  forget(key: string): void {
    this.#attempts.delete(key);
  }

  #recent(key: string): number[] {
    const since = this.#clock.monotonicMs() - WINDOW_MS;
    return (this.#attempts.get(key) ?? []).filter((atMs) => atMs > since);
  }
}
