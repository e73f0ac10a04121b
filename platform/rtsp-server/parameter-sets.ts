import { NAL, nalType, splitAvcc } from '../../protocols/h264/nal.ts';
import type { VideoTrack } from './source.ts';

/** Where the types of a codec's NAL units stand, and which they are. */
interface NalFamily {
  typeOf(nal: Uint8Array): number;
  delimiter: number;
  vps: number;
  sps: number;
  pps: number;
}

const FAMILIES: Readonly<Record<'h264' | 'h265', NalFamily>> = {
  h264: {
    typeOf: (nal) => nalType(nal[0] ?? 0),
    delimiter: NAL.delimiter,
    vps: -1,
    sps: NAL.sps,
    pps: NAL.pps,
  },
  // ITU-T H.265 table 7-1.
  h265: { typeOf: (nal) => ((nal[0] ?? 0) >>> 1) & 0x3f, delimiter: 35, vps: 32, sps: 33, pps: 34 },
};

/** The parameter sets of a track by kind. */
export function sortedSets(track: VideoTrack): { vps: Uint8Array[]; sps: Uint8Array[]; pps: Uint8Array[] } {
  if (track.codec === 'mjpeg') return { vps: [], sps: [], pps: [] };
  const family = FAMILIES[track.codec];
  const ofType = (type: number): Uint8Array[] => track.parameterSets.filter((nal) => family.typeOf(nal) === type);
  return { vps: ofType(family.vps), sps: ofType(family.sps), pps: ofType(family.pps) };
}

/**
 * A key frame with its parameter sets. Most cameras send them with each key frame; where one does not, a reader that
 * joined before they changed would go on with the old ones. Everything else stays as it is, byte for byte.
 */
export function withParameterSets(track: VideoTrack, unit: Uint8Array): Uint8Array {
  if (track.codec === 'mjpeg' || track.parameterSets.length === 0) return unit;
  const family = FAMILIES[track.codec];
  const nals = splitAvcc(unit);
  if (nals.some((nal) => family.typeOf(nal) === family.sps)) return unit;
  const first = nals[0];
  const delimiterBytes = first !== undefined && family.typeOf(first) === family.delimiter ? 4 + first.length : 0;
  const setBytes = track.parameterSets.reduce((sum, set) => sum + 4 + set.length, 0);
  const out = new Uint8Array(unit.length + setBytes);
  const view = new DataView(out.buffer);
  // A delimiter is the first of its access unit.
  out.set(unit.subarray(0, delimiterBytes));
  let at = delimiterBytes;
  for (const set of track.parameterSets) {
    view.setUint32(at, set.length);
    out.set(set, at + 4);
    at += 4 + set.length;
  }
  out.set(unit.subarray(delimiterBytes), at);
  return out;
}
