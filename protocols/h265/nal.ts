/** NAL unit types that matter to a relay (ITU-T H.265 table 7-1). */
export const HEVC_NAL = {
  bla: 16,
  idrWithLeading: 19,
  idr: 20,
  cra: 21,
  lastIrap: 23,
  lastVcl: 31,
  vps: 32,
  sps: 33,
  pps: 34,
  delimiter: 35,
  prefixSei: 39,
  suffixSei: 40,
} as const;

/** Bytes of a NAL unit's header. */
export const HEVC_HEADER_BYTES = 2;

/** `nal_unit_type` of a NAL unit's first byte. */
export function hevcNalType(firstByte: number): number {
  return (firstByte >>> 1) & 0x3f;
}

/** Whether a type carries a coded picture's data (types 0 to 31). */
export function isHevcVcl(type: number): boolean {
  return type <= HEVC_NAL.lastVcl;
}

/** Whether decoding can begin at a picture of this type (BLA, IDR, CRA). */
export function isIrap(type: number): boolean {
  return type >= HEVC_NAL.bla && type <= HEVC_NAL.lastIrap;
}

/** VPS, SPS or PPS. */
export function isHevcParameterSet(type: number): boolean {
  return type >= HEVC_NAL.vps && type <= HEVC_NAL.pps;
}
