import type { Packetizer } from './depacketizer.ts';
import { type PacketizerOptions, PacketWriter } from './packet-writer.ts';

/** What the packetizers of all payload formats have in common: options, numbers and counts. */
export abstract class RtpPacketizer implements Packetizer {
  /** A part of its own, so that the code that runs for every packet sees one shape of object, whatever the format. */
  protected readonly writer: PacketWriter;

  constructor(options: PacketizerOptions) {
    this.writer = new PacketWriter(options);
  }

  /** Number of the next packet. */
  get nextSequence(): number {
    return this.writer.nextSequence;
  }

  /** Packets so far, for sender reports. */
  get packets(): number {
    return this.writer.packets;
  }

  /** Bytes of payload so far, for sender reports. */
  get octets(): number {
    return this.writer.octets;
  }

  abstract packetizeUnit(unit: Uint8Array, timestamp: number): Uint8Array[];
}
