import type { BitReader } from '../nal/bit-reader.ts';

/** `profile_tier_level()` of a parameter set (ITU-T H.265 clause 7.3.3): what a decoder has to be able to do. */
export interface ProfileTierLevel {
  profileSpace: number;
  /** High tier. */
  highTier: boolean;
  profile: number;
  /** The 32 compatibility flags as they stand. */
  compatibility: number;
  /** The 48 bits of constraint flags. */
  constraints: Uint8Array;
  /** 30 times the level: 93 is 3.1. */
  level: number;
}

/** @throws SharpEyesError MEDIA_MALFORMED when it ends early */
export function readProfileTierLevel(r: BitReader, maxSubLayersMinus1: number): ProfileTierLevel {
  const profileSpace = r.bits(2);
  const highTier = r.flag();
  const profile = r.bits(5);
  const compatibility = r.bits(32);
  const constraints = Uint8Array.from({ length: 6 }, () => r.bits(8));
  const level = r.bits(8);
  skipSubLayers(r, maxSubLayersMinus1);
  return { profileSpace, highTier, profile, compatibility, constraints, level };
}

function skipSubLayers(r: BitReader, count: number): void {
  if (count === 0) return;
  let bits = 0;
  for (let i = 0; i < count; i += 1) bits += (r.flag() ? 88 : 0) + (r.flag() ? 8 : 0);
  r.skip((8 - count) * 2 + bits);
}

/** RFC 6381 name as ISO/IEC 14496-15 annex E makes it, for example `hvc1.1.6.L93.B0`. */
export function hevcCodecString(ptl: ProfileTierLevel): string {
  const space = ['', 'A', 'B', 'C'][ptl.profileSpace] ?? '';
  let constraints = [...ptl.constraints];
  while (constraints.at(-1) === 0) constraints = constraints.slice(0, -1);
  const parts = [
    `hvc1.${space}${ptl.profile}`,
    reversed32(ptl.compatibility).toString(16).toUpperCase(),
    `${ptl.highTier ? 'H' : 'L'}${ptl.level}`,
    ...constraints.map((byte) => byte.toString(16).toUpperCase()),
  ];
  return parts.join('.');
}

function reversed32(value: number): number {
  let result = 0;
  for (let i = 0; i < 32; i += 1) result = ((result << 1) | ((value >>> i) & 1)) >>> 0;
  return result;
}
