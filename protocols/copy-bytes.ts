const copy = Buffer.prototype.copy;

/**
 * Copies `from[start..end)` to `to` at `at`. Like `to.set(from.subarray(start, end), at)`, without making a view that is
 * garbage at once: a thousand cameras' packets a second are a hundred thousand of them.
 */
export function copyBytes(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  copy.call(from as Buffer, to, at, start, end);
}
