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
  const { width, height, halfHeightChroma, restartInterval, tables } = picture;
  const size = [height >>> 8, height & 0xff, width >>> 8, width & 0xff];
  const lumaSampling = halfHeightChroma ? 0x22 : 0x21;
  const huffman = HUFFMAN_TABLES.flatMap(({ id, bytes }) => [id, ...bytes]);
  return Uint8Array.from([
    0xff,
    MARKER.soi,
    ...segment(MARKER.app0, [...JFIF, 1, 1, 0, 0, 1, 0, 1, 0, 0]),
    ...segment(MARKER.dqt, [...quantization(0, tables.luma), ...quantization(1, tables.chroma)]),
    ...segment(MARKER.sof0, [8, ...size, 3, 1, lumaSampling, 0, 2, 0x11, 1, 3, 0x11, 1]),
    ...segment(MARKER.dht, huffman),
    ...(restartInterval === 0 ? [] : segment(MARKER.dri, [restartInterval >>> 8, restartInterval & 0xff])),
    ...segment(MARKER.sos, [3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0]),
  ]);
}

function quantization(id: number, table: Uint8Array): number[] {
  return [table.length === 128 ? 0x10 | id : id, ...table];
}
