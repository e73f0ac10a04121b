/** A key frame is presented at most so many frames behind the last one before it, unless some are missing. */
const MOST_LEADING = 16;

/**
 * Gives decode times to frames that arrive in decode order with presentation times only, as RTP brings them,
 * without holding any frame back.
 *
 * With a reorder depth of `d`, frame `n` decodes at the `(n-d)`-th smallest presentation time seen so far; without
 * reordering that is its own. The depth comes from the SPS, and grows when a frame turns out to be earlier than its
 * decode time. Decode times always grow.
 */
export class DecodeTimes {
  #depth: number;
  /** The `depth + 1` largest presentation times so far, rising. */
  #largest: number[] = [];
  #last = Number.NEGATIVE_INFINITY;

  /** @param maxReorderFrames from the SPS; 0 where it does not say, because cameras rarely send B-frames */
  constructor(maxReorderFrames: number) {
    this.#depth = Math.min(maxReorderFrames, 16);
  }

  /**
   * Decode time of the next frame.
   * @param pts90k its presentation time, unwrapped
   * @param key decoding can begin here. Behind a hole in the stream counting begins anew, and only there: pictures of
   * H.265 that are presented before a key frame may follow it (leading pictures of a CRA picture)
   * @param typicalDuration90k length of a frame, for the first frames of a reordered stream
   */
  next(pts90k: number, key: boolean, typicalDuration90k: number): number {
    if (key && pts90k - (this.#largest.at(-1) ?? pts90k) >= MOST_LEADING * typicalDuration90k) this.#largest = [];
    if (this.#depth === 0) {
      // A repeated time is a camera's carelessness, not reordering.
      if (pts90k >= this.#last) {
        this.#last = Math.max(pts90k, this.#last + 1);
        this.#largest = [pts90k];
        return this.#last;
      }
      this.#depth = 1;
    }
    insertSorted(this.#largest, pts90k);
    const missing = this.#depth + 1 - this.#largest.length;
    const smallest = this.#largest[0] ?? pts90k;
    const candidate = missing > 0 ? smallest - missing * typicalDuration90k : smallest;
    if (missing <= 0) this.#largest.shift();
    if (pts90k < candidate && this.#depth < 16) this.#depth += 1;
    this.#last = Math.max(candidate, this.#last + 1);
    return this.#last;
  }
}

function insertSorted(values: number[], value: number): void {
  let at = values.length;
  while (at > 0 && (values[at - 1] ?? 0) > value) at -= 1;
  values.splice(at, 0, value);
}
