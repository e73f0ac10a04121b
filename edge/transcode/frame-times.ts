/** Times of one picture, as its source had them. */
export interface FrameTimes {
  /** Presentation time on the stream's own timeline, 90 kHz. */
  pts90k: number;
  duration90k: number;
  /** Edge's wall clock when the picture arrived. */
  edgeAtMs: number;
}

/** Pictures that are in the encoder at most; more have been lost in it. */
const PENDING_MAX = 600;
/** The encoder's times are in whole milliseconds. */
const TOLERANCE_MS = 2;

/**
 * Gives each encoded picture the times of the picture that it was made from: the encoder counts in milliseconds from its
 * first picture, and leaves out what it cannot decode.
 */
export class FrameTimesQueue {
  #pending: FrameTimes[] = [];
  /** What the encoder's time 0 is on the stream's timeline, milliseconds; null before its first picture. */
  #zeroMs: number | null = null;

  /** A picture goes into the encoder. */
  push(times: FrameTimes): void {
    // In order of presentation, in which the encoder gives them back.
    let at = this.#pending.length;
    while (at > 0 && (this.#pending[at - 1]?.pts90k ?? 0) > times.pts90k) at -= 1;
    this.#pending.splice(at, 0, times);
    if (this.#pending.length > PENDING_MAX) this.#pending.shift();
  }

  /** A picture comes out of it; null when nothing is known of one with this time. */
  take(encoderMs: number): FrameTimes | null {
    const first = this.#pending[0];
    if (first === undefined) return null;
    this.#zeroMs ??= first.pts90k / 90 - encoderMs;
    const ptsMs = encoderMs + this.#zeroMs;
    const at = this.#pending.findIndex(({ pts90k }) => pts90k / 90 >= ptsMs - TOLERANCE_MS);
    const found = this.#pending[at];
    if (found === undefined || found.pts90k / 90 > ptsMs + TOLERANCE_MS) return null;
    this.#pending.splice(0, at + 1);
    return found;
  }
}
