import { type Box, boxAt } from './fragment-sample.ts';

/** Where further boxes begin in the content of a box, in bytes; boxes that are not named here are not looked into. */
const INSIDE: Readonly<Record<string, number>> = {
  moov: 0,
  trak: 0,
  mdia: 0,
  minf: 0,
  stbl: 0,
  // Version, flags and the number of entries (ISO/IEC 14496-12, 8.5.2).
  stsd: 8,
  // VisualSampleEntry (12.1.3).
  avc1: 78,
  avc3: 78,
  hvc1: 78,
  hev1: 78,
};
const WANTED = new Set(['avcC', 'hvcC']);
const MOST_BOXES = 200;

/**
 * The decoder's configuration in an init segment: the content of `avcC` or `hvcC` (ISO/IEC 14496-15), a copy; null when
 * there is none.
 */
export function decoderDescription(init: Uint8Array): Uint8Array<ArrayBuffer> | null {
  const waiting: [at: number, end: number][] = [[0, init.length]];
  for (let seen = 0; seen < MOST_BOXES; seen++) {
    const next = waiting.pop();
    if (next === undefined) return null;
    const [at, end] = next;
    const box = boxAt(init, at, end);
    if (box === null) continue;
    const name = nameOf(box);
    if (WANTED.has(name)) return new Uint8Array(init.subarray(box.body, box.end));
    waiting.push([box.end, end]);
    const inside = INSIDE[name];
    if (inside !== undefined) waiting.push([box.body + inside, box.end]);
  }
  return null;
}

function nameOf({ type }: Box): string {
  return String.fromCharCode((type >>> 24) & 0xff, (type >>> 16) & 0xff, (type >>> 8) & 0xff, type & 0xff);
}
