/**
 * Turns 32-bit RTP timestamps into numbers that do not wrap: each is taken as the nearest to the one before, so it
 * may also go backwards, as it does with B-frames.
 */
export class TimestampUnwrapper {
  #last: number | null = null;

  /** The unwrapped value; the first one is returned as it is. */
  unwrap(timestamp: number): number {
    if (this.#last === null) {
      this.#last = timestamp;
      return timestamp;
    }
    // Bit operations are modulo 2^32, so the difference comes out signed and shortest.
    const value = this.#last + ((timestamp - this.#last) | 0);
    this.#last = value;
    return value;
  }
}
