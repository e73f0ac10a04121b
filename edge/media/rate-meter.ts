import type { Clock } from '../../platform/clock.ts';

const BUCKET_MS = 1_000;
const BUCKETS = 5;

/** Frames and bits per second over the last whole seconds, without a timer of its own. */
export class RateMeter {
  readonly #clock: Clock;
  readonly #frames = new Array<number>(BUCKETS + 1).fill(0);
  readonly #bytes = new Array<number>(BUCKETS + 1).fill(0);
  #bucket = 0;
  #firstBucket = -1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(bytes: number): void {
    this.#turn();
    const at = this.#bucket % (BUCKETS + 1);
    this.#frames[at] = (this.#frames[at] ?? 0) + 1;
    this.#bytes[at] = (this.#bytes[at] ?? 0) + bytes;
  }

  /** Means over up to five whole seconds; 0 during the first. */
  rates(): { fps: number; bitrate: number } {
    this.#turn();
    const seconds = Math.min(BUCKETS, this.#bucket - this.#firstBucket);
    if (this.#firstBucket === -1 || seconds <= 0) return { fps: 0, bitrate: 0 };
    let frames = 0;
    let bytes = 0;
    for (let back = 1; back <= seconds; back += 1) {
      const at = (this.#bucket - back) % (BUCKETS + 1);
      frames += this.#frames[at] ?? 0;
      bytes += this.#bytes[at] ?? 0;
    }
    return { fps: frames / seconds, bitrate: (bytes * 8) / seconds };
  }

  /** Empties the buckets of the seconds that have passed since the last call. */
  #turn(): void {
    const now = Math.floor(this.#clock.monotonicMs() / BUCKET_MS);
    if (this.#firstBucket === -1) {
      this.#firstBucket = now;
      this.#bucket = now;
    }
    const passed = Math.min(now - this.#bucket, BUCKETS + 1);
    for (let i = 0; i < passed; i += 1) {
      const at = (now - i) % (BUCKETS + 1);
      this.#frames[at] = 0;
      this.#bytes[at] = 0;
    }
    this.#bucket = now;
  }
}
