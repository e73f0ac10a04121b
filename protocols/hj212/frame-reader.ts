import { crcHj212, crcModbus } from './crc.ts';

/** Bytes of the longest segment that the length's four digits can say; the standard allows 1024, stations send more. */
export const MAX_SEGMENT_BYTES = 9999;

/** One frame: `##`, four digits of length, the segment, four digits of check (HJ 212-2017, 6.3.1). */
export interface Hj212Frame {
  readonly segment: Uint8Array;
  readonly declaredLength: number;
  /** False where a station counts characters instead of bytes; the segment then reaches to its check and CR LF. */
  readonly lengthValid: boolean;
  /** As it was sent, four hexadecimal digits of either case. */
  readonly crc: string;
  /** By which rule the check is right; null: by none. */
  readonly crcVariant: 'hj212' | 'modbus' | null;
}

/** What a piece of the stream turned out to be. */
export type ReadItem =
  | { readonly kind: 'frame'; readonly frame: Hj212Frame }
  /** Bytes that begin no frame, or a frame that never ended. */
  | { readonly kind: 'garbage'; readonly bytes: number };

const HASH = 0x23;
const CR = 0x0d;
const LF = 0x0a;
const HEAD_BYTES = 6;
const CRC_BYTES = 4;
const END_BYTES = CRC_BYTES + 2;

/** Cuts a byte stream into frames, however the network has cut it: many frames in one piece, or one in a hundred. */
export class FrameReader {
  #held: Uint8Array = new Uint8Array(0);

  /** Bytes that wait for the rest of their frame. */
  get waiting(): number {
    return this.#held.length;
  }

  /** Takes the next bytes of the stream and returns what was completed by them. */
  push(bytes: Uint8Array): ReadItem[] {
    const all = new Uint8Array(this.#held.length + bytes.length);
    all.set(this.#held);
    all.set(bytes, this.#held.length);
    const items: ReadItem[] = [];
    let at = 0;
    while (at < all.length) {
      const start = beginning(all, at);
      if (start > at) {
        const strange = countStrange(all, at, start);
        if (strange > 0) items.push({ kind: 'garbage', bytes: strange });
        at = start;
        continue;
      }
      const found = frameAt(all, at);
      if (found === 'incomplete') break;
      if (found === 'none') {
        items.push({ kind: 'garbage', bytes: 2 });
        at += 2;
        continue;
      }
      items.push({ kind: 'frame', frame: found.frame });
      at = found.end;
    }
    this.#held = all.slice(at);
    return items;
  }
}

/** Where the next `##` begins, or may begin with the last byte. */
function beginning(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at += 1) {
    if (bytes[at] === HASH && (at + 1 === bytes.length || bytes[at + 1] === HASH)) return at;
  }
  return bytes.length;
}

/** Line ends between frames are no garbage. */
function countStrange(bytes: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at += 1) if (bytes[at] !== CR && bytes[at] !== LF) count += 1;
  return count;
}

function frameAt(bytes: Uint8Array, at: number): { frame: Hj212Frame; end: number } | 'incomplete' | 'none' {
  if (bytes.length - at < HEAD_BYTES) {
    return allDigits(bytes, at + 2, bytes.length) ? 'incomplete' : 'none';
  }
  if (!allDigits(bytes, at + 2, at + HEAD_BYTES)) return 'none';
  const declaredLength = Number(latin1(bytes, at + 2, at + HEAD_BYTES));
  const start = at + HEAD_BYTES;
  const end = start + declaredLength;
  if (bytes.length >= end + CRC_BYTES && isCrc(bytes, end)) {
    // A station that counts characters may be right by chance: then no line ends here.
    if (endsLine(bytes, end + CRC_BYTES))
      return { frame: frameOf(bytes, start, end, declaredLength), end: end + CRC_BYTES };
  }
  const byLine = lineEnd(bytes, start);
  if (byLine !== -1 && byLine !== end) {
    return { frame: frameOf(bytes, start, byLine, declaredLength), end: byLine + END_BYTES };
  }
  if (bytes.length - start < Math.max(declaredLength, MAX_SEGMENT_BYTES / 4) + END_BYTES) return 'incomplete';
  return 'none';
}

/** Where a segment ends that is followed by a check and CR LF, before another frame begins; -1 when nowhere yet. */
function lineEnd(bytes: Uint8Array, start: number): number {
  for (let at = start + CRC_BYTES; at + 1 < bytes.length && at - start <= MAX_SEGMENT_BYTES + CRC_BYTES; at += 1) {
    if (bytes[at] === HASH && bytes[at + 1] === HASH) return -1;
    if (bytes[at] === CR && bytes[at + 1] === LF) return isCrc(bytes, at - CRC_BYTES) ? at - CRC_BYTES : -1;
  }
  return -1;
}

/** CR LF, which some leave out, the next frame, or nothing yet. */
function endsLine(bytes: Uint8Array, at: number): boolean {
  return at >= bytes.length || bytes[at] === CR || bytes[at] === LF || bytes[at] === HASH;
}

function frameOf(bytes: Uint8Array, start: number, end: number, declaredLength: number): Hj212Frame {
  const segment = bytes.slice(start, end);
  const crc = latin1(bytes, end, end + CRC_BYTES);
  const value = Number.parseInt(crc, 16);
  const crcVariant = value === crcHj212(segment) ? 'hj212' : value === crcModbus(segment) ? 'modbus' : null;
  return { segment, declaredLength, lengthValid: segment.length === declaredLength, crc, crcVariant };
}

function isCrc(bytes: Uint8Array, at: number): boolean {
  return at >= 0 && at + CRC_BYTES <= bytes.length && /^[0-9A-Fa-f]{4}$/.test(latin1(bytes, at, at + CRC_BYTES));
}

function allDigits(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x30 || byte > 0x39) return false;
  }
  return true;
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}
