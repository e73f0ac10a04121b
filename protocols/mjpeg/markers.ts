/** Marker codes (second bytes) of ISO/IEC 10918-1 table B.1. */
export const MARKER = {
  sof0: 0xc0,
  sof1: 0xc1,
  dht: 0xc4,
  firstRestart: 0xd0,
  lastRestart: 0xd7,
  soi: 0xd8,
  eoi: 0xd9,
  sos: 0xda,
  dqt: 0xdb,
  dri: 0xdd,
  app0: 0xe0,
} as const;

/** One segment: two bytes of marker, two of length, then its content. */
export function segment(marker: number, content: readonly number[]): number[] {
  const length = content.length + 2;
  return [0xff, marker, length >>> 8, length & 0xff, ...content];
}
