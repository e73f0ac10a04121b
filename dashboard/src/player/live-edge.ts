/** Buffered seconds, oldest first, as a media element reports them. */
export interface TimeRange {
  start: number;
  end: number;
}

/** How far behind the newest frame the picture may be before it jumps, once it has settled. */
export const JUMP_BEHIND_S = 3;
/** The same during the first moments, while the hub still delivers the kept group of pictures. */
export const SETTLING_JUMP_BEHIND_S = 0.5;
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
  const excessS = behindS - input.targetS;
  let rate = 1;
  if (excessS > 0.8) rate = 1.1;
  else if (excessS > 0.08) rate = 1.05;
  return { seekTo: null, rate, trimBefore };
}

/** Newest frame to be shown, adapted to how evenly frames arrive: grows with every stall, shrinks slowly. */
export class EdgeTarget {
  #targetS = 0.12;

  get seconds(): number {
    return this.#targetS;
  }

  stalled(): void {
    this.#targetS = Math.min(0.8, this.#targetS + 0.06);
  }

  /** Called once per tick without a stall. */
  smooth(): void {
    this.#targetS = Math.max(0.12, this.#targetS - 0.0005);
  }
}
