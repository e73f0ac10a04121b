import { putU16 } from '../big-endian.ts';
import { type FragmentSyntax, NalPacketizer } from '../nal/packetizer.ts';
import { RTP_HEADER_BYTES } from '../rtp/packet.ts';
import type { PacketizerOptions } from '../rtp/packet-writer.ts';
import { HEVC_HEADER_BYTES, hevcNalType, isHevcParameterSet } from './nal.ts';

const AGGREGATION = 48;
const FRAGMENTATION = 49;

const SYNTAX: FragmentSyntax = {
  headerBytes: HEVC_HEADER_BYTES,
  firstByte: (first) => (first & 0x81) | (FRAGMENTATION << 1),
  typeOf: hevcNalType,
};

/**
 * Cuts access units into RTP packets (RFC 7798): parameter sets that follow each other in an aggregation packet, other
 * units alone or in fragments. No decoding order numbers.
 */
export class H265Packetizer extends NalPacketizer {
  constructor(options: PacketizerOptions) {
    super(options, SYNTAX);
  }

  override packetize(units: readonly Uint8Array[], timestamp: number): Uint8Array[] {
    const nals = units.filter((nal) => nal.length >= HEVC_HEADER_BYTES);
    const packets: Uint8Array[] = [];
    let at = 0;
    while (at < nals.length) {
      const together = this.#setsFrom(nals, at);
      const nal = nals[at];
      const last = at + Math.max(1, together) === nals.length;
      if (together > 1) {
        packets.push(this.#aggregate(nals.slice(at, at + together), timestamp, last));
        at += together;
        continue;
      }
      if (nal !== undefined) this.cut(nal, timestamp, last, packets);
      at += 1;
    }
    return packets;
  }

  /** How many parameter sets from `at` on fit into one packet. */
  #setsFrom(nals: readonly Uint8Array[], at: number): number {
    let bytes = HEVC_HEADER_BYTES;
    let end = at;
    for (let nal = nals[end]; nal !== undefined && isHevcParameterSet(hevcNalType(nal[0] ?? 0)); nal = nals[end]) {
      bytes += 2 + nal.length;
      if (bytes > this.writer.room) break;
      end += 1;
    }
    return end - at;
  }

  #aggregate(nals: readonly Uint8Array[], timestamp: number, marker: boolean): Uint8Array {
    const bytes = nals.reduce((sum, nal) => sum + 2 + nal.length, HEVC_HEADER_BYTES);
    const packet = this.writer.next(bytes, timestamp, marker);
    // Layer 0, and the lowest temporal layer of the units inside: parameter sets are all of the lowest.
    packet[RTP_HEADER_BYTES] = AGGREGATION << 1;
    packet[RTP_HEADER_BYTES + 1] = 1;
    let at = RTP_HEADER_BYTES + HEVC_HEADER_BYTES;
    for (const nal of nals) {
      putU16(packet, at, nal.length);
      packet.set(nal, at + 2);
      at += 2 + nal.length;
    }
    return packet;
  }
}
