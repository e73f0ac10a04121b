/** Buffered seconds, oldest first, as a media element reports them. */
export interface TimeRange {
  start: number;
  end: number;
}

/** How far behind the newest frame the picture may be before it jumps, once it has settled. */
export const JUMP_BEHIND_S = 3;
/** The same during the first moments, while the hub still delivers the kept group of pictures. */
export const SETTLING_JUMP_BEHIND_S = 0.5;
/** Where the distance to the newest frame begins: about one frame of a small stream. */
const LEAST_TARGET_S = 0.08;
/** Seconds of pictures kept behind the playhead before the buffer is trimmed. */
export const KEEP_S = 10;

/** What the media element should do to stay at the live edge; null and 1 mean nothing. */
export interface EdgeStep {
  seekTo: number | null;
  rate: number;
  /** Remove everything before this time. */
  trimBefore: number | null;
}

/**
 * Decides how to stay `targetS` behind the newest frame: play a little faster when behind, jump when far behind or when
 * the playhead stands before or after everything that is buffered (a hole in the stream).
 */
export function followLiveEdge(input: {
  ranges: readonly TimeRange[];
  currentTime: number;
  targetS: number;
  settling: boolean;
  /** How far behind the picture was at its nearest over the last second ({@link LagMeter}). */
  leastBehindS?: number | null;
}): EdgeStep {
  const first = input.ranges[0];
  const last = input.ranges.at(-1);
  if (first === undefined || last === undefined) return { seekTo: null, rate: 1, trimBefore: null };
  const behindS = last.end - input.currentTime;
  const wanted = Math.max(last.start, last.end - input.targetS);
  const outside = input.currentTime < last.start || behindS < -0.1;
  const tooFar = behindS > (input.settling ? SETTLING_JUMP_BEHIND_S + input.targetS : JUMP_BEHIND_S);
  const trimBefore = input.currentTime - first.start > KEEP_S ? input.currentTime - KEEP_S / 2 : null;
  if (outside || tooFar) return { seekTo: wanted, rate: 1, trimBefore };
  const excessS = (input.leastBehindS ?? behindS) - input.targetS;
  return { seekTo: null, rate: input.settling ? settlingRate(excessS) : steadyRate(excessS), trimBefore };
}

/** Nobody has looked at the picture for long: quick is better than smooth. */
function settlingRate(excessS: number): number {
  if (excessS > 0.1) return 1.5;
  return excessS > 0.04 ? 1.15 : 1;
}

function steadyRate(excessS: number): number {
  if (excessS > 1) return 1.25;
  if (excessS > 0.4) return 1.1;
  return excessS > 0.04 ? 1.05 : 1;
}

/**
 * The least distance to the newest frame over the last second. Between two frames the distance swings by a whole frame;
 * its lower end says how much there is to spare.
 */
export class LagMeter {
  #last: number[] = [];

  /** Called once per tick; null until a second was seen. */
  observe(behindS: number): number | null {
    this.#last.push(behindS);
    if (this.#last.length > LagMeter.#TICKS) this.#last.shift();
    return this.#last.length < LagMeter.#TICKS ? null : Math.min(...this.#last);
  }

  /** After a jump, what was seen before says nothing. */
  reset(): void {
    this.#last = [];
  }

  static readonly #TICKS = 4;
}

/** Least distance to the newest frame, adapted to how evenly frames arrive: grows with every stall, shrinks slowly. */
export class EdgeTarget {
  #targetS = LEAST_TARGET_S;

  get seconds(): number {
    return this.#targetS;
  }

  stalled(): void {
    this.#targetS = Math.min(0.8, this.#targetS + 0.06);
  }

  /** Called once per tick without a stall. */
  smooth(): void {
    this.#targetS = Math.max(LEAST_TARGET_S, this.#targetS - 0.001);
  }
}
