import { CONTINUES, KEY, NalAssembler, type NalSyntax, PARAMETER_SET, PICTURE } from '../nal/assembler.ts';
import { FU_END, FU_START } from '../nal/fu-header.ts';
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
    else if (type === AGGREGATION) this.#aggregate(bytes, start, end);
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
    this.#units.fragment(FU_START | FU_END, bytes[start] ?? 0, bytes[start + 1] ?? 0, bytes, bodyAt, end);
  }

  #aggregate(bytes: Uint8Array, start: number, end: number): void {
    // Behind the first unit, one byte of difference stands for the order number.
    const between = this.#orderBytes === 0 ? 0 : 1;
    this.#units.aggregate(bytes, start + HEVC_HEADER_BYTES + this.#orderBytes, end, between);
  }

  #fragment(bytes: Uint8Array, start: number, end: number): void {
    const flags = bytes[start + 2] ?? 0;
    const bodyAt = start + 3 + ((flags & FU_START) === 0 ? 0 : this.#orderBytes);
    const header = ((bytes[start] ?? 0) & 0x81) | ((flags & 0x3f) << 1);
    this.#units.fragment(flags, header, bytes[start + 1] ?? 0, bytes, bodyAt, end);
  }
}
