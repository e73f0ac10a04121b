import type { Packetizer } from '../rtp/depacketizer.ts';
import { RTP_HEADER_BYTES } from '../rtp/packet.ts';
import { type PacketizerOptions, PacketWriter } from '../rtp/packet-writer.ts';
import { splitAvcc } from './nal.ts';

/** Cuts access units into RTP packets: single NAL units and FU-A (RFC 6184, packetization mode 1). */
export class H264Packetizer implements Packetizer {
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

  /** @param unit NAL units with four-byte length prefixes @param timestamp 90 kHz, taken modulo 2^32 */
  packetizeUnit(unit: Uint8Array, timestamp: number): Uint8Array[] {
    return this.packetize(splitAvcc(unit), timestamp);
  }

  /**
   * The packets of one access unit; the last carries the marker.
   * @param nals NAL units without start codes or prefixes
   * @param timestamp 90 kHz, taken modulo 2^32
   */
  packetize(nals: readonly Uint8Array[], timestamp: number): Uint8Array[] {
    const packets: Uint8Array[] = [];
    const { room } = this.#writer;
    for (const [index, nal] of nals.entries()) {
      const last = index === nals.length - 1;
      if (nal.length === 0) continue;
      if (nal.length > room) {
        this.#fragment(nal, timestamp, last, packets);
        continue;
      }
      const packet = this.#writer.next(nal.length, timestamp, last);
      packet.set(nal, RTP_HEADER_BYTES);
      packets.push(packet);
    }
    return packets;
  }

  #fragment(nal: Uint8Array, timestamp: number, lastNal: boolean, packets: Uint8Array[]): void {
    const header = nal[0] ?? 0;
    const room = this.#writer.room - 2;
    for (let at = 1; at < nal.length; at += room) {
      const end = Math.min(nal.length, at + room);
      const flags = (at === 1 ? 0x80 : 0) | (end === nal.length ? 0x40 : 0);
      const packet = this.#writer.next(end - at + 2, timestamp, lastNal && end === nal.length);
      packet[RTP_HEADER_BYTES] = (header & 0xe0) | 28;
      packet[RTP_HEADER_BYTES + 1] = flags | (header & 0x1f);
      packet.set(nal.subarray(at, end), RTP_HEADER_BYTES + 2);
      packets.push(packet);
    }
  }
}
