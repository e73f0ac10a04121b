import type { MediaFragment } from './types.ts';

/** Keeps the last group of pictures, so that a new viewer sees a picture at once. */
export class GopCache {
  readonly #maxBytes: number;
  readonly #maxFrames: number;
  #fragments: MediaFragment[] = [];
  #bytes = 0;

  constructor(limits: { gopBytes: number; gopFrames: number }) {
    this.#maxBytes = limits.gopBytes;
    this.#maxFrames = limits.gopFrames;
  }

  push(fragment: MediaFragment): void {
    if (fragment.key) this.clear();
    else if (this.#fragments.length === 0) return;
    this.#fragments.push(fragment);
    this.#bytes += fragment.bytes.length;
    // Part of a group is of no use: keep nothing of this one.
    if (this.#bytes > this.#maxBytes || this.#fragments.length > this.#maxFrames) this.clear();
  }

  clear(): void {
    this.#fragments = [];
    this.#bytes = 0;
  }

  /** From the last key frame on; empty when there is none or its group is too large. */
  get fragments(): readonly MediaFragment[] {
    return this.#fragments;
  }
}
