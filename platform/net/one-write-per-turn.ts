import type { Writable } from 'node:stream';

/**
 * Lets everything that is written to a stream in one turn of the event loop leave in one system call: call `gather()`
 * before each write. A system call costs more than most frames, and a turn in which many cameras spoke has many.
 */
export class OneWritePerTurn {
  readonly #stream: Writable;
  #isGathering = false;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /** What is written from now on leaves at the end of this turn. */
  gather(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    this.#stream.cork();
    setImmediate(this.#flush);
  }

  readonly #flush = (): void => {
    this.#isGathering = false;
    this.#stream.uncork();
  };
}
