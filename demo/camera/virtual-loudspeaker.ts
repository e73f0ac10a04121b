import { emptyRtpHeader, readRtpHeader } from '../../protocols/rtp/packet.ts';

/** Sound that is kept for whoever looks: the last 10 s at 8 kHz. */
const KEPT_BYTES = 80_000;

/** The loudspeaker of a virtual camera: keeps what was said through it. */
export class VirtualLoudspeaker {
  readonly #header = emptyRtpHeader();
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  /** Packets and bytes of sound since the camera was switched on. */
  packets = 0;
  bytes = 0;
  /** RTP sessions that were opened to it, and those that are open now. */
  opened = 0;
  open = 0;

  /** A packet came; what is no RTP is ignored as a camera would. */
  take(packet: Uint8Array): void {
    if (!readRtpHeader(packet, 0, packet.length, this.#header)) return;
    const sound = packet.slice(this.#header.payloadStart, this.#header.payloadEnd);
    this.packets += 1;
    this.bytes += sound.length;
    this.#kept.push(sound);
    this.#keptBytes += sound.length;
    while (this.#keptBytes > KEPT_BYTES) this.#keptBytes -= this.#kept.shift()?.length ?? 0;
  }

  /** The last of what was said, G.711 µ-law. */
  get heard(): Uint8Array {
    return Uint8Array.from(this.#kept.flatMap((sound) => [...sound]));
  }
}
