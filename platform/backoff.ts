/** How long to wait between attempts. */
export interface BackoffOptions {
  /** Before the second attempt. */
  firstMs: number;
  /** Never longer than this. */
  maxMs: number;
  /** Factor from one attempt to the next; default 2. */
  factor?: number;
  /** So many attempts come before the waits begin to grow: a peer that is restarted is back within seconds. Default 1. */
  quickAttempts?: number;
}

/**
 * Growing waits with jitter: each wait lies between half and the whole of its nominal length, so that a thousand
 * clients that lost the same peer do not come back in step.
 */
export class Backoff {
  readonly #options: BackoffOptions;
  readonly #random: () => number;
  #attempt = 0;

  constructor(options: BackoffOptions, random: () => number = Math.random) {
    this.#options = options;
    this.#random = random;
  }

  /** The next wait in milliseconds. */
  nextMs(): number {
    const { firstMs, maxMs, factor = 2, quickAttempts = 1 } = this.#options;
    const grown = Math.min(30, Math.max(0, this.#attempt + 1 - quickAttempts));
    const nominal = Math.min(maxMs, firstMs * factor ** grown);
    this.#attempt += 1;
    return nominal * (0.5 + this.#random() / 2);
  }

  /** An attempt worked: start again with the shortest wait. */
  reset(): void {
    this.#attempt = 0;
  }
}
