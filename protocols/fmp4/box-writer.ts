/** One box of ISO/IEC 14496-12 from its type and parts. */
export function box(type: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.length, 8);
  const bytes = new Uint8Array(size);
  bytes.set(u32s(size));
  for (let i = 0; i < 4; i += 1) bytes[4 + i] = type.charCodeAt(i);
  let at = 8;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A box with version and flags. */
export function fullBox(type: string, version: number, flags: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return box(type, u32s(((version << 24) | flags) >>> 0), ...parts);
}

/** Numbers of 32 bits in a row. */
export function u32s(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value >>> 24, value >>> 16, value >>> 8, value]));
}

/** Numbers of 16 bits in a row. */
export function u16s(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value >>> 8, value]));
}

/** Characters as bytes. */
export function chars(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
