import { SharpEyesError } from '../../contract/errors.ts';
import { u16 } from '../big-endian.ts';
import { parseSps } from './sps.ts';

/** Contents of an `avcC` box: AVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 5.3.3.1). */
export interface AvcConfiguration {
  profile: number;
  compatibility: number;
  level: number;
  /** Bytes of each NAL unit's length prefix. */
  lengthSize: number;
  sps: readonly Uint8Array[];
  pps: readonly Uint8Array[];
}

/** Profiles whose record ends with chroma format and bit depths. */
const EXTENDED_PROFILES: ReadonlySet<number> = new Set([100, 110, 122, 144]);

/** Builds the record for four-byte length prefixes. At least one readable SPS; at most 31 SPS and 255 PPS. */
export function buildAvcC(sps: readonly Uint8Array[], pps: readonly Uint8Array[]): Uint8Array {
  const first = sps[0];
  if (first === undefined || first.length < 4) {
    throw new SharpEyesError('MEDIA_MALFORMED', 'A decoder configuration needs a sequence parameter set.');
  }
  const { profile, chromaFormat, bitDepthLuma, bitDepthChroma } = parseSps(first);
  const extension = [0xfc | chromaFormat, 0xf8 | (bitDepthLuma - 8), 0xf8 | (bitDepthChroma - 8), 0];
  const sets = (nals: readonly Uint8Array[]): number[] =>
    nals.flatMap((nal) => [nal.length >>> 8, nal.length & 0xff, ...nal]);
  const used = { sps: sps.slice(0, 31), pps: pps.slice(0, 255) };
  return Uint8Array.from([
    1,
    ...first.subarray(1, 4),
    0xff,
    0xe0 | used.sps.length,
    ...sets(used.sps),
    used.pps.length,
    ...sets(used.pps),
    ...(EXTENDED_PROFILES.has(profile) ? extension : []),
  ]);
}

/** Reads the record. @throws SharpEyesError MEDIA_MALFORMED when a set does not fit into it */
export function parseAvcC(bytes: Uint8Array): AvcConfiguration {
  if (bytes.length < 7 || bytes[0] !== 1) throw malformed();
  let at = 5;
  const take = (count: number): Uint8Array[] => {
    const nals: Uint8Array[] = [];
    for (let i = 0; i < count; i += 1) {
      const length = u16(bytes, at);
      if (at + 2 + length > bytes.length) throw malformed();
      nals.push(bytes.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
    return nals;
  };
  const countOf = (mask: number): number => {
    const count = bytes[at];
    if (count === undefined) throw malformed();
    at += 1;
    return count & mask;
  };
  return {
    profile: bytes[1] ?? 0,
    compatibility: bytes[2] ?? 0,
    level: bytes[3] ?? 0,
    lengthSize: ((bytes[4] ?? 0) & 3) + 1,
    sps: take(countOf(0x1f)),
    pps: take(countOf(0xff)),
  };
}

function malformed(): SharpEyesError {
  return new SharpEyesError('MEDIA_MALFORMED', 'The decoder configuration record is damaged.');
}
