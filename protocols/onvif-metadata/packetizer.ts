import type { Packetizer } from '../rtp/depacketizer.ts';
import { RTP_HEADER_BYTES } from '../rtp/packet.ts';
import { type PacketizerOptions, PacketWriter } from '../rtp/packet-writer.ts';

/** Cuts XML documents into RTP packets (ONVIF Streaming section 5.1.2); the last of each has the marker. */
export class MetadataPacketizer implements Packetizer {
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

  /** @param unit one document @param timestamp 90 kHz, taken modulo 2^32 */
  packetizeUnit(unit: Uint8Array, timestamp: number): Uint8Array[] {
    const packets: Uint8Array[] = [];
    const { room } = this.#writer;
    for (let at = 0; at < unit.length; at += room) {
      const end = Math.min(unit.length, at + room);
      const packet = this.#writer.next(end - at, timestamp, end === unit.length);
      packet.set(unit.subarray(at, end), RTP_HEADER_BYTES);
      packets.push(packet);
    }
    return packets;
  }
}
