import { u16 } from '../big-endian.ts';

/** Bytes of the main header. */
export const MAIN_HEADER_BYTES = 8;
/** From this `Q` on the tables come inside the stream. */
export const FIRST_DYNAMIC_QUALITY = 128;
/** Tables that hold for one frame only. */
export const CHANGING_QUALITY = 255;
/** From this type on a restart header follows the main header. */
export const RESTART_TYPES = 64;

/** The headers in front of a packet's piece of scan (RFC 2435 section 3.1). */
export interface JpegPayloadHeader {
  /** Where the piece belongs in the scan. */
  offset: number;
  /** 0: 4:2:2, 1: 4:2:0; restart types are taken off. */
  type: number;
  quality: number;
  /** 0 where 8 bits do not suffice. */
  width: number;
  height: number;
  restartInterval: number;
  /** Tables in the packet: bit i of `precision` is set where table i has 16 bits; null when the packet has none. */
  tables: { precision: number; start: number; end: number } | null;
  dataStart: number;
}

/** Reads the headers of a payload `bytes[start..end)`; null when they do not fit into it. */
export function readPayloadHeader(bytes: Uint8Array, start: number, end: number): JpegPayloadHeader | null {
  if (end - start < MAIN_HEADER_BYTES) return null;
  const offset = (u16(bytes, start + 1) << 8) | (bytes[start + 3] ?? 0);
  const fullType = bytes[start + 4] ?? 0;
  const quality = bytes[start + 5] ?? 0;
  const hasRestarts = fullType >= RESTART_TYPES && fullType < 128;
  let at = start + MAIN_HEADER_BYTES;
  const restartInterval = hasRestarts ? u16(bytes, at) : 0;
  if (hasRestarts) at += 4;
  let tables: JpegPayloadHeader['tables'] = null;
  if (offset === 0 && quality >= FIRST_DYNAMIC_QUALITY) {
    const length = u16(bytes, at + 2);
    tables = { precision: bytes[at + 1] ?? 0, start: at + 4, end: at + 4 + length };
    at = tables.end;
  }
  if (at > end) return null;
  return {
    offset,
    type: hasRestarts ? fullType - RESTART_TYPES : fullType,
    quality,
    width: (bytes[start + 6] ?? 0) * 8,
    height: (bytes[start + 7] ?? 0) * 8,
    restartInterval,
    tables,
    dataStart: at,
  };
}
