/** Time for the player, so that tests can hold it in their hands. */
export interface PlayerClock {
  /** Milliseconds since 1970 by the browser's clock when the page was loaded; never steps. */
  nowMs(): number;
  /** Calls back once after `delayMs`; the result cancels. */
  after(delayMs: number, callback: () => void): () => void;
}

/** Goes on evenly when somebody sets the computer's clock: waits and delays stay true. */
export function steadyNow(): number {
  return Math.round(performance.timeOrigin + performance.now());
}

/** The browser's own clock. */
export const browserClock: PlayerClock = {
  nowMs: steadyNow,
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
