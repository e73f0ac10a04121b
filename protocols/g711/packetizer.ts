import type { PacketizerOptions } from '../rtp/packet-writer.ts';
import { RtpPacketizer } from '../rtp/packetizer.ts';

/** Options of a {@link G711Packetizer}. */
export interface G711PacketizerOptions extends PacketizerOptions {
  /** Interleaved channels; 1 if left out. */
  channels?: number;
  /** Most samples in one packet: `ptime` in milliseconds × 8 at 8 kHz. As many as fit if left out. */
  maxSamples?: number;
}

/** Puts G.711 samples into RTP packets. Payload type 0 is µ-law, 8 is A-law, both at 8 kHz (RFC 3551 section 6). */
export class G711Packetizer extends RtpPacketizer {
  readonly #channels: number;
  readonly #maxSamples: number;

  constructor(options: G711PacketizerOptions) {
    super(options);
    this.#channels = Math.max(1, options.channels ?? 1);
    const fitting = Math.floor(this.writer.room / this.#channels);
    this.#maxSamples = Math.max(1, Math.min(fitting, options.maxSamples ?? fitting));
  }

  /** @param unit samples, one byte each @param timestamp of the first, in samples */
  override packetizeUnit(unit: Uint8Array, timestamp: number): Uint8Array[] {
    const packets: Uint8Array[] = [];
    const step = this.#maxSamples * this.#channels;
    for (let at = 0; at < unit.length; at += step) {
      const end = Math.min(unit.length, at + step);
      const firstSampleAt = (timestamp + at / this.#channels) >>> 0;
      packets.push(this.writer.piece(0, unit, at, end, firstSampleAt, false));
    }
    return packets;
  }
}
