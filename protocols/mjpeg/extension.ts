import { u16 } from '../big-endian.ts';
import { quantizationSegment, sizeSegment, typicalHuffmanSegment } from './build-header.ts';
import { MARKER, segment } from './markers.ts';
import type { QuantizationTables } from './quantization.ts';

/** First word of the extension that begins a frame, and of those that go on with it (ONVIF Streaming, JPEG over RTP). */
export const EXTENSION_BEGINS = 0xffd8;
export const EXTENSION_CONTINUES = 0xffff;

/** What the payload's own header says; used where the extension is silent. */
export interface RtpSide {
  width: number;
  height: number;
  halfHeightChroma: boolean;
  restartInterval: number;
  tables: QuantizationTables | null;
}

/**
 * Everything in front of a picture's scan where an RTP header extension brings segments of the JPEG file: sizes beyond
 * 2040 pixels, Huffman tables of its own, grey pictures. What the extension says takes precedence, what it leaves out
 * comes from the payload's header. Null when it is damaged or something is still missing.
 */
export function buildExtendedHeader(segments: Uint8Array, rtp: RtpSide): Uint8Array | null {
  const found = walk(segments);
  if (found === null) return null;
  if (!found.markers.has(MARKER.dqt) && rtp.tables === null) return null;
  const parts: number[] = [0xff, MARKER.soi];
  if (rtp.tables !== null) parts.push(...quantizationSegment(rtp.tables));
  parts.push(...typicalHuffmanSegment());
  for (const byte of segments.subarray(0, found.behindHeaders)) parts.push(byte);
  if (!found.markers.has(MARKER.dri) && rtp.restartInterval > 0) {
    parts.push(...segment(MARKER.dri, [rtp.restartInterval >>> 8, rtp.restartInterval & 0xff]));
  }
  let components = found.components;
  if (components === null) {
    if (rtp.width === 0 || rtp.height === 0) return null;
    parts.push(...sizeSegment(rtp));
    components = [1, 2, 3];
  }
  if (found.markers.has(MARKER.sos)) for (const byte of segments.subarray(found.behindHeaders)) parts.push(byte);
  else parts.push(...scanSegment(components));
  return Uint8Array.from(parts);
}

/** The first component uses the tables of luma, the others those of chroma. */
function scanSegment(components: readonly number[]): number[] {
  const tables = components.flatMap((id, i) => [id, i === 0 ? 0 : 0x11]);
  return segment(MARKER.sos, [components.length, ...tables, 0, 63, 0]);
}

interface Found {
  markers: Set<number>;
  /** Ids of the colour components of its frame header. */
  components: number[] | null;
  /** Where the header of its scan begins, else its end. */
  behindHeaders: number;
}

function walk(segments: Uint8Array): Found | null {
  const found: Found = { markers: new Set(), components: null, behindHeaders: 0 };
  let at = 0;
  while (at < segments.length) {
    const marker = segments[at + 1];
    if (segments[at] !== 0xff) return null;
    // Runs of 0xFF fill the extension up to whole words.
    if (marker === 0xff || marker === undefined) {
      at += 1;
      continue;
    }
    const end = at + 2 + u16(segments, at + 2);
    if (end < at + 4 || end > segments.length) return null;
    found.markers.add(marker);
    if (marker === MARKER.sof0 || marker === MARKER.sof1) {
      const count = segments[at + 9] ?? 0;
      if (end < at + 10 + count * 3 || count === 0) return null;
      found.components = Array.from({ length: count }, (_, i) => segments[at + 10 + i * 3] ?? 0);
    }
    if (marker === MARKER.sos) break;
    found.behindHeaders = end;
    at = end;
  }
  return found;
}
