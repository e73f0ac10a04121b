import { type Clock, delay } from '../../platform/clock.ts';

/** What of the line footage goes by. */
export interface SharedLine {
  /** Whether live pictures are being watched. */
  readonly isWatched: boolean;
  /** Bytes per millisecond that live media may use in all; null while nothing limits it. */
  readonly usable: number | null;
  /** Bytes per millisecond of live media that arrived lately. */
  readonly deliveredRate: number;
  /** Whether the line is full now. */
  readonly isFull: boolean;
}

/** However much is watched, footage goes on: 64 kbit/s. */
const FLOOR = 8;
/** Where nothing is known of the line: begin with 1 Mbit/s. */
const FIRST = 125;
const MOST = 12_500;
const TURN_MS = 250;
const UP = 1.08;
const DOWN = 0.7;

/**
 * How fast footage may be uploaded: as fast as it goes while nobody watches, else with what live pictures leave of the
 * line. It gives way as soon as the line is full and comes back slowly. Rates are bytes per millisecond.
 */
export class FootagePace {
  readonly #line: SharedLine;
  readonly #clock: Clock;
  readonly #configured: number | null;
  #rate = FIRST;
  #turnedAtMs = Number.NEGATIVE_INFINITY;
  /** When the bytes let through so far will have left at the rate. */
  #freeAtMs = 0;

  /** @param configured rate of the whole line where it is known; null: it is not */
  constructor(line: SharedLine, clock: Clock, configured: number | null) {
    this.#line = line;
    this.#clock = clock;
    this.#configured = configured;
  }

  /** Resolves when so many more bytes may be sent. */
  async pass(bytes: number): Promise<void> {
    for (;;) {
      const nowMs = this.#clock.monotonicMs();
      const rate = this.#allowed(nowMs);
      if (rate === null) return;
      if (this.#freeAtMs <= nowMs) {
        this.#freeAtMs = nowMs + bytes / rate;
        return;
      }
      // Looks again soon: whoever watched may have gone.
      await delay(this.#clock, Math.min(this.#freeAtMs - nowMs, TURN_MS));
    }
  }

  /** Null: as fast as it goes. */
  #allowed(nowMs: number): number | null {
    const { isWatched, usable, deliveredRate, isFull } = this.#line;
    if (!isWatched) {
      this.#rate = FIRST;
      return this.#configured;
    }
    if (nowMs - this.#turnedAtMs >= TURN_MS) {
      this.#turnedAtMs = nowMs;
      this.#rate = Math.min(MOST, Math.max(FLOOR, this.#rate * (isFull ? DOWN : UP)));
    }
    const left = usable === null ? MOST : Math.max(FLOOR, usable - deliveredRate);
    return Math.min(this.#rate, left);
  }
}
