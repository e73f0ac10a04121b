import { putU32, u16 } from '../big-endian.ts';
import type { AccessUnitSink, Depacketizer } from '../rtp/depacketizer.ts';
import { isVcl, NAL, nalType } from './nal.ts';

const STAP_A = 24;
const FU_A = 28;
const PREFIX = 4;
const START_BYTES = 65_536;

/**
 * Puts the payloads of H.264 RTP packets (RFC 6184: single NAL units, STAP-A, FU-A) together to access units.
 *
 * An access unit ends with the marker bit, so that a frame is there without waiting for the next; where a camera
 * forgets the bit, with the next timestamp. Two faults of cameras are allowed for: a marker on parameter sets alone
 * ends nothing, and a camera that marks every slice is found out and from then on only its timestamps count.
 *
 * Damage (a gap, a broken fragment, an oversized frame) drops everything up to the next key frame.
 */
export class H264Depacketizer implements Depacketizer {
  readonly #sink: AccessUnitSink;
  readonly #maxBytes: number;
  #buffer = new Uint8Array(START_BYTES);
  #length = 0;
  #timestamp = -1;
  #hasPicture = false;
  #key = false;
  #damaged = false;
  /** Packets are missing before the next one pushed. */
  #gap = false;
  #waitingForKey = true;
  #trustMarker = true;
  /** Timestamp of the access unit that a marker ended last; -1 when none did. */
  #endedByMarker = -1;
  /** Where the fragmented NAL unit's length prefix goes; -1 outside of one. */
  #fragmentAt = -1;
  /** Access units that came but were not handed on. */
  dropped = 0;

  /** @param maxBytes a larger access unit is dropped */
  constructor(sink: AccessUnitSink, maxBytes = 8_388_608) {
    this.#sink = sink;
    this.#maxBytes = maxBytes;
  }

  /** One packet's payload: `bytes[start..end)`. */
  push(bytes: Uint8Array, start: number, end: number, timestamp: number, marker: boolean): void {
    if (end <= start) return;
    if (timestamp !== this.#timestamp) this.#nextTimestamp(timestamp);
    else if (this.#gap && this.#begun()) this.#spoil();
    this.#gap = false;
    const type = nalType(bytes[start] ?? 0);
    if (type === FU_A) this.#fragment(bytes, start, end);
    else {
      if (this.#fragmentAt !== -1) this.#spoil();
      if (type === STAP_A) this.#aggregate(bytes, start + 1, end);
      else if (type > 0 && type < STAP_A) this.#nal(bytes, start, end);
      else this.#spoil();
    }
    if (marker && this.#trustMarker && (this.#hasPicture || this.#damaged)) {
      this.#endedByMarker = timestamp;
      this.#finish();
    }
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

  #begun(): boolean {
    return this.#length > 0 || this.#hasPicture || this.#damaged;
  }

  #nextTimestamp(timestamp: number): void {
    // Without a marker there is no telling whether the missing packets were this unit's last.
    if (this.#gap && this.#begun()) this.#damaged = true;
    if (this.#fragmentAt !== -1) this.#spoil();
    // What holds no picture yet (parameter sets under a timestamp of their own) belongs to the next unit.
    if (this.#hasPicture || this.#damaged) this.#finish();
    this.#timestamp = timestamp;
  }

  #nal(bytes: Uint8Array, start: number, end: number): void {
    const type = nalType(bytes[start] ?? 0);
    if (isVcl(type)) this.#slice(type, bytes[start + 1] ?? 0);
    else if (isParameterSet(type)) this.#sink.onParameterSet(bytes.subarray(start, end));
    this.#append(bytes, start, end, PREFIX);
  }

  /** Notes a slice of the picture; `next` is the byte behind its header byte. */
  #slice(type: number, next: number): void {
    // first_mb_in_slice is the first code of a slice; a leading 1 bit is the number 0, the picture's first slice.
    if (!this.#hasPicture && type !== NAL.partitionB && type !== NAL.partitionC && (next & 0x80) === 0) {
      if (this.#timestamp === this.#endedByMarker) this.#trustMarker = false;
      this.#spoil();
    }
    this.#hasPicture = true;
    if (type === NAL.idr) this.#key = true;
  }

  #append(bytes: Uint8Array, start: number, end: number, prefix: number): void {
    const size = end - start;
    const needed = this.#length + prefix + size;
    if (needed > this.#maxBytes) {
      this.#spoil();
      return;
    }
    this.#reserve(needed);
    if (prefix > 0) putU32(this.#buffer, this.#length, size);
    this.#buffer.set(bytes.subarray(start, end), this.#length + prefix);
    this.#length = needed;
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(bytes, this.#buffer.length * 2));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }

  #aggregate(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at + 2 <= end) {
      const size = u16(bytes, at);
      at += 2;
      if (size === 0 || at + size > end) {
        this.#spoil();
        return;
      }
      this.#nal(bytes, at, at + size);
      at += size;
    }
  }

  #fragment(bytes: Uint8Array, start: number, end: number): void {
    const flags = bytes[start + 1] ?? 0;
    const first = (flags & 0x80) !== 0;
    const last = (flags & 0x40) !== 0;
    if (end - start < 3 || first !== (this.#fragmentAt === -1)) {
      this.#spoil();
      if (!first || end - start < 3) return;
    }
    if (first) this.#beginFragmented(((bytes[start] ?? 0) & 0xe0) | (flags & 0x1f), bytes[start + 2] ?? 0);
    this.#append(bytes, start + 2, end, 0);
    if (last && this.#fragmentAt !== -1) this.#endFragmented();
  }

  #beginFragmented(header: number, next: number): void {
    const type = nalType(header);
    if (isVcl(type)) this.#slice(type, next);
    this.#reserve(this.#length + PREFIX + 1);
    this.#fragmentAt = this.#length;
    this.#buffer[this.#length + PREFIX] = header;
    this.#length += PREFIX + 1;
  }

  #endFragmented(): void {
    const start = this.#fragmentAt + PREFIX;
    putU32(this.#buffer, this.#fragmentAt, this.#length - start);
    this.#fragmentAt = -1;
    if (isParameterSet(nalType(this.#buffer[start] ?? 0))) {
      this.#sink.onParameterSet(this.#buffer.subarray(start, this.#length));
    }
  }

  /** The access unit under way is lost. */
  #spoil(): void {
    this.#damaged = true;
    this.#length = 0;
    this.#fragmentAt = -1;
  }

  #finish(): void {
    if (this.#fragmentAt !== -1) this.#spoil();
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

function isParameterSet(type: number): boolean {
  return type === NAL.sps || type === NAL.pps;
}
