import { u16 } from '../big-endian.ts';
import { CONTINUES, KEY, NalAssembler, type NalSyntax, PARAMETER_SET, PICTURE } from '../nal/assembler.ts';
import type { AccessUnitSink, Depacketizer } from '../rtp/depacketizer.ts';
import { isVcl, NAL, nalType } from './nal.ts';

/** Packet types of RFC 6184 table 1. */
const STAP_A = 24;
const STAP_B = 25;
const MTAP_16 = 26;
const MTAP_24 = 27;
const FU_A = 28;
const FU_B = 29;

const SYNTAX: NalSyntax = {
  headerBytes: 1,
  classify(first, next) {
    const type = nalType(first);
    if (!isVcl(type)) return type === NAL.sps || type === NAL.pps ? PARAMETER_SET : 0;
    if (type === NAL.partitionB || type === NAL.partitionC) return PICTURE;
    // first_mb_in_slice is the first code of a slice; a leading 1 bit is the number 0, the picture's first slice.
    return PICTURE | (next >= 0x80 ? 0 : CONTINUES) | (type === NAL.idr ? KEY : 0);
  },
};

/**
 * Puts the payloads of H.264 RTP packets (RFC 6184) together to access units: single NAL units, STAP-A and FU-A; of the
 * interleaved mode also STAP-B, MTAP and FU-B, in the order in which they come. {@link NalAssembler} says where units
 * begin and end and what damage does.
 */
export class H264Depacketizer implements Depacketizer {
  readonly #units: NalAssembler;

  /** @param maxBytes a larger access unit is dropped */
  constructor(sink: AccessUnitSink, maxBytes = 8_388_608) {
    this.#units = new NalAssembler(sink, SYNTAX, maxBytes);
  }

  get dropped(): number {
    return this.#units.dropped;
  }

  push(bytes: Uint8Array, start: number, end: number, timestamp: number, marker: boolean): void {
    if (end <= start) return;
    const units = this.#units;
    units.beginPacket(timestamp);
    const type = nalType(bytes[start] ?? 0);
    if (type === FU_A) this.#fragment(bytes, start, end, start + 2);
    else if (type > 0 && type < STAP_A) units.nal(bytes, start, end);
    else this.#unusual(type, bytes, start, end, timestamp);
    units.endPacket(marker);
  }

  onGap(): void {
    this.#units.onGap();
  }

  flush(): void {
    this.#units.flush();
  }

  #unusual(type: number, bytes: Uint8Array, start: number, end: number, timestamp: number): void {
    switch (type) {
      case STAP_A:
        return this.#units.aggregate(bytes, start + 1, end);
      case STAP_B:
        return this.#units.aggregate(bytes, start + 3, end);
      case MTAP_16:
        return this.#aggregateTimes(bytes, start + 3, end, timestamp, 2);
      case MTAP_24:
        return this.#aggregateTimes(bytes, start + 3, end, timestamp, 3);
      case FU_B:
        // Only first pieces are FU-B, so only they have an order number.
        return this.#fragment(bytes, start, end, start + 4);
      case 0:
        return this.#units.annexB(bytes, start, end);
      default:
        this.#units.spoil();
    }
  }

  /** Units with 16-bit lengths, each with a decoding order (ignored) and an offset to the packet's timestamp. */
  #aggregateTimes(bytes: Uint8Array, start: number, end: number, timestamp: number, offsetBytes: 2 | 3): void {
    const header = 1 + offsetBytes;
    let at = start;
    while (at + 2 <= end) {
      const size = u16(bytes, at);
      at += 2;
      if (size <= header || at + size > end) return this.#units.spoil();
      const offset = offsetBytes === 2 ? u16(bytes, at + 1) : (u16(bytes, at + 1) << 8) | (bytes[at + 3] ?? 0);
      this.#units.beginPacket((timestamp + offset) >>> 0);
      this.#units.nal(bytes, at + header, at + size);
      at += size;
    }
  }

  #fragment(bytes: Uint8Array, start: number, end: number, bodyAt: number): void {
    const flags = bytes[start + 1] ?? 0;
    const header = ((bytes[start] ?? 0) & 0xe0) | (flags & 0x1f);
    this.#units.fragment(flags, header, 0, bytes, bodyAt, end);
  }
}
