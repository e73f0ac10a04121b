import { copyBytes } from '../copy-bytes.ts';

const START_BYTES = 16_384;

/** Bytes of one frame put together from pieces, in a buffer that grows up to a bound and is used again. */
export class FrameBuffer {
  readonly #maxBytes: number;
  #bytes = new Uint8Array(START_BYTES);
  #length = 0;

  /** @param maxBytes pieces that do not fit any more are refused */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#length;
  }

  /** What was collected; valid until the next change. */
  get content(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** The last byte but `back`; -1 when there is none. */
  fromEnd(back: number): number {
    return this.#length > back ? (this.#bytes[this.#length - 1 - back] ?? -1) : -1;
  }

  /** Adds `bytes[start..end)`; false when the bound is reached, and then nothing is added. */
  append(bytes: Uint8Array, start = 0, end = bytes.length): boolean {
    const needed = this.#length + end - start;
    if (needed > this.#maxBytes) return false;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.min(this.#maxBytes, Math.max(needed, this.#bytes.length * 2)));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    copyBytes(bytes, start, end, this.#bytes, this.#length);
    this.#length = needed;
    return true;
  }

  clear(): void {
    this.#length = 0;
  }
}
