import { HUFFMAN_TABLES } from './huffman.ts';
import { MARKER, segment } from './markers.ts';
import type { QuantizationTables } from './quantization.ts';

/** What RTP tells about a JPEG picture apart from its scan. */
export interface PictureHeader {
  width: number;
  height: number;
  /** Colour is halved in height as well (4:2:0); else in width only (4:2:2). */
  halfHeightChroma: boolean;
  /** Blocks between restart markers; 0 for none. */
  restartInterval: number;
  tables: QuantizationTables;
}

const JFIF = [...'JFIF\0'].map((char) => char.charCodeAt(0));

/** Everything of a baseline JPEG file in front of its scan's data (ISO/IEC 10918-1 annex B). */
export function buildJpegHeader(picture: PictureHeader): Uint8Array {
  const { restartInterval, tables } = picture;
  return Uint8Array.from([
    0xff,
    MARKER.soi,
    ...segment(MARKER.app0, [...JFIF, 1, 1, 0, 0, 1, 0, 1, 0, 0]),
    ...quantizationSegment(tables),
    ...sizeSegment(picture),
    ...typicalHuffmanSegment(),
    ...(restartInterval === 0 ? [] : segment(MARKER.dri, [restartInterval >>> 8, restartInterval & 0xff])),
    ...segment(MARKER.sos, [3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0]),
  ]);
}

/** Both tables as DQT. */
export function quantizationSegment({ luma, chroma }: QuantizationTables): number[] {
  const table = (id: number, bytes: Uint8Array): number[] => [bytes.length === 128 ? 0x10 | id : id, ...bytes];
  return segment(MARKER.dqt, [...table(0, luma), ...table(1, chroma)]);
}

/** The frame's header, SOF0, with three components. */
export function sizeSegment(picture: Pick<PictureHeader, 'width' | 'height' | 'halfHeightChroma'>): number[] {
  const { width, height, halfHeightChroma } = picture;
  const size = [height >>> 8, height & 0xff, width >>> 8, width & 0xff];
  const lumaSampling = halfHeightChroma ? 0x22 : 0x21;
  return segment(MARKER.sof0, [8, ...size, 3, 1, lumaSampling, 0, 2, 0x11, 1, 3, 0x11, 1]);
}

/** The typical Huffman tables as DHT. */
export function typicalHuffmanSegment(): number[] {
  return segment(
    MARKER.dht,
    HUFFMAN_TABLES.flatMap(({ id, bytes }) => [id, ...bytes]),
  );
}
