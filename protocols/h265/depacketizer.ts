import { u16 } from '../big-endian.ts';
import { CONTINUES, KEY, NalAssembler, type NalSyntax, PARAMETER_SET, PICTURE } from '../nal/assembler.ts';
import type { AccessUnitSink, Depacketizer } from '../rtp/depacketizer.ts';
import { HEVC_HEADER_BYTES, hevcNalType, isHevcParameterSet, isHevcVcl, isIrap } from './nal.ts';

/** Packet types of RFC 7798 section 4.4. */
const AGGREGATION = 48;
const FRAGMENTATION = 49;

const SYNTAX: NalSyntax = {
  headerBytes: HEVC_HEADER_BYTES,
  classify(first, next) {
    const type = hevcNalType(first);
    if (!isHevcVcl(type)) return isHevcParameterSet(type) ? PARAMETER_SET : 0;
    // first_slice_segment_in_pic_flag is the first bit of a slice.
    return PICTURE | (next >= 0x80 ? 0 : CONTINUES) | (isIrap(type) ? KEY : 0);
  },
};

/**
 * Puts the payloads of H.265 RTP packets (RFC 7798) together to access units: single NAL units, aggregation and
 * fragmentation units. Decoding order numbers are passed over: units are taken in the order in which they come.
 * {@link NalAssembler} says where access units begin and end and what damage does.
 */
export class H265Depacketizer implements Depacketizer {
  readonly #units: NalAssembler;
  /** Bytes of a decoding order number: 2, or 0 where the description announces none. */
  readonly #orderBytes: 0 | 2;

  /**
   * @param maxBytes a larger access unit is dropped
   * @param maxDonDiff `sprop-max-don-diff` of the session description; above 0, packets carry decoding order numbers
   */
  constructor(sink: AccessUnitSink, maxBytes = 8_388_608, maxDonDiff = 0) {
    this.#units = new NalAssembler(sink, SYNTAX, maxBytes);
    this.#orderBytes = maxDonDiff > 0 ? 2 : 0;
  }

  get dropped(): number {
    return this.#units.dropped;
  }

  push(bytes: Uint8Array, start: number, end: number, timestamp: number, marker: boolean): void {
    if (end <= start) return;
    const units = this.#units;
    units.beginPacket(timestamp);
    const type = hevcNalType(bytes[start] ?? 0);
    if (end - start <= HEVC_HEADER_BYTES) units.spoil();
    else if (type === FRAGMENTATION) this.#fragment(bytes, start, end);
    else if (type === AGGREGATION) this.#aggregate(bytes, start + HEVC_HEADER_BYTES, end);
    else if (type > FRAGMENTATION) units.spoil();
    else if (bytes[start] === 0 && bytes[start + 1] === 0) units.annexB(bytes, start, end);
    else if (this.#orderBytes === 0) units.nal(bytes, start, end);
    else this.#numbered(bytes, start, end);
    units.endPacket(marker);
  }

  onGap(): void {
    this.#units.onGap();
  }

  flush(): void {
    this.#units.flush();
  }

  /** A single unit with its order number between header and body. */
  #numbered(bytes: Uint8Array, start: number, end: number): void {
    const bodyAt = start + HEVC_HEADER_BYTES + this.#orderBytes;
    if (bodyAt >= end) return this.#units.spoil();
    this.#units.beginFragmented(bytes[start] ?? 0, bytes[start + 1] ?? 0, bytes[bodyAt] ?? 0);
    this.#units.continueFragmented(bytes, bodyAt, end);
    this.#units.endFragmented();
  }

  #aggregate(bytes: Uint8Array, start: number, end: number): void {
    let at = start + this.#orderBytes;
    while (at + 2 <= end) {
      const size = u16(bytes, at);
      at += 2;
      if (size < HEVC_HEADER_BYTES || at + size > end) return this.#units.spoil();
      this.#units.nal(bytes, at, at + size);
      // Behind the first unit, one byte of difference stands for the order number.
      at += size + (this.#orderBytes === 0 ? 0 : 1);
    }
  }

  #fragment(bytes: Uint8Array, start: number, end: number): void {
    const flags = bytes[start + 2] ?? 0;
    const first = (flags & 0x80) !== 0;
    const bodyAt = start + 3 + (first ? this.#orderBytes : 0);
    if (bodyAt >= end) return this.#units.spoil();
    if (first) {
      const header = ((bytes[start] ?? 0) & 0x81) | ((flags & 0x3f) << 1);
      this.#units.beginFragmented(header, bytes[start + 1] ?? 0, bytes[bodyAt] ?? 0);
    }
    this.#units.continueFragmented(bytes, bodyAt, end);
    if ((flags & 0x40) !== 0) this.#units.endFragmented();
  }
}
