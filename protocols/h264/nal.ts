/** NAL unit types that matter to a relay (ITU-T H.264 table 7-1). */
export const NAL = {
  slice: 1,
  partitionA: 2,
  partitionB: 3,
  partitionC: 4,
  idr: 5,
  sei: 6,
  sps: 7,
  pps: 8,
  delimiter: 9,
  endOfSequence: 10,
  endOfStream: 11,
} as const;

/** `nal_unit_type` of a NAL unit's first byte. */
export function nalType(firstByte: number): number {
  return firstByte & 0x1f;
}

/** Whether a type carries a coded picture's data (types 1 to 5). */
export function isVcl(type: number): boolean {
  return type >= 1 && type <= 5;
}

/** NAL units of an Annex B byte stream (start codes of three or four bytes), as views without trailing zeros. */
export function splitAnnexB(bytes: Uint8Array): Uint8Array[] {
  const nals: Uint8Array[] = [];
  let from = -1;
  let zeros = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === 0) {
      zeros += 1;
      continue;
    }
    if (byte === 1 && zeros >= 2) {
      if (from !== -1) pushTrimmed(nals, bytes, from, at - zeros);
      from = at + 1;
    }
    zeros = 0;
  }
  if (from !== -1) pushTrimmed(nals, bytes, from, bytes.length);
  return nals;
}

function pushTrimmed(nals: Uint8Array[], bytes: Uint8Array, from: number, to: number): void {
  let end = to;
  while (end > from && bytes[end - 1] === 0) end -= 1;
  if (end > from) nals.push(bytes.subarray(from, end));
}

/**
 * NAL units of a sample with length prefixes (ISO/IEC 14496-15), as views. Stops at a length that does not fit.
 * @param lengthSize bytes of each prefix, from `avcC`
 */
export function splitAvcc(sample: Uint8Array, lengthSize = 4): Uint8Array[] {
  const nals: Uint8Array[] = [];
  let at = 0;
  while (at + lengthSize <= sample.length) {
    let length = 0;
    for (let i = 0; i < lengthSize; i += 1) length = length * 256 + (sample[at + i] ?? 0);
    at += lengthSize;
    if (length > sample.length - at) break;
    if (length > 0) nals.push(sample.subarray(at, at + length));
    at += length;
  }
  return nals;
}

/** A sample with four-byte length prefixes. */
export function joinAvcc(nals: readonly Uint8Array[]): Uint8Array {
  const sample = new Uint8Array(nals.reduce((sum, nal) => sum + 4 + nal.length, 0));
  const view = new DataView(sample.buffer);
  let at = 0;
  for (const nal of nals) {
    view.setUint32(at, nal.length);
    sample.set(nal, at + 4);
    at += 4 + nal.length;
  }
  return sample;
}
