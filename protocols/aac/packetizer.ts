import { putU16 } from '../big-endian.ts';
import { RTP_HEADER_BYTES } from '../rtp/packet.ts';
import { RtpPacketizer } from '../rtp/packetizer.ts';

/** Bytes in front of the access unit: the length of one header in bits, and the header (13 bits of size, 3 of index). */
const HEADER_BYTES = 4;
const HEADER_BITS = 16;
const MAX_UNIT_BYTES = 0x1fff;

/** Puts AAC access units into RTP packets, one each or one over several (RFC 3640, mode AAC-hbr). */
export class AacPacketizer extends RtpPacketizer {
  /** @param unit one access unit; what is empty or too long for its header (8191 bytes) gives no packet */
  override packetizeUnit(unit: Uint8Array, timestamp: number): Uint8Array[] {
    const packets: Uint8Array[] = [];
    if (unit.length > MAX_UNIT_BYTES) return packets;
    const room = Math.max(1, this.writer.room - HEADER_BYTES);
    for (let at = 0; at < unit.length; at += room) {
      const end = Math.min(unit.length, at + room);
      const packet = this.writer.piece(HEADER_BYTES, unit, at, end, timestamp, end === unit.length);
      putU16(packet, RTP_HEADER_BYTES, HEADER_BITS);
      putU16(packet, RTP_HEADER_BYTES + 2, unit.length << 3);
      packets.push(packet);
    }
    return packets;
  }
}
