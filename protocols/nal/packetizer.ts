import { splitAvcc } from '../h264/nal.ts';
import { RTP_HEADER_BYTES } from '../rtp/packet.ts';
import type { PacketizerOptions } from '../rtp/packet-writer.ts';
import { RtpPacketizer } from '../rtp/packetizer.ts';
import { FU_END, FU_START } from './fu-header.ts';

/** How a codec's NAL units are fragmented. */
export interface FragmentSyntax {
  headerBytes: 1 | 2;
  /** First byte of every fragment: the unit's own, with the type of a fragmentation unit in it. */
  firstByte(first: number): number;
  /** The unit's own type. @param first of its header's bytes */
  typeOf(first: number): number;
}

/** What the packetizers of H.264 and H.265 share: units that fit go alone, others in fragments. */
export abstract class NalPacketizer extends RtpPacketizer {
  readonly #syntax: FragmentSyntax;

  constructor(options: PacketizerOptions, syntax: FragmentSyntax) {
    super(options);
    this.#syntax = syntax;
  }

  /** @param unit NAL units with four-byte length prefixes @param timestamp 90 kHz, taken modulo 2^32 */
  packetizeUnit(unit: Uint8Array, timestamp: number): Uint8Array[] {
    return this.packetize(splitAvcc(unit), timestamp);
  }

  /**
   * The packets of one access unit; the last carries the marker.
   * @param nals NAL units without start codes or prefixes
   * @param timestamp 90 kHz, taken modulo 2^32
   */
  abstract packetize(nals: readonly Uint8Array[], timestamp: number): Uint8Array[];

  /** Adds the packets of one NAL unit. @param last of its access unit */
  protected cut(nal: Uint8Array, timestamp: number, last: boolean, packets: Uint8Array[]): void {
    if (nal.length > this.writer.room) this.#fragment(nal, timestamp, last, packets);
    else packets.push(this.writer.piece(0, nal, 0, nal.length, timestamp, last));
  }

  #fragment(nal: Uint8Array, timestamp: number, lastNal: boolean, packets: Uint8Array[]): void {
    const { headerBytes } = this.#syntax;
    const first = this.#syntax.firstByte(nal[0] ?? 0);
    const type = this.#syntax.typeOf(nal[0] ?? 0);
    const room = this.writer.room - headerBytes - 1;
    for (let at: number = headerBytes; at < nal.length; at += room) {
      const end = Math.min(nal.length, at + room);
      const flags = (at === headerBytes ? FU_START : 0) | (end === nal.length ? FU_END : 0);
      const packet = this.writer.piece(headerBytes + 1, nal, at, end, timestamp, lastNal && end === nal.length);
      packet[RTP_HEADER_BYTES] = first;
      if (headerBytes === 2) packet[RTP_HEADER_BYTES + 1] = nal[1] ?? 0;
      packet[RTP_HEADER_BYTES + headerBytes] = flags | type;
      packets.push(packet);
    }
  }
}
