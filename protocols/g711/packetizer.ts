import type { Packetizer } from '../rtp/depacketizer.ts';
import { RTP_HEADER_BYTES } from '../rtp/packet.ts';
import { type PacketizerOptions, PacketWriter } from '../rtp/packet-writer.ts';

/** Options of a {@link G711Packetizer}. */
export interface G711PacketizerOptions extends PacketizerOptions {
  /** Interleaved channels; 1 if left out. */
  channels?: number;
  /** Most samples in one packet: `ptime` in milliseconds × 8 at 8 kHz. As many as fit if left out. */
  maxSamples?: number;
}

/** Puts G.711 samples into RTP packets. Payload type 0 is µ-law, 8 is A-law, both at 8 kHz (RFC 3551 section 6). */
export class G711Packetizer implements Packetizer {
  readonly #writer: PacketWriter;
  readonly #channels: number;
  readonly #maxSamples: number;

  constructor(options: G711PacketizerOptions) {
    this.#writer = new PacketWriter(options);
    this.#channels = Math.max(1, options.channels ?? 1);
    const fitting = Math.floor(this.#writer.room / this.#channels);
    this.#maxSamples = Math.max(1, Math.min(fitting, options.maxSamples ?? fitting));
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

  /** @param unit samples, one byte each @param timestamp of the first, in samples */
  packetizeUnit(unit: Uint8Array, timestamp: number): Uint8Array[] {
    const packets: Uint8Array[] = [];
    const step = this.#maxSamples * this.#channels;
    for (let at = 0; at < unit.length; at += step) {
      const end = Math.min(unit.length, at + step);
      const packet = this.#writer.next(end - at, (timestamp + at / this.#channels) >>> 0, false);
      packet.set(unit.subarray(at, end), RTP_HEADER_BYTES);
      packets.push(packet);
    }
    return packets;
  }
}
