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
const DIGITS = 4;
const HEAD_BYTES = 2 + DIGITS;
const CRC_BYTES = 4;
/** A segment has no line ends: at so many of them it is given up, whatever its length says. */
const LINES_MAX = 4;

/**
 * Cuts a byte stream into frames: many in one piece, or one in a hundred. A frame whose check is right ends where it says;
 * one that is damaged ends at the line's end or where the next begins, and holds nothing up behind it.
 */
export class FrameReader {
  #held: Uint8Array = new Uint8Array(0);
  /** Below so many bytes the frame that waits cannot be whole. */
  #wanted = 0;

  /** Bytes that wait for the rest of their frame. */
  get waiting(): number {
    return this.#held.length;
  }

  /** Takes the next bytes of the stream and returns what was completed by them. */
  push(bytes: Uint8Array): ReadItem[] {
    const all = new Uint8Array(this.#held.length + bytes.length);
    all.set(this.#held);
    all.set(bytes, this.#held.length);
    if (all.length < this.#wanted && !mayEnd(all, this.#held.length - 1)) {
      this.#held = all;
      return [];
    }
    const items: ReadItem[] = [];
    let at = 0;
    while (at < all.length) {
      const found = itemAt(all, at);
      if (found === null) break;
      const strange = 'frame' in found ? 0 : countStrange(all, at, found.end);
      if ('frame' in found) items.push({ kind: 'frame', frame: found.frame });
      else if (strange > 0) items.push({ kind: 'garbage', bytes: strange });
      at = found.end;
    }
    this.#held = all.slice(at);
    this.#wanted = wantedBytes(this.#held);
    return items;
  }
}

/** How many bytes make the frame that begins `held` whole by what it declares. */
function wantedBytes(held: Uint8Array): number {
  const isBegun = held.length >= HEAD_BYTES;
  return isBegun ? HEAD_BYTES + Number(latin1(held, 2, HEAD_BYTES)) + CRC_BYTES : HEAD_BYTES;
}

/** Whether a line ends or a frame begins at or behind `from`. */
function mayEnd(bytes: Uint8Array, from: number): boolean {
  for (let at = Math.max(0, from); at < bytes.length; at += 1) {
    if (bytes[at] === LF || bytes[at] === HASH) return true;
  }
  return false;
}

/** The frame at `at`, or how far what stands there is none; null while that cannot be told. */
function itemAt(bytes: Uint8Array, at: number): { frame: Hj212Frame; end: number } | { end: number } | null {
  const next = beginning(bytes, at);
  if (next > at) return { end: next };
  const start = at + HEAD_BYTES;
  if (bytes.length < start) return null;
  const declaredLength = Number(latin1(bytes, at + 2, start));
  const end = start + declaredLength;
  const whole = isCrc(bytes, end) ? frameOf(bytes, start, end, declaredLength) : null;
  // Nothing stands behind it yet: a station whose check is wrong and that ends no lines is answered at once all the same.
  const isWhole = whole !== null && (whole.crcVariant !== null || bytes.length === end + CRC_BYTES);
  if (isWhole) return { frame: whole, end: end + CRC_BYTES };
  const border = borderAfter(bytes, start, end);
  if (border === null) return bytes.length - start > MAX_SEGMENT_BYTES + CRC_BYTES ? { end: at + 2 } : null;
  const byBorder = border - CRC_BYTES;
  if (byBorder >= start && isCrc(bytes, byBorder)) {
    return { frame: frameOf(bytes, start, byBorder, declaredLength), end: border };
  }
  return { end: border };
}

/**
 * Where a frame ends whose length or check is wrong, behind its check: at the end of a line that has a check or lies at or
 * beyond the end that was declared, or where the next frame begins. Null when nowhere yet.
 */
function borderAfter(bytes: Uint8Array, start: number, end: number): number | null {
  let lines = 0;
  for (let at = start; at + 1 < bytes.length && at - start <= MAX_SEGMENT_BYTES + CRC_BYTES; at += 1) {
    if (bytes.length >= at + HEAD_BYTES && mayBegin(bytes, at)) return at;
    if (bytes[at] !== CR || bytes[at + 1] !== LF) continue;
    lines += 1;
    if (at >= end || lines >= LINES_MAX) return at;
    const by = at - CRC_BYTES;
    if (by >= start && isCrc(bytes, by) && checkOf(bytes.subarray(start, by), latin1(bytes, by, at)) !== null)
      return at;
  }
  return null;
}

/** Where the next `##` with digits begins, or may begin with the last bytes. */
function beginning(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at += 1) if (mayBegin(bytes, at)) return at;
  return bytes.length;
}

/** Whether a frame begins at `at`, as far as there are bytes. */
function mayBegin(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== HASH || (at + 1 < bytes.length && bytes[at + 1] !== HASH)) return false;
  return allDigits(bytes, at + 2, Math.min(bytes.length, at + HEAD_BYTES));
}

/** Line ends between frames are no garbage. */
function countStrange(bytes: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at += 1) if (bytes[at] !== CR && bytes[at] !== LF) count += 1;
  return count;
}

function frameOf(bytes: Uint8Array, start: number, end: number, declaredLength: number): Hj212Frame {
  const segment = bytes.slice(start, end);
  const crc = latin1(bytes, end, end + CRC_BYTES);
  return {
    segment,
    declaredLength,
    lengthValid: segment.length === declaredLength,
    crc,
    crcVariant: checkOf(segment, crc),
  };
}

function checkOf(segment: Uint8Array, crc: string): Hj212Frame['crcVariant'] {
  const value = Number.parseInt(crc, 16);
  return value === crcHj212(segment) ? 'hj212' : value === crcModbus(segment) ? 'modbus' : null;
}

function isCrc(bytes: Uint8Array, at: number): boolean {
  return at + CRC_BYTES <= bytes.length && /^[0-9A-Fa-f]{4}$/.test(latin1(bytes, at, at + CRC_BYTES));
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
