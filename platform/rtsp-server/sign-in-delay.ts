import { type Clock, delay } from '../clock.ts';

const FORGET_MS = 60_000;
const FIRST_MS = 250;
const MOST_MS = 5_000;
/** Attempts of one address that may wait; further ones are turned away unheard. */
const WAITING_MAX = 8;
const ADDRESSES_MAX = 10_000;

interface Address {
  failures: number;
  lastMs: number;
  /** The next attempt is not looked at before. */
  freeAtMs: number;
  waiting: number;
}

/**
 * Slows guessing down: after each failed sign-in of an address the next ones from there wait longer, one behind the
 * other, whatever connection they come on.
 */
export class SignInDelay {
  readonly #clock: Clock;
  readonly #addresses = new Map<string, Address>();
  /** Sign-ins that failed. */
  failed = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Waits for the address's turn; false when too many wait already. */
  async turn(address: string): Promise<boolean> {
    const known = this.#addresses.get(address);
    const nowMs = this.#clock.monotonicMs();
    if (known === undefined || known.freeAtMs <= nowMs) return true;
    if (known.waiting >= WAITING_MAX) return false;
    const waitMs = known.freeAtMs - nowMs;
    known.freeAtMs += pauseMs(known.failures);
    known.waiting += 1;
    await delay(this.#clock, waitMs);
    known.waiting -= 1;
    return true;
  }

  /** A sign-in from there failed. */
  fail(address: string): void {
    this.failed += 1;
    const nowMs = this.#clock.monotonicMs();
    // The same object stays: attempts that wait count themselves down in it.
    const known = this.#addresses.get(address) ?? { failures: 0, lastMs: nowMs, freeAtMs: 0, waiting: 0 };
    known.failures = nowMs - known.lastMs > FORGET_MS ? 1 : known.failures + 1;
    known.lastMs = nowMs;
    known.freeAtMs = Math.max(known.freeAtMs, nowMs + pauseMs(known.failures));
    this.#addresses.delete(address);
    this.#addresses.set(address, known);
    for (const oldest of this.#addresses.keys()) {
      if (this.#addresses.size <= ADDRESSES_MAX) break;
      this.#addresses.delete(oldest);
    }
  }

  /** A sign-in from there succeeded. */
  succeed(address: string): void {
    this.#addresses.delete(address);
  }
}

function pauseMs(failures: number): number {
  return Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(10, failures - 1));
}
