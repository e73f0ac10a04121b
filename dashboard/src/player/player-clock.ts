/** Time for the player, so that tests can hold it in their hands. */
export interface PlayerClock {
  /** Milliseconds since 1970 by the browser's clock. */
  nowMs(): number;
  /** Calls back once after `delayMs`; the result cancels. */
  after(delayMs: number, callback: () => void): () => void;
}

/** The browser's own clock. */
export const browserClock: PlayerClock = {
  nowMs: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
