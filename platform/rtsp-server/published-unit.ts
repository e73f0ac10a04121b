import { u16 } from '../../protocols/big-endian.ts';
import { writeInterleavedHeader } from '../../protocols/rtsp/build.ts';

const HEADER = 4;
const CHANNEL_AT = 1;

/** One unit as RTP packets that all readers share: framed for TCP in one piece, and each packet for UDP in it. */
export interface PublishedUnit {
  /** Index of its track. */
  track: number;
  /** A reader can begin here. */
  key: boolean;
  /** Of the first packet. */
  sequence: number;
  rtpTimestamp: number;
  pts90k: number;
  /** Interleaved frames with channel {@link channelOf}(track). */
  framed: Uint8Array;
}

/** Channel of a track's RTP packets where the reader did not choose another. */
export function channelOf(track: number): number {
  return track * 2;
}

/** Puts packets into one array as interleaved frames: one copy, whoever reads how. */
export function frame(packets: readonly Uint8Array[], channel: number): Uint8Array {
  const bytes = packets.reduce((sum, packet) => sum + HEADER + packet.length, 0);
  // Every byte is written below, so zeroing them first would be wasted.
  const framed = new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer);
  let at = 0;
  for (const packet of packets) {
    writeInterleavedHeader(framed, at, channel, packet.length);
    framed.set(packet, at + HEADER);
    at += HEADER + packet.length;
  }
  return framed;
}

/** The packets in framed bytes, as views. */
export function* packetsIn(framed: Uint8Array): Generator<Uint8Array, void, undefined> {
  for (let at = 0; at + HEADER <= framed.length; ) {
    const end = at + HEADER + u16(framed, at + 2);
    yield framed.subarray(at + HEADER, end);
    at = end;
  }
}

/** A copy for a reader that wants another channel. */
export function withChannel(framed: Uint8Array, channel: number): Uint8Array {
  const copy = new Uint8Array(framed);
  for (let at = 0; at + HEADER <= copy.length; at += HEADER + u16(copy, at + 2)) copy[at + CHANNEL_AT] = channel;
  return copy;
}
