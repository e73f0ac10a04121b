import { RTP_HEADER_BYTES, writeRtpHeader } from '../rtp/packet.ts';

/** What the packets of one stream have in common. */
export interface PacketizerOptions {
  payloadType: number;
  ssrc: number;
  /** Largest RTP packet in bytes, header included; 1400 keeps clear of Ethernet's limit. */
  mtu: number;
  /** Number of the first packet; senders choose it at random. */
  firstSequence: number;
}

/** Cuts access units into RTP packets: single NAL units and FU-A (RFC 6184, packetization mode 1). */
export class H264Packetizer {
  readonly #options: PacketizerOptions;
  #sequence: number;
  /** For sender reports. */
  packets = 0;
  octets = 0;

  constructor(options: PacketizerOptions) {
    this.#options = options;
    this.#sequence = options.firstSequence & 0xffff;
  }

  /** Number of the next packet. */
  get nextSequence(): number {
    return this.#sequence;
  }

  /**
   * The packets of one access unit; the last carries the marker.
   * @param nals NAL units without start codes or prefixes
   * @param timestamp 90 kHz, taken modulo 2^32
   */
  packetize(nals: readonly Uint8Array[], timestamp: number): Uint8Array[] {
    const packets: Uint8Array[] = [];
    const room = this.#options.mtu - RTP_HEADER_BYTES;
    for (const [index, nal] of nals.entries()) {
      const last = index === nals.length - 1;
      if (nal.length === 0) continue;
      if (nal.length <= room) packets.push(this.#packet(nal.length, timestamp, last, (body) => body.set(nal)));
      else this.#fragment(nal, timestamp, last, room - 2, packets);
    }
    return packets;
  }

  #fragment(nal: Uint8Array, timestamp: number, lastNal: boolean, room: number, packets: Uint8Array[]): void {
    const header = nal[0] ?? 0;
    for (let at = 1; at < nal.length; at += room) {
      const end = Math.min(nal.length, at + room);
      const flags = (at === 1 ? 0x80 : 0) | (end === nal.length ? 0x40 : 0);
      const marker = lastNal && end === nal.length;
      packets.push(
        this.#packet(end - at + 2, timestamp, marker, (body) => {
          body[0] = (header & 0xe0) | 28;
          body[1] = flags | (header & 0x1f);
          body.set(nal.subarray(at, end), 2);
        }),
      );
    }
  }

  #packet(bodyBytes: number, timestamp: number, marker: boolean, fill: (body: Uint8Array) => void): Uint8Array {
    const packet = new Uint8Array(RTP_HEADER_BYTES + bodyBytes);
    const { payloadType, ssrc } = this.#options;
    writeRtpHeader(packet, 0, { payloadType, ssrc, marker, sequence: this.#sequence, timestamp });
    fill(packet.subarray(RTP_HEADER_BYTES));
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.packets += 1;
    this.octets += bodyBytes;
    return packet;
  }
}
