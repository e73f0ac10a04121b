import { SharpEyesError } from '../../contract/errors.ts';
import { u16, u32 } from '../big-endian.ts';
import { HEVC_NAL } from './nal.ts';
import type { ProfileTierLevel } from './profile-tier-level.ts';
import { parseHevcSps } from './sps.ts';

/** Contents of an `hvcC` box: HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 8.3.3.1). */
export interface HevcConfiguration {
  ptl: ProfileTierLevel;
  /** Bytes of each NAL unit's length prefix. */
  lengthSize: number;
  vps: readonly Uint8Array[];
  sps: readonly Uint8Array[];
  pps: readonly Uint8Array[];
}

const FIXED_BYTES = 23;
const MAX_ARRAYS = 16;
const MAX_SETS = 64;

/**
 * Builds the record for four-byte length prefixes.
 * @throws SharpEyesError MEDIA_MALFORMED without a readable SPS
 */
export function buildHvcC(sets: Pick<HevcConfiguration, 'vps' | 'sps' | 'pps'>): Uint8Array {
  const first = sets.sps[0];
  const parameters = first === undefined ? null : parseHevcSps(first);
  if (parameters === null) {
    throw new SharpEyesError('MEDIA_MALFORMED', 'A decoder configuration needs a sequence parameter set.');
  }
  const { ptl, chromaFormat, bitDepthLuma, bitDepthChroma, temporalLayers, temporalIdNested } = parameters;
  const { profileSpace, highTier, profile, compatibility, constraints, level } = ptl;
  return Uint8Array.from([
    1,
    (profileSpace << 6) | (highTier ? 0x20 : 0) | profile,
    ...[24, 16, 8, 0].map((shift) => (compatibility >>> shift) & 0xff),
    ...constraints,
    level,
    0xf0, // min_spatial_segmentation_idc 0: unknown
    0,
    0xfc, // parallelismType 0: unknown
    0xfc | chromaFormat,
    0xf8 | (bitDepthLuma - 8),
    0xf8 | (bitDepthChroma - 8),
    0, // avgFrameRate 0: not said
    0,
    (temporalLayers << 3) | (temporalIdNested ? 4 : 0) | 3,
    3,
    ...array(HEVC_NAL.vps, sets.vps),
    ...array(HEVC_NAL.sps, sets.sps),
    ...array(HEVC_NAL.pps, sets.pps),
  ]);
}

/** One array of sets; the first bit says that all of its kind are here. */
function array(type: number, nals: readonly Uint8Array[]): number[] {
  const listed = nals.slice(0, MAX_SETS);
  return [0x80 | type, 0, listed.length, ...listed.flatMap((nal) => [nal.length >>> 8, nal.length & 0xff, ...nal])];
}

/** Reads the record. @throws SharpEyesError MEDIA_MALFORMED when a set does not fit into it */
export function parseHvcC(bytes: Uint8Array): HevcConfiguration {
  if (bytes.length < FIXED_BYTES || bytes[0] !== 1) throw malformed();
  const second = bytes[1] ?? 0;
  const ptl: ProfileTierLevel = {
    profileSpace: second >>> 6,
    highTier: (second & 0x20) !== 0,
    profile: second & 0x1f,
    compatibility: u32(bytes, 2),
    constraints: bytes.subarray(6, 12),
    level: bytes[12] ?? 0,
  };
  const sets = new Map<number, Uint8Array[]>();
  let at = FIXED_BYTES;
  const arrays = bytes[22] ?? 0;
  if (arrays > MAX_ARRAYS) throw malformed();
  for (let i = 0; i < arrays; i += 1) at = readArray(bytes, at, sets);
  const of = (type: number): Uint8Array[] => sets.get(type) ?? [];
  const lengthSize = ((bytes[21] ?? 0) & 3) + 1;
  return { ptl, lengthSize, vps: of(HEVC_NAL.vps), sps: of(HEVC_NAL.sps), pps: of(HEVC_NAL.pps) };
}

function readArray(bytes: Uint8Array, start: number, sets: Map<number, Uint8Array[]>): number {
  const type = (bytes[start] ?? 0) & 0x3f;
  const count = u16(bytes, start + 1);
  const nals = sets.get(type) ?? [];
  let at = start + 3;
  if (at > bytes.length || count > MAX_SETS) throw malformed();
  for (let i = 0; i < count; i += 1) {
    const end = at + 2 + u16(bytes, at);
    if (at + 2 > bytes.length || end > bytes.length) throw malformed();
    nals.push(bytes.subarray(at + 2, end));
    at = end;
  }
  sets.set(type, nals);
  return at;
}

function malformed(): SharpEyesError {
  return new SharpEyesError('MEDIA_MALFORMED', 'The decoder configuration record is damaged.');
}
