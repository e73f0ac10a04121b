/** Waits between attempts: doubling from `firstMs` to `maxMs`, each shortened by up to half at random. */
export class Backoff {
  readonly #firstMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;
  #attempts = 0;

  constructor(options: { firstMs: number; maxMs: number; random: () => number }) {
    this.#firstMs = options.firstMs;
    this.#maxMs = options.maxMs;
    this.#random = options.random;
  }

  /** How long to wait before the next attempt. */
  next(): number {
    const fullMs = Math.min(this.#maxMs, this.#firstMs * 2 ** Math.min(this.#attempts, 30));
    this.#attempts += 1;
    return fullMs * (0.5 + this.#random() / 2);
  }

  /** An attempt succeeded: begin small again. */
  reset(): void {
    this.#attempts = 0;
  }
}
