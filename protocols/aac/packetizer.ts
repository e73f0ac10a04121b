import { putU16 } from '../big-endian.ts';
import type { Packetizer } from '../rtp/depacketizer.ts';
import { RTP_HEADER_BYTES } from '../rtp/packet.ts';
import { type PacketizerOptions, PacketWriter } from '../rtp/packet-writer.ts';

/** Bytes in front of the access unit: the length of one header in bits, and the header (13 bits of size, 3 of index). */
const HEADER_BYTES = 4;
const HEADER_BITS = 16;
const MAX_UNIT_BYTES = 0x1fff;

/** Puts AAC access units into RTP packets, one each or one over several (RFC 3640, mode AAC-hbr). */
export class AacPacketizer implements Packetizer {
  readonly #writer: PacketWriter;

  constructor(options: PacketizerOptions) {
    this.#writer = new PacketWriter(options);
  }

  /** Number of the next packet. */
  get nextSequence(): number {
    return this.#writer.nextSequence;
  }

  /** Packets and bytes of payload so far, for sender reports. */
  get packets(): number {
    return this.#writer.packets;
  }
  get octets(): number {
    return this.#writer.octets;
  }

  /** @param unit one access unit; what is empty or too long for its header (8191 bytes) gives no packet */
  packetizeUnit(unit: Uint8Array, timestamp: number): Uint8Array[] {
    const packets: Uint8Array[] = [];
    if (unit.length > MAX_UNIT_BYTES) return packets;
    const room = Math.max(1, this.#writer.room - HEADER_BYTES);
    for (let at = 0; at < unit.length; at += room) {
      const end = Math.min(unit.length, at + room);
      const packet = this.#writer.next(HEADER_BYTES + end - at, timestamp, end === unit.length);
      putU16(packet, RTP_HEADER_BYTES, HEADER_BITS);
      putU16(packet, RTP_HEADER_BYTES + 2, unit.length << 3);
      packet.set(unit.subarray(at, end), RTP_HEADER_BYTES + HEADER_BYTES);
      packets.push(packet);
    }
    return packets;
  }
}
