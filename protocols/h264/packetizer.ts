import { type FragmentSyntax, NalPacketizer } from '../nal/packetizer.ts';
import type { PacketizerOptions } from '../rtp/packet-writer.ts';
import { nalType } from './nal.ts';

const FU_A = 28;

const SYNTAX: FragmentSyntax = {
  headerBytes: 1,
  firstByte: (first) => (first & 0xe0) | FU_A,
  typeOf: nalType,
};

/** Cuts access units into RTP packets: single NAL units and FU-A (RFC 6184, packetization mode 1). */
export class H264Packetizer extends NalPacketizer {
  constructor(options: PacketizerOptions) {
    super(options, SYNTAX);
  }

  override packetize(nals: readonly Uint8Array[], timestamp: number): Uint8Array[] {
    const packets: Uint8Array[] = [];
    for (const [index, nal] of nals.entries()) {
      if (nal.length > 0) this.cut(nal, timestamp, index === nals.length - 1, packets);
    }
    return packets;
  }
}
