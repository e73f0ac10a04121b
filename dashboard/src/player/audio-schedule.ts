/** A piece of sound that is to be placed. */
export interface SoundPiece {
  /** Edge's time of its first sample, milliseconds. */
  edgeAtMs: number;
  durationS: number;
}

/** What the sound is placed by. */
export interface SoundNow {
  /** Time of the audio clock, seconds. */
  nowS: number;
  /** Edge's time of the picture that is on the screen; null while there is none. */
  shownEdgeAtMs: number | null;
}

/** Without a picture sound waits so long, so that a late packet does not tear it. */
const CUSHION_S = 0.12;
/** Sound may be so far from its picture. */
const TOLERANCE_S = 0.15;
/** The least time from now in which sound can begin without a click. */
const SOONEST_S = 0.02;
/** Further ahead nothing is placed: the picture stands still, and so does the sound. */
const FURTHEST_S = 3;

/** Decides when each piece of sound begins: without gaps, in step with the picture; what comes too late is dropped. */
export class AudioSchedule {
  #nextS: number | null = null;
  /** Pieces that came too late, or too far ahead. */
  dropped = 0;

  /** When the piece begins, by the audio clock; null when it is dropped. */
  place({ edgeAtMs, durationS }: SoundPiece, { nowS, shownEdgeAtMs }: SoundNow): number | null {
    const wantedS = shownEdgeAtMs === null ? null : nowS + (edgeAtMs - shownEdgeAtMs) / 1000;
    let startS = this.#nextS;
    if (startS === null || startS < nowS + SOONEST_S) startS = Math.max(wantedS ?? nowS + CUSHION_S, nowS + SOONEST_S);
    else if (wantedS !== null && startS < wantedS - TOLERANCE_S) startS = wantedS;
    const isLate = wantedS !== null && startS > wantedS + TOLERANCE_S;
    if (isLate || startS > nowS + FURTHEST_S) {
      this.dropped += 1;
      return null;
    }
    this.#nextS = startS + durationS;
    return startS;
  }

  /** What comes next belongs to another stream. */
  reset(): void {
    this.#nextS = null;
  }
}

/** Edge's time of a sample from its time on the stream: arrival times jitter, the stream's do not. */
export class EdgeTimeline {
  #offsetMs: number | null = null;

  /** A packet has arrived. @param pts90k of its first sample @param edgeAtMs when the edge had it */
  observe(pts90k: number, edgeAtMs: number): void {
    const measured = edgeAtMs - pts90k / 90;
    // The least delayed packet tells the truth; a jump begins anew, a clock that drifts is followed.
    if (this.#offsetMs === null || Math.abs(measured - this.#offsetMs) > 2000) this.#offsetMs = measured;
    else this.#offsetMs = Math.min(measured, this.#offsetMs + 0.2);
  }

  edgeAtMs(pts90k: number): number {
    return pts90k / 90 + (this.#offsetMs ?? 0);
  }
}
