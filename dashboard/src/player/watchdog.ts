/** What to do about a tile whose pictures do not appear although data arrives. */
export type WatchdogAdvice = 'none' | 'nudge' | 'recreate';

const NUDGE_AFTER_MS = 2500;
const RECREATE_AFTER_MS = 5000;

/**
 * Proves that frames are painted: not that a socket is open. While fragments arrive and the page is visible, the count
 * of presented frames has to grow; otherwise the element is nudged first and then made anew, each time waiting longer.
 */
export class Watchdog {
  #frames = -1;
  #appended = -1;
  #grewAtMs = 0;
  #nudged = false;
  #recreated = 0;

  observe(input: { nowMs: number; presentedFrames: number; appended: number; visible: boolean }): WatchdogAdvice {
    const { nowMs, presentedFrames, appended, visible } = input;
    const fed = appended !== this.#appended;
    this.#appended = appended;
    if (presentedFrames !== this.#frames) {
      if (presentedFrames > 0 && this.#frames >= 0) this.#recreated = 0;
      this.#frames = presentedFrames;
      this.#rest(nowMs);
      return 'none';
    }
    // Nothing to paint, or nobody to paint for: that is not the element's fault.
    if (!visible || (!fed && !this.#nudged)) {
      this.#rest(nowMs);
      return 'none';
    }
    const idleMs = nowMs - this.#grewAtMs;
    if (idleMs > RECREATE_AFTER_MS * (1 + Math.min(this.#recreated, 5))) {
      this.#recreated += 1;
      this.#frames = -1;
      this.#rest(nowMs);
      return 'recreate';
    }
    if (idleMs > NUDGE_AFTER_MS && !this.#nudged) {
      this.#nudged = true;
      return 'nudge';
    }
    return 'none';
  }

  #rest(nowMs: number): void {
    this.#grewAtMs = nowMs;
    this.#nudged = false;
  }
}
