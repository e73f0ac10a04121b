import { putU32, u16 } from '../big-endian.ts';
import { copyBytes } from '../copy-bytes.ts';
import type { AccessUnitSink } from '../rtp/depacketizer.ts';
import { FU_END, FU_START } from './fu-header.ts';

/** The unit carries a coded picture's data. */
export const PICTURE = 1;
/** Together with {@link PICTURE}: this is not the picture's first slice. */
export const CONTINUES = 2;
/** Decoding can begin at this picture. */
export const KEY = 4;
/** The unit is a parameter set. */
export const PARAMETER_SET = 8;

/** How a codec's NAL units are told apart. */
export interface NalSyntax {
  headerBytes: 1 | 2;
  /** The bits above that hold for a unit. @param first of its header's bytes @param next byte behind the header */
  classify(first: number, next: number): number;
}

const PREFIX = 4;
const START_BYTES = 65_536;

/**
 * Collects the NAL units of H.264 or H.265 that a depacketizer finds into access units with length prefixes.
 *
 * An access unit ends with the marker bit, so that a frame is there without waiting for the next; where a camera
 * forgets the bit, with the next timestamp. Three faults of cameras are allowed for: a marker on parameter sets alone
 * ends nothing; a camera that marks every slice is found out and from then on only its timestamps count; start codes
 * inside of what should be one unit are taken as the borders that they are.
 *
 * Damage (a gap, a broken fragment, an oversized frame) drops everything up to the next key frame.
 */
export class NalAssembler {
  readonly #sink: AccessUnitSink;
  readonly #headerBytes: number;
  readonly #classify: NalSyntax['classify'];
  readonly #maxBytes: number;
  #buffer = new Uint8Array(START_BYTES);
  #length = 0;
  #timestamp = -1;
  #hasPicture = false;
  #key = false;
  #damaged = false;
  /** Packets are missing before the next one. */
  #gap = false;
  #waitingForKey = true;
  #trustMarker = true;
  /** Timestamp of the access unit that a marker ended last; -1 when none did. */
  #endedByMarker = -1;
  /** Where the fragmented NAL unit's length prefix goes; -1 outside of one. */
  #fragmentAt = -1;
  #fragmentFlags = 0;
  /** Access units that came but were not handed on. */
  dropped = 0;

  /** @param maxBytes a larger access unit is dropped */
  constructor(sink: AccessUnitSink, syntax: NalSyntax, maxBytes: number) {
    this.#sink = sink;
    this.#headerBytes = syntax.headerBytes;
    this.#classify = syntax.classify;
    this.#maxBytes = maxBytes;
  }

  /** A packet begins; the units it holds follow, then {@link endPacket}. */
  beginPacket(timestamp: number): void {
    if (timestamp !== this.#timestamp) this.#nextTimestamp(timestamp);
    else if (this.#gap && this.#begun()) this.spoil();
    this.#gap = false;
  }

  /** All units of the packet were given. */
  endPacket(marker: boolean): void {
    if (marker && this.#trustMarker && (this.#hasPicture || this.#damaged)) {
      this.#endedByMarker = this.#timestamp;
      this.#finish();
    }
  }

  /** A whole NAL unit: `bytes[start..end)`. */
  nal(bytes: Uint8Array, start: number, end: number): void {
    if (this.#fragmentAt !== -1) this.spoil();
    const flags = this.#classify(bytes[start] ?? 0, bytes[start + this.#headerBytes] ?? 0);
    if ((flags & PICTURE) !== 0) this.#slice(flags);
    else if (findStartCode(bytes, start, end) !== -1) {
      this.#split(bytes, start, end);
      return;
    } else if ((flags & PARAMETER_SET) !== 0) this.#sink.onParameterSet(bytes.subarray(start, end));
    this.#append(bytes, start, end, PREFIX);
  }

  /** Units with start codes between and before them, as cameras should not send them. */
  annexB(bytes: Uint8Array, start: number, end: number): void {
    if (findStartCode(bytes, start, end) === -1) this.spoil();
    else this.#split(bytes, start, end);
  }

  /**
   * Units with 16-bit lengths in front of them: an aggregation packet's.
   * @param between bytes that stand between a unit and the next length
   */
  aggregate(bytes: Uint8Array, start: number, end: number, between = 0): void {
    let at = start;
    while (at + 2 <= end) {
      const size = u16(bytes, at);
      at += 2;
      if (size < this.#headerBytes || at + size > end) return this.spoil();
      this.nal(bytes, at, at + size);
      at += size + between;
    }
  }

  /**
   * A piece of a NAL unit: `bytes[bodyAt..end)`.
   * @param flags whether the unit begins ({@link FU_START}) and ends ({@link FU_END}) here; other bits do not count
   * @param first of the unit's header's bytes
   * @param second of them, where there are two
   */
  fragment(flags: number, first: number, second: number, bytes: Uint8Array, bodyAt: number, end: number): void {
    if (bodyAt >= end) return this.spoil();
    if ((flags & FU_START) !== 0) this.#beginFragmented(first, second, bytes[bodyAt] ?? 0);
    // Without a beginning the unit is lost.
    if (this.#fragmentAt === -1) this.spoil();
    else this.#append(bytes, bodyAt, end, 0);
    if ((flags & FU_END) !== 0) this.#endFragmented();
  }

  /** The access unit under way is lost. */
  spoil(): void {
    this.#damaged = true;
    this.#length = 0;
    this.#fragmentAt = -1;
  }

  /** Packets are missing before the next one: what is begun is lost, and so is everything up to a key frame. */
  onGap(): void {
    this.#gap = true;
    this.#waitingForKey = true;
  }

  /** The stream is over: hands on the last access unit if it is whole. */
  flush(): void {
    if (this.#hasPicture || this.#damaged) this.#finish();
  }

  #beginFragmented(first: number, second: number, next: number): void {
    if (this.#fragmentAt !== -1) this.spoil();
    const flags = this.#classify(first, next);
    if ((flags & PICTURE) !== 0) this.#slice(flags);
    const bodyAt = this.#length + PREFIX;
    this.#reserve(bodyAt + 2);
    this.#fragmentAt = this.#length;
    this.#fragmentFlags = flags;
    this.#buffer[bodyAt] = first;
    this.#buffer[bodyAt + 1] = second;
    this.#length = bodyAt + this.#headerBytes;
  }

  #endFragmented(): void {
    if (this.#fragmentAt === -1) return;
    const start = this.#fragmentAt + PREFIX;
    putU32(this.#buffer, this.#fragmentAt, this.#length - start);
    this.#fragmentAt = -1;
    if ((this.#fragmentFlags & PICTURE) !== 0) return;
    if (findStartCode(this.#buffer, start, this.#length) !== -1) {
      const units = this.#buffer.slice(start, this.#length);
      this.#length = start - PREFIX;
      this.#split(units, 0, units.length);
    } else if ((this.#fragmentFlags & PARAMETER_SET) !== 0) {
      this.#sink.onParameterSet(this.#buffer.subarray(start, this.#length));
    }
  }

  #begun(): boolean {
    return this.#length > 0 || this.#hasPicture || this.#damaged;
  }

  #nextTimestamp(timestamp: number): void {
    // Without a marker there is no telling whether the missing packets were this unit's last.
    if (this.#gap && this.#begun()) this.#damaged = true;
    if (this.#fragmentAt !== -1) this.spoil();
    // What holds no picture yet (parameter sets under a timestamp of their own) belongs to the next unit.
    if (this.#hasPicture || this.#damaged) this.#finish();
    this.#timestamp = timestamp;
  }

  /** Notes a slice of the picture. */
  #slice(flags: number): void {
    if (!this.#hasPicture && (flags & CONTINUES) !== 0) {
      if (this.#timestamp === this.#endedByMarker) this.#trustMarker = false;
      this.spoil();
    }
    this.#hasPicture = true;
    if ((flags & KEY) !== 0) this.#key = true;
  }

  #append(bytes: Uint8Array, start: number, end: number, prefix: number): void {
    const size = end - start;
    const needed = this.#length + prefix + size;
    if (needed > this.#maxBytes) {
      this.spoil();
      return;
    }
    this.#reserve(needed);
    if (prefix > 0) putU32(this.#buffer, this.#length, size);
    copyBytes(bytes, start, end, this.#buffer, this.#length + prefix);
    this.#length = needed;
  }

  /** Units between start codes; what stands before the first one is a unit as well. */
  #split(bytes: Uint8Array, start: number, end: number): void {
    let from = start;
    while (from < end) {
      const code = findStartCode(bytes, from, end);
      let to = code === -1 ? end : code;
      while (to > from && bytes[to - 1] === 0) to -= 1;
      if (to - from >= this.#headerBytes) this.nal(bytes, from, to);
      if (code === -1) return;
      from = code + 3;
    }
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(bytes, this.#buffer.length * 2));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }

  #finish(): void {
    if (this.#fragmentAt !== -1) this.spoil();
    const whole = !this.#damaged && (this.#key || !this.#waitingForKey);
    const unit = { timestamp: this.#timestamp, key: this.#key, bytes: this.#buffer.subarray(0, this.#length) };
    this.#length = 0;
    this.#hasPicture = false;
    this.#key = false;
    this.#damaged = false;
    this.#waitingForKey = !whole;
    if (whole) this.#sink.onAccessUnit(unit);
    else this.dropped += 1;
  }
}

/** Where 00 00 01 begins in `bytes[start..end)`; -1 when nowhere. */
function findStartCode(bytes: Uint8Array, start: number, end: number): number {
  let at = start + 2;
  while (at < end) {
    const byte = bytes[at] ?? 0;
    if (byte > 1) at += 3;
    else if (byte === 0) at += 1;
    else if (bytes[at - 1] === 0 && bytes[at - 2] === 0) return at - 2;
    else at += 3;
  }
  return -1;
}
