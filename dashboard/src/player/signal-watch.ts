/** A stream of at least five frames a second is said to be silent after this long. */
const LEAST_MS = 1500;
const MOST_MS = 12_000;
/** While only one frame is known. */
const FIRST_MS = 5000;
/** So many usual gaps without a frame are silence. */
const GAPS = 5;
/** A tick that comes so late says more about the page than about the stream: what arrived is still waiting to be read. */
const LATE_TICK_MS = 900;

/**
 * Notices that no frames arrive any more, by how often they usually come: within two seconds for a moving picture, later
 * where the line bears key frames only.
 */
export class SignalWatch {
  #gapMs = 0;
  #lastArrivalMs: number | null = null;
  #lastEdgeAtMs: number | null = null;
  #lastTickMs = 0;

  /** Edge's time of the newest frame; null before the first. */
  get lastEdgeAtMs(): number | null {
    return this.#lastEdgeAtMs;
  }

  /** A frame arrived. */
  frame(nowMs: number, edgeAtMs: number): void {
    const gapMs = this.#lastEdgeAtMs === null ? 0 : edgeAtMs - this.#lastEdgeAtMs;
    // A jump of the edge's clock and a pause say nothing about the usual distance.
    if (gapMs > 0 && gapMs < MOST_MS) this.#gapMs = this.#gapMs === 0 ? gapMs : this.#gapMs + (gapMs - this.#gapMs) / 8;
    this.#lastArrivalMs = nowMs;
    this.#lastEdgeAtMs = edgeAtMs;
  }

  /** Another stream begins: what was usual is forgotten, the last frame is not. */
  restart(): void {
    this.#gapMs = 0;
  }

  /** Called on every tick: whether frames have stopped coming. */
  isSilent(nowMs: number): boolean {
    const isLate = nowMs - this.#lastTickMs > LATE_TICK_MS;
    this.#lastTickMs = nowMs;
    if (this.#lastArrivalMs === null || isLate) return false;
    return nowMs - this.#lastArrivalMs > this.#patienceMs();
  }

  #patienceMs(): number {
    return this.#gapMs === 0 ? FIRST_MS : Math.min(MOST_MS, Math.max(LEAST_MS, this.#gapMs * GAPS));
  }
}
