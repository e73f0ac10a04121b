const WINDOW_MS = 10_000;
/** A sample so far from the others means that a clock was set. */
const STEP_MS = 2_000;

/**
 * Which moment of the edge's wall clock belongs to a time of the stream. Frames arrive late by what the camera and the
 * network needed; the least late of the last seconds gives the mapping, so that jitter does not shake sender reports.
 * One mapping for all tracks keeps sound and picture together.
 */
export class WallClockMap {
  #windowFrom = Number.NEGATIVE_INFINITY;
  #current = Number.POSITIVE_INFINITY;
  #before = Number.POSITIVE_INFINITY;

  /** A unit with this time arrived at `edgeAtMs`. */
  add(pts90k: number, edgeAtMs: number): void {
    const offset = edgeAtMs - pts90k / 90;
    if (Math.abs(offset - this.#offset) > STEP_MS) {
      this.#before = Number.POSITIVE_INFINITY;
      this.#current = offset;
      this.#windowFrom = edgeAtMs;
      return;
    }
    if (edgeAtMs - this.#windowFrom >= WINDOW_MS) {
      this.#before = this.#current;
      this.#current = offset;
      this.#windowFrom = edgeAtMs;
    } else this.#current = Math.min(this.#current, offset);
  }

  get #offset(): number {
    return Math.min(this.#current, this.#before);
  }

  /** Milliseconds since 1970 of a time of the stream; null before the first unit. */
  wallMs(pts90k: number): number | null {
    return Number.isFinite(this.#offset) ? this.#offset + pts90k / 90 : null;
  }
}
