/** How many streams may be connecting at the same moment; the others wait in line. */
export class DialLimit {
  readonly #max: number;
  #busy = 0;
  #waiting: (() => void)[] = [];
  /** Most that were ever connecting together. */
  peak = 0;

  constructor(max: number) {
    this.#max = Math.max(1, max);
  }

  /** Waits for a place. @returns the function that gives it back, which may be called more than once */
  async acquire(signal: AbortSignal): Promise<() => void> {
    if (this.#busy >= this.#max) await this.#turn(signal);
    else this.#busy += 1;
    this.peak = Math.max(this.peak, this.#busy);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#release();
    };
  }

  /** Resolves once somebody hands over a place. */
  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const take = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== take);
        reject(signal.reason);
      };
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.push(take);
    });
  }

  #release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#busy -= 1;
    else next();
  }
}
