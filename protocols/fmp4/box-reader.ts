import { u32, u64 } from '../big-endian.ts';

/** Where a box lies in the array it was read from. */
export interface Box {
  type: string;
  start: number;
  /** First byte behind the header. */
  bodyStart: number;
  end: number;
}

/**
 * The whole boxes in `bytes[start..end)` one after the other (ISO/IEC 14496-12 section 4.2). Ends at the first that
 * is damaged or cut off; where the last box handed out ends is how far the bytes are good.
 */
export function* boxes(bytes: Uint8Array, start = 0, end = bytes.length): Generator<Box, void, undefined> {
  let at = start;
  while (at + 8 <= end) {
    const size32 = u32(bytes, at);
    const large = size32 === 1;
    if (large && at + 16 > end) return;
    const headerBytes = large ? 16 : 8;
    // Size 0 means "to the end of the file"; nobody writes it in fragments, and a crash leaves zeros behind.
    const size = large ? u64(bytes, at + 8) : size32;
    if (size < headerBytes || size > end - at) return;
    yield { type: boxType(bytes, at + 4), start: at, bodyStart: at + headerBytes, end: at + size };
    at += size;
  }
}

/** The first box of a type inside `parent`'s body, or null; `skip` bytes of the body come before its children. */
export function child(bytes: Uint8Array, parent: Box, type: string, skip = 0): Box | null {
  for (const found of boxes(bytes, parent.bodyStart + skip, parent.end)) if (found.type === type) return found;
  return null;
}

/** The first box down a path of types, or null. */
export function descend(bytes: Uint8Array, root: Box, path: readonly string[]): Box | null {
  return path.reduce<Box | null>((parent, type) => (parent === null ? null : child(bytes, parent, type)), root);
}

function boxType(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0);
}
