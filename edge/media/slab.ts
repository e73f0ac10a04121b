/** Room for about a second of a small stream and a quarter of a second of a large one. */
const SLAB_BYTES = 131_072;

/**
 * Hands out memory for one stream's frames from larger pieces: a hundred streams would else make and drop thousands of
 * buffers a second, and most of what the garbage collector does would be for them. A piece lives until the last of its
 * frames is forgotten; as a stream's frames are forgotten together, at most two pieces more are held than are in use.
 */
export class Slab {
  #bytes: Uint8Array = new Uint8Array(0);
  #used = 0;

  /** So many bytes, whatever stands in them. They belong to the caller alone. */
  take(length: number): Uint8Array {
    // Every byte is going to be written, so zeroing them first would be wasted.
    if (length > SLAB_BYTES / 2) return unzeroed(length);
    if (this.#used + length > this.#bytes.length) {
      this.#bytes = unzeroed(SLAB_BYTES);
      this.#used = 0;
    }
    const taken = this.#bytes.subarray(this.#used, this.#used + length);
    this.#used += length;
    return taken;
  }
}

function unzeroed(length: number): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
}
