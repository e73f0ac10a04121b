import { putU16 } from '../big-endian.ts';
import { splitAvcc } from '../h264/nal.ts';
import type { Packetizer } from '../rtp/depacketizer.ts';
import { RTP_HEADER_BYTES } from '../rtp/packet.ts';
import { type PacketizerOptions, PacketWriter } from '../rtp/packet-writer.ts';
import { HEVC_HEADER_BYTES, hevcNalType, isHevcParameterSet } from './nal.ts';

const AGGREGATION = 48;
const FRAGMENTATION = 49;

/**
 * Cuts access units into RTP packets (RFC 7798): parameter sets that follow each other in an aggregation packet, other
 * units alone or in fragments. No decoding order numbers.
 */
export class H265Packetizer implements Packetizer {
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
   * @param units NAL units without start codes or prefixes
   * @param timestamp 90 kHz, taken modulo 2^32
   */
  packetize(units: readonly Uint8Array[], timestamp: number): Uint8Array[] {
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
      if (nal !== undefined) this.#single(nal, timestamp, last, packets);
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
      if (bytes > this.#writer.room) break;
      end += 1;
    }
    return end - at;
  }

  #aggregate(nals: readonly Uint8Array[], timestamp: number, marker: boolean): Uint8Array {
    const bytes = nals.reduce((sum, nal) => sum + 2 + nal.length, HEVC_HEADER_BYTES);
    const packet = this.#writer.next(bytes, timestamp, marker);
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

  #single(nal: Uint8Array, timestamp: number, last: boolean, packets: Uint8Array[]): void {
    if (nal.length > this.#writer.room) {
      this.#fragment(nal, timestamp, last, packets);
      return;
    }
    const packet = this.#writer.next(nal.length, timestamp, last);
    packet.set(nal, RTP_HEADER_BYTES);
    packets.push(packet);
  }

  #fragment(nal: Uint8Array, timestamp: number, lastNal: boolean, packets: Uint8Array[]): void {
    const first = nal[0] ?? 0;
    const room = this.#writer.room - 3;
    for (let at = HEVC_HEADER_BYTES; at < nal.length; at += room) {
      const end = Math.min(nal.length, at + room);
      const flags = (at === HEVC_HEADER_BYTES ? 0x80 : 0) | (end === nal.length ? 0x40 : 0);
      const packet = this.#writer.next(end - at + 3, timestamp, lastNal && end === nal.length);
      packet[RTP_HEADER_BYTES] = (first & 0x81) | (FRAGMENTATION << 1);
      packet[RTP_HEADER_BYTES + 1] = nal[1] ?? 0;
      packet[RTP_HEADER_BYTES + 2] = flags | hevcNalType(first);
      packet.set(nal.subarray(at, end), RTP_HEADER_BYTES + 3);
      packets.push(packet);
    }
  }
}
