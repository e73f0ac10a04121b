import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { SharpEyesError } from '../../../contract/errors.ts';

/** Reads pieces of segments into the same memory again and again: new memory for each would cost more than reading. */
export class SegmentBuffer {
  #memory: Uint8Array = new Uint8Array();

  /**
   * Bytes [start, end) of a file, or all of it; valid until the next call, and the caller's to change.
   * @throws SharpEyesError STORAGE_FAILED when the file is shorter, or the file system's error
   */
  read(path: string, start = 0, end?: number): Uint8Array {
    const file = openSync(path, 'r');
    try {
      const length = (end ?? fstatSync(file).size) - start;
      if (this.#memory.length < length) this.#memory = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        const got = readSync(file, this.#memory, filled, length - filled, start + filled);
        if (got === 0) throw new SharpEyesError('STORAGE_FAILED', `${path} became shorter while it was read`);
        filled += got;
      }
      return this.#memory.subarray(0, length);
    } finally {
      closeSync(file);
    }
  }
}
