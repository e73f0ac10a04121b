import { SharpEyesError } from '../../../contract/errors.ts';
import type { AccessUnitSink, Depacketizer } from '../../../protocols/rtp/depacketizer.ts';
import { emptyRtpHeader, readRtpHeader } from '../../../protocols/rtp/packet.ts';

/**
 * RTP packets in one array, as inputs hold them: two bytes of length and a byte of what happens before each (bit 0:
 * packets are missing), then the packet.
 */
export function packPackets(packets: readonly Uint8Array[]): Buffer {
  return Buffer.concat(packets.flatMap((packet) => [Buffer.of(packet.length >> 8, packet.length & 0xff, 0), packet]));
}

/** The packets of an input; a length that does not fit means the rest. */
export function* unpackPackets(input: Uint8Array): Generator<{ gap: boolean; packet: Uint8Array }> {
  let at = 0;
  while (at + 3 <= input.length) {
    const length = ((input[at] ?? 0) << 8) | (input[at + 1] ?? 0);
    yield { gap: ((input[at + 2] ?? 0) & 1) === 1, packet: input.subarray(at + 3, at + 3 + length) };
    at += 3 + length;
  }
}

/** Feeds the packets of inputs to a depacketizer and looks at what comes out. */
export function depacketizing(
  make: (sink: AccessUnitSink, maxBytes: number) => Depacketizer,
  look: (bytes: Uint8Array) => void = () => undefined,
): () => (input: Uint8Array) => void {
  return () => {
    const maxBytes = 65_536;
    const header = emptyRtpHeader();
    const depacketizer = make(
      {
        onAccessUnit({ bytes, timestamp }) {
          if (bytes.length === 0 || bytes.length > maxBytes) throw new Error(`a unit of ${bytes.length} bytes`);
          if (!(timestamp >= 0 && timestamp < 2 ** 32)) throw new Error(`a timestamp of ${timestamp}`);
          look(bytes);
        },
        onParameterSet(nal) {
          if (nal.length === 0 || nal.length > maxBytes) throw new Error(`a parameter set of ${nal.length} bytes`);
        },
      },
      maxBytes,
    );
    return (input) => {
      for (const { gap, packet } of unpackPackets(input)) {
        if (gap) depacketizer.onGap();
        if (!readRtpHeader(packet, 0, packet.length, header)) continue;
        if (header.payloadStart > header.payloadEnd || header.payloadEnd > packet.length) {
          throw new Error('a payload outside of its packet');
        }
        if (header.extensionAt !== -1) depacketizer.onExtension?.(packet, header.extensionAt, header.payloadStart);
        depacketizer.push(packet, header.payloadStart, header.payloadEnd, header.timestamp, header.marker);
      }
      depacketizer.flush();
    };
  };
}

/** Runs a parser that may throw named errors only. */
export function orNamedError(parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    if (!(error instanceof SharpEyesError)) throw error;
  }
}
