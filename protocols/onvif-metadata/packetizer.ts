import { RtpPacketizer } from '../rtp/packetizer.ts';

/** Cuts XML documents into RTP packets (ONVIF Streaming section 5.1.2); the last of each has the marker. */
export class MetadataPacketizer extends RtpPacketizer {
  /** @param unit one document @param timestamp 90 kHz, taken modulo 2^32 */
  override packetizeUnit(unit: Uint8Array, timestamp: number): Uint8Array[] {
    const packets: Uint8Array[] = [];
    const { room } = this.writer;
    for (let at = 0; at < unit.length; at += room) {
      const end = Math.min(unit.length, at + room);
      packets.push(this.writer.piece(0, unit, at, end, timestamp, end === unit.length));
    }
    return packets;
  }
}
