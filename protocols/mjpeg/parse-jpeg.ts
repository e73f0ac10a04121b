import { u16 } from '../big-endian.ts';
import { HUFFMAN_TABLES } from './huffman.ts';
import { MARKER } from './markers.ts';

/** One colour component of a frame. */
export interface JpegComponent {
  id: number;
  /** Horizontal and vertical sampling, four bits each. */
  sampling: number;
  /** Number of its quantization table. */
  table: number;
}

/** What the headers of a JPEG file say; the arrays are views. */
export interface JpegPicture {
  width: number;
  height: number;
  /** Sequential, Huffman-coded, eight bits. */
  baseline: boolean;
  components: readonly JpegComponent[];
  /** Quantization tables by number, in zigzag order; 128 bytes where entries have 16 bits. */
  quantization: ReadonlyMap<number, Uint8Array>;
  /** Every Huffman table is the typical one of ISO/IEC 10918-1 annex K.3. */
  typicalHuffman: boolean;
  restartInterval: number;
  /** The scan's data: from behind its header up to the end marker. */
  scanStart: number;
  scanEnd: number;
}

/** Reads the headers of a JPEG file up to its first scan; null when it is none or damaged. */
export function parseJpeg(bytes: Uint8Array): JpegPicture | null {
  if (bytes[0] !== 0xff || bytes[1] !== MARKER.soi) return null;
  const quantization = new Map<number, Uint8Array>();
  let frame: Pick<JpegPicture, 'width' | 'height' | 'baseline' | 'components'> | null = null;
  let restartInterval = 0;
  let typicalHuffman = true;
  let at = 2;
  while (at + 4 <= bytes.length) {
    const marker = bytes[at + 1] ?? 0;
    if (bytes[at] !== 0xff) return null;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const start = at + 4;
    const end = at + 2 + u16(bytes, at + 2);
    if (end < start || end > bytes.length) return null;
    if (marker === MARKER.dqt && !readQuantization(bytes, start, end, quantization)) return null;
    if (marker === MARKER.dht) typicalHuffman &&= isTypical(bytes, start, end);
    if (marker === MARKER.dri) restartInterval = u16(bytes, start);
    if (isStartOfFrame(marker)) {
      frame = readFrame(bytes, start, end, marker);
      if (frame === null) return null;
    }
    if (marker === MARKER.sos) {
      if (frame === null) return null;
      const scanEnd = endOfScan(bytes, end);
      return { ...frame, quantization, typicalHuffman, restartInterval, scanStart: end, scanEnd };
    }
    at = end;
  }
  return null;
}

/** Width and height of a JPEG file; null when it is none. */
export function jpegSize(bytes: Uint8Array): { width: number; height: number } | null {
  if (bytes[0] !== 0xff || bytes[1] !== MARKER.soi) return null;
  let at = 2;
  while (at + 9 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    if (isStartOfFrame(marker)) {
      const size = { height: u16(bytes, at + 5), width: u16(bytes, at + 7) };
      return size.width > 0 && size.height > 0 ? size : null;
    }
    if (marker === MARKER.sos) return null;
    at += marker === 0xff ? 1 : 2 + Math.max(2, u16(bytes, at + 2));
  }
  return null;
}

/** SOF0 to SOF15 without DHT, JPG and DAC, which lie between them. */
function isStartOfFrame(marker: number): boolean {
  return marker >= MARKER.sof0 && marker <= 0xcf && marker !== MARKER.dht && marker !== 0xc8 && marker !== 0xcc;
}

function readFrame(bytes: Uint8Array, start: number, end: number, marker: number) {
  const count = bytes[start + 5] ?? 0;
  if (end - start < 6 + count * 3) return null;
  const height = u16(bytes, start + 1);
  const width = u16(bytes, start + 3);
  if (width === 0 || height === 0 || count === 0 || count > 4) return null;
  const components: JpegComponent[] = [];
  for (let at = start + 6; components.length < count; at += 3) {
    components.push({ id: bytes[at] ?? 0, sampling: bytes[at + 1] ?? 0, table: bytes[at + 2] ?? 0 });
  }
  const baseline = (marker === MARKER.sof0 || marker === MARKER.sof1) && bytes[start] === 8;
  return { width, height, baseline, components };
}

function readQuantization(bytes: Uint8Array, start: number, end: number, into: Map<number, Uint8Array>): boolean {
  let at = start;
  while (at < end) {
    const id = bytes[at] ?? 0;
    const size = id >>> 4 === 0 ? 64 : 128;
    if (at + 1 + size > end) return false;
    into.set(id & 3, bytes.subarray(at + 1, at + 1 + size));
    at += 1 + size;
  }
  return true;
}

function isTypical(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    const known = HUFFMAN_TABLES.find(({ id }) => id === bytes[at]);
    if (known === undefined || at + 1 + known.bytes.length > end) return false;
    if (Buffer.compare(known.bytes, bytes.subarray(at + 1, at + 1 + known.bytes.length)) !== 0) return false;
    at += 1 + known.bytes.length;
  }
  return true;
}

/** Where the data of the scan ends: at the end marker, which is at the very end as a rule. */
function endOfScan(bytes: Uint8Array, from: number): number {
  const { length } = bytes;
  if (length - 2 >= from && bytes[length - 2] === 0xff && bytes[length - 1] === MARKER.eoi) return length - 2;
  for (let at = length - 2; at >= from; at -= 1) if (bytes[at] === 0xff && bytes[at + 1] === MARKER.eoi) return at;
  return length;
}
