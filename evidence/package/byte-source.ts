/** A package that can be read at any place: a file on disk, or one that a person dropped onto a page. */
export interface ByteSource {
  readonly size: number;
  /** Up to `length` bytes from `offset`; fewer only at the end. The bytes are valid until the next call. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** Bytes held at once while a package is read. */
export const CHUNK_BYTES = 1024 * 1024;

/** Hands `[offset, offset + length)` to `take` in pieces; false when the source ends before. */
export async function readThrough(
  source: ByteSource,
  offset: number,
  length: number,
  take: (bytes: Uint8Array) => void,
): Promise<boolean> {
  let at = offset;
  const end = offset + length;
  while (at < end) {
    const bytes = await source.read(at, Math.min(CHUNK_BYTES, end - at));
    if (bytes.length === 0) return false;
    take(bytes);
    at += bytes.length;
  }
  return true;
}

/** A copy of `[offset, offset + length)`, shorter when the source ends before. */
export async function readExactly(source: ByteSource, offset: number, length: number): Promise<Uint8Array> {
  const wanted = Math.max(0, Math.min(length, source.size - offset));
  const copy = new Uint8Array(wanted);
  let filled = 0;
  const whole = await readThrough(source, offset, wanted, (bytes) => {
    copy.set(bytes, filled);
    filled += bytes.length;
  });
  return whole ? copy : copy.subarray(0, filled);
}

/** Whether exactly `expected` stands at `offset`. */
export async function holdsAt(source: ByteSource, offset: number, expected: Uint8Array): Promise<boolean> {
  const found = await readExactly(source, offset, expected.length);
  return found.length === expected.length && found.every((byte, at) => byte === expected[at]);
}
