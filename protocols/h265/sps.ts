import { SharpEyesError } from '../../contract/errors.ts';
import { readAspect } from '../nal/aspect.ts';
import { BitReader, rbsp } from '../nal/bit-reader.ts';
import { HEVC_HEADER_BYTES, HEVC_NAL, hevcNalType } from './nal.ts';
import { type ProfileTierLevel, readProfileTierLevel } from './profile-tier-level.ts';
import { skipReferencePictureSets, skipScalingLists } from './sps-lists.ts';

/** What a sequence parameter set says about the picture (ITU-T H.265 clause 7.3.2.2 and annex E). */
export interface HevcSequenceParameters {
  id: number;
  ptl: ProfileTierLevel;
  /** Number of temporal sub-layers, and whether each nests in the one below. */
  temporalLayers: number;
  temporalIdNested: boolean;
  /** 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4. */
  chromaFormat: number;
  bitDepthLuma: number;
  bitDepthChroma: number;
  /** Visible size in pixels, inside the conformance window. */
  width: number;
  height: number;
  /** Sample aspect ratio, where it is given. */
  sampleAspectRatio: readonly [number, number] | null;
  /** Clock of the VUI timing: a frame lasts `numUnitsInTick / timeScale` seconds (half of what H.264 means by it). */
  timing: { numUnitsInTick: number; timeScale: number } | null;
  /** How many frames may come out later than they went in. */
  maxReorderFrames: number;
}

const MAX_SIDE = 16_384;

/** Reads an SPS NAL unit; null when it ends early or describes an impossible picture. */
export function parseHevcSps(nal: Uint8Array): HevcSequenceParameters | null {
  if (nal.length < 4 || hevcNalType(nal[0] ?? 0) !== HEVC_NAL.sps) return null;
  try {
    return readSps(new BitReader(rbsp(nal, HEVC_HEADER_BYTES)));
  } catch (error) {
    if (error instanceof SharpEyesError) return null;
    throw error;
  }
}

function readSps(r: BitReader): HevcSequenceParameters | null {
  r.bits(4); // sps_video_parameter_set_id
  const maxSubLayersMinus1 = r.bits(3);
  if (maxSubLayersMinus1 > 6) return null;
  const temporalIdNested = r.flag();
  const ptl = readProfileTierLevel(r, maxSubLayersMinus1);
  const id = r.ue();
  const chromaFormat = r.ue();
  if (id > 15 || chromaFormat > 3) return null;
  const separatePlanes = chromaFormat === 3 && r.flag();
  const size = readSize(r, separatePlanes ? 0 : chromaFormat);
  const bitDepthLuma = r.ue() + 8;
  const bitDepthChroma = r.ue() + 8;
  if (size === null || bitDepthLuma > 16 || bitDepthChroma > 16) return null;
  const orderCountBits = r.ue() + 4;
  if (orderCountBits > 16) return null;
  const maxReorderFrames = readOrdering(r, maxSubLayersMinus1);
  if (maxReorderFrames === null) return null;
  const temporalLayers = maxSubLayersMinus1 + 1;
  const base = { id, ptl, temporalLayers, temporalIdNested, chromaFormat, bitDepthLuma, bitDepthChroma, ...size };
  return { ...base, maxReorderFrames, ...readVui(r, orderCountBits) };
}

function readSize(r: BitReader, chromaArrayType: number): { width: number; height: number } | null {
  const codedWidth = r.ue();
  const codedHeight = r.ue();
  const [left, right, top, bottom] = r.flag() ? [r.ue(), r.ue(), r.ue(), r.ue()] : [0, 0, 0, 0];
  const unitX = chromaArrayType === 1 || chromaArrayType === 2 ? 2 : 1;
  const unitY = chromaArrayType === 1 ? 2 : 1;
  const width = codedWidth - unitX * (left + right);
  const height = codedHeight - unitY * (top + bottom);
  return width < 1 || height < 1 || codedWidth > MAX_SIDE || codedHeight > MAX_SIDE ? null : { width, height };
}

/** The largest reordering of any sub-layer; null when it is impossible. */
function readOrdering(r: BitReader, maxSubLayersMinus1: number): number | null {
  let frames = 0;
  for (let i = r.flag() ? 0 : maxSubLayersMinus1; i <= maxSubLayersMinus1; i += 1) {
    r.ue(); // sps_max_dec_pic_buffering_minus1
    frames = Math.max(frames, r.ue());
    r.ue(); // sps_max_latency_increase_plus1
  }
  return frames <= 16 ? frames : null;
}

type Vui = Pick<HevcSequenceParameters, 'sampleAspectRatio' | 'timing'>;

/** What stands between the ordering and the VUI is only passed over. */
function readVui(r: BitReader, orderCountBits: number): Vui {
  const vui: Vui = { sampleAspectRatio: null, timing: null };
  try {
    skipCoding(r, orderCountBits);
    if (!r.flag()) return vui;
    if (r.flag()) vui.sampleAspectRatio = readAspect(r);
    if (r.flag()) r.flag(); // overscan
    if (r.flag()) {
      r.bits(4); // video_format, video_full_range_flag
      if (r.flag()) r.bits(24); // colour_description
    }
    if (r.flag()) {
      r.ue(); // chroma_sample_loc_type_top_field
      r.ue();
    }
    r.bits(3); // neutral_chroma_indication_flag, field_seq_flag, frame_field_info_present_flag
    if (r.flag()) for (let i = 0; i < 4; i += 1) r.ue(); // default display window
    if (r.flag()) vui.timing = { numUnitsInTick: r.bits(32), timeScale: r.bits(32) };
  } catch (error) {
    // Size and reordering are known by now and are what matters; the rest may be damaged.
    if (!(error instanceof SharpEyesError)) throw error;
  }
  return vui;
}

function skipCoding(r: BitReader, orderCountBits: number): void {
  for (let i = 0; i < 6; i += 1) r.ue(); // sizes of coding and transform blocks, depths of hierarchies
  if (r.flag() && r.flag()) skipScalingLists(r);
  r.bits(2); // amp_enabled_flag, sample_adaptive_offset_enabled_flag
  if (r.flag()) {
    r.bits(8); // bit depths of PCM
    r.ue();
    r.ue();
    r.flag();
  }
  skipReferencePictureSets(r);
  if (r.flag()) {
    const count = r.ue();
    if (count > 32) throw new SharpEyesError('MEDIA_MALFORMED', 'A parameter set names too many long-term pictures.');
    r.skip(count * (orderCountBits + 1));
  }
  r.bits(2); // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
}
