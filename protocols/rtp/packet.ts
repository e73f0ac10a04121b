import { putU16, putU32, u16, u32 } from '../big-endian.ts';

/** Bytes of the fixed header. */
export const RTP_HEADER_BYTES = 12;

/** The fields of an RTP header (RFC 3550 section 5.1) and where its payload lies in the array it was read from. */
export interface RtpHeader {
  payloadType: number;
  marker: boolean;
  sequence: number;
  timestamp: number;
  ssrc: number;
  /** Where the header extension begins, with its two words of profile and length; -1 when there is none. */
  extensionAt: number;
  payloadStart: number;
  payloadEnd: number;
}

/** A header to be filled by {@link readRtpHeader}; keep one per stream instead of making one per packet. */
export function emptyRtpHeader(): RtpHeader {
  const empty = { payloadType: 0, marker: false, sequence: 0, timestamp: 0, ssrc: 0 };
  return { ...empty, extensionAt: -1, payloadStart: 0, payloadEnd: 0 };
}

/**
 * Reads the packet in `bytes[start..end)` into `into`; false when it is no RTP version 2 packet or its extension,
 * sources or padding do not fit.
 */
export function readRtpHeader(bytes: Uint8Array, start: number, end: number, into: RtpHeader): boolean {
  const first = bytes[start] ?? 0;
  if (end - start < RTP_HEADER_BYTES || first >>> 6 !== 2) return false;
  const second = bytes[start + 1] ?? 0;
  let payloadStart = start + RTP_HEADER_BYTES + (first & 0x0f) * 4;
  let extensionAt = -1;
  if ((first & 0x10) !== 0) {
    extensionAt = payloadStart;
    if (payloadStart + 4 > end) return false;
    payloadStart += 4 + u16(bytes, payloadStart + 2) * 4;
  }
  let payloadEnd = end;
  if ((first & 0x20) !== 0) {
    const padding = bytes[end - 1] ?? 0;
    if (padding === 0) return false;
    payloadEnd -= padding;
  }
  if (payloadStart > payloadEnd) return false;
  into.payloadType = second & 0x7f;
  into.marker = second >= 0x80;
  into.sequence = u16(bytes, start + 2);
  into.timestamp = u32(bytes, start + 4);
  into.ssrc = u32(bytes, start + 8);
  into.extensionAt = extensionAt;
  into.payloadStart = payloadStart;
  into.payloadEnd = payloadEnd;
  return true;
}

/** Writes a fixed header without extension, sources or padding at `at`. */
export function writeRtpHeader(
  target: Uint8Array,
  at: number,
  fields: Pick<RtpHeader, 'payloadType' | 'marker' | 'sequence' | 'timestamp' | 'ssrc'>,
): void {
  target[at] = 0x80;
  target[at + 1] = (fields.payloadType & 0x7f) | (fields.marker ? 0x80 : 0);
  putU16(target, at + 2, fields.sequence);
  putU32(target, at + 4, fields.timestamp);
  putU32(target, at + 8, fields.ssrc);
}
