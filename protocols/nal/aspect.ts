import type { BitReader } from './bit-reader.ts';

/** `aspect_ratio_idc` from 1 on, the same in H.264 (table E-1) and H.265 (table E.1). */
const ASPECTS = [
  [1, 1],
  [12, 11],
  [10, 11],
  [16, 11],
  [40, 33],
  [24, 11],
  [20, 11],
  [32, 11],
  [80, 33],
  [18, 11],
  [15, 11],
  [64, 33],
  [160, 99],
  [4, 3],
  [3, 2],
  [2, 1],
] as const;
const EXTENDED_ASPECT = 255;

/** Sample aspect ratio of a VUI, read behind its flag; null when it is unspecified. */
export function readAspect(r: BitReader): readonly [number, number] | null {
  const code = r.bits(8);
  if (code === EXTENDED_ASPECT) return [r.bits(16), r.bits(16)];
  return ASPECTS[code - 1] ?? null;
}
