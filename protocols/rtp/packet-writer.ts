import { RTP_HEADER_BYTES, writeRtpHeader } from './packet.ts';

/** What the packets of one stream have in common. */
export interface PacketizerOptions {
  payloadType: number;
  ssrc: number;
  /** Largest RTP packet in bytes, header included; 1400 keeps clear of Ethernet's limit. */
  mtu: number;
  /** Number of the first packet; senders choose it at random. */
  firstSequence: number;
}

/** Payload formats need a few bytes for their own headers. */
const LEAST_ROOM = 8;

/** Makes and numbers the packets of one stream, and counts them for its sender reports. */
export class PacketWriter {
  readonly #payloadType: number;
  readonly #ssrc: number;
  #sequence: number;
  /** Largest payload. */
  readonly room: number;
  packets = 0;
  octets = 0;

  constructor(options: PacketizerOptions) {
    this.#payloadType = options.payloadType;
    this.#ssrc = options.ssrc;
    this.#sequence = options.firstSequence & 0xffff;
    this.room = Math.max(LEAST_ROOM, options.mtu - RTP_HEADER_BYTES);
  }

  /** Number of the next packet. */
  get nextSequence(): number {
    return this.#sequence;
  }

  /** A packet with its header written; the payload goes behind {@link RTP_HEADER_BYTES}. */
  next(payloadBytes: number, timestamp: number, marker: boolean): Uint8Array {
    const packet = new Uint8Array(RTP_HEADER_BYTES + payloadBytes);
    const fields = { payloadType: this.#payloadType, ssrc: this.#ssrc, marker, sequence: this.#sequence, timestamp };
    writeRtpHeader(packet, 0, fields);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.packets += 1;
    this.octets += payloadBytes;
    return packet;
  }

  /**
   * A packet with `bytes[start..end)` in it.
   * @param headerBytes room between RTP header and these bytes, for the payload format's own header
   */
  piece(
    headerBytes: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    timestamp: number,
    marker: boolean,
  ): Uint8Array {
    const packet = this.next(headerBytes + end - start, timestamp, marker);
    const isWhole = start === 0 && end === bytes.length;
    packet.set(isWhole ? bytes : bytes.subarray(start, end), RTP_HEADER_BYTES + headerBytes);
    return packet;
  }
}
