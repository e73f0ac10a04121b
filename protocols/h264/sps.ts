import { SharpEyesError } from '../../contract/errors.ts';
import { readAspect } from '../nal/aspect.ts';
import { BitReader, rbsp } from '../nal/bit-reader.ts';
import { NAL, nalType } from './nal.ts';

/** What a sequence parameter set says about the picture (ITU-T H.264 clause 7.3.2.1.1 and annex E). */
export interface SequenceParameters {
  id: number;
  profile: number;
  constraints: number;
  level: number;
  /** 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4. */
  chromaFormat: number;
  bitDepthLuma: number;
  bitDepthChroma: number;
  /** Visible size in pixels, after cropping. */
  width: number;
  height: number;
  /** Sample aspect ratio, where it is given. */
  sampleAspectRatio: readonly [number, number] | null;
  /** Clock of the VUI timing: a frame lasts `2 × numUnitsInTick / timeScale` seconds. */
  timing: { numUnitsInTick: number; timeScale: number; fixedFrameRate: boolean } | null;
  /** How many frames may come out later than they went in; null when the stream does not say. */
  maxReorderFrames: number | null;
}

const HIGH_PROFILES: ReadonlySet<number> = new Set([44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244]);
const MAX_SIDE = 16_384;

/**
 * Reads an SPS NAL unit.
 * @throws SharpEyesError MEDIA_MALFORMED when it ends early or describes an impossible picture
 */
export function parseSps(nal: Uint8Array): SequenceParameters {
  if (nal.length < 5 || nalType(nal[0] ?? 0) !== NAL.sps) throw malformed('This is no sequence parameter set.');
  const r = new BitReader(rbsp(nal));
  const profile = r.bits(8);
  const constraints = r.bits(8);
  const level = r.bits(8);
  const id = r.ue();
  const { chromaArrayType, ...chroma } = HIGH_PROFILES.has(profile) ? readChroma(r) : BASIC_CHROMA;
  r.ue(); // log2_max_frame_num_minus4
  skipPictureOrder(r);
  r.ue(); // max_num_ref_frames
  r.flag(); // gaps_in_frame_num_value_allowed_flag
  const size = readSize(r, chromaArrayType);
  const base = { id, profile, constraints, level, ...chroma, ...size };
  return { ...base, ...(r.flag() ? readVui(r) : NO_VUI) };
}

const BASIC_CHROMA = { chromaFormat: 1, chromaArrayType: 1, bitDepthLuma: 8, bitDepthChroma: 8 };
const NO_VUI = { sampleAspectRatio: null, timing: null, maxReorderFrames: null };

/** RFC 6381 name of the stream that an SPS begins: `avc1.` and profile, constraints and level in hexadecimal. */
export function codecString(sps: Uint8Array): string {
  return `avc1.${Buffer.from(sps.subarray(1, 4)).toString('hex').toUpperCase().padEnd(6, '0')}`;
}

function readChroma(r: BitReader): typeof BASIC_CHROMA {
  const chromaFormat = r.ue();
  if (chromaFormat > 3) throw malformed('A sequence parameter set names an unknown chroma format.');
  const separate = chromaFormat === 3 && r.flag();
  const bitDepthLuma = r.ue() + 8;
  const bitDepthChroma = r.ue() + 8;
  if (bitDepthLuma > 14 || bitDepthChroma > 14) {
    throw malformed('A sequence parameter set names an impossible bit depth.');
  }
  r.flag(); // qpprime_y_zero_transform_bypass_flag
  if (r.flag()) {
    for (let i = 0; i < (chromaFormat === 3 ? 12 : 8); i += 1) if (r.flag()) skipScalingList(r, i < 6 ? 16 : 64);
  }
  return { chromaFormat, chromaArrayType: separate ? 0 : chromaFormat, bitDepthLuma, bitDepthChroma };
}

function skipScalingList(r: BitReader, size: number): void {
  let last = 8;
  let next = 8;
  for (let i = 0; i < size; i += 1) {
    if (next !== 0) next = (last + r.se() + 256) % 256;
    if (next !== 0) last = next;
  }
}

function skipPictureOrder(r: BitReader): void {
  const type = r.ue();
  if (type === 0) r.ue();
  if (type !== 1) return;
  r.flag();
  r.se();
  r.se();
  const cycle = r.ue();
  if (cycle > 255) throw malformed('A sequence parameter set has an impossible picture order cycle.');
  for (let i = 0; i < cycle; i += 1) r.se();
}

function readSize(r: BitReader, chromaArrayType: number): { width: number; height: number } {
  const widthInMbs = r.ue() + 1;
  const heightInMapUnits = r.ue() + 1;
  const framesOnly = r.flag();
  if (!framesOnly) r.flag(); // mb_adaptive_frame_field_flag
  r.flag(); // direct_8x8_inference_flag
  const [left, right, top, bottom] = r.flag() ? [r.ue(), r.ue(), r.ue(), r.ue()] : [0, 0, 0, 0];
  const fields = framesOnly ? 1 : 2;
  const unitX = chromaArrayType === 1 || chromaArrayType === 2 ? 2 : 1;
  const unitY = (chromaArrayType === 1 ? 2 : 1) * fields;
  const width = widthInMbs * 16 - unitX * (left + right);
  const height = heightInMapUnits * 16 * fields - unitY * (top + bottom);
  if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE) {
    throw malformed('A sequence parameter set describes an impossible picture size.');
  }
  return { width, height };
}

type Vui = Pick<SequenceParameters, 'sampleAspectRatio' | 'timing' | 'maxReorderFrames'>;

function readVui(r: BitReader): Vui {
  const sampleAspectRatio = r.flag() ? readAspect(r) : null;
  const vui: Vui = { sampleAspectRatio, timing: null, maxReorderFrames: null };
  if (r.flag()) r.flag(); // overscan
  if (r.flag()) {
    r.bits(4); // video_format, video_full_range_flag
    if (r.flag()) r.bits(24); // colour_description
  }
  if (r.flag()) {
    r.ue(); // chroma_sample_loc_type_top_field
    r.ue();
  }
  try {
    vui.timing = r.flag() ? { numUnitsInTick: r.bits(32), timeScale: r.bits(32), fixedFrameRate: r.flag() } : null;
    vui.maxReorderFrames = readReorder(r);
  } catch (error) {
    // Some cameras cut their VUI short; size and aspect are known by then and are what matters.
    if (!(error instanceof SharpEyesError)) throw error;
  }
  return vui;
}

function readReorder(r: BitReader): number | null {
  const nalHrd = r.flag();
  if (nalHrd) skipHrd(r);
  const vclHrd = r.flag();
  if (vclHrd) skipHrd(r);
  if (nalHrd || vclHrd) r.flag(); // low_delay_hrd_flag
  r.flag(); // pic_struct_present_flag
  if (!r.flag()) return null;
  r.flag(); // motion_vectors_over_pic_boundaries_flag
  for (let i = 0; i < 4; i += 1) r.ue();
  const frames = r.ue();
  return frames <= 16 ? frames : null;
}

function skipHrd(r: BitReader): void {
  const count = r.ue() + 1;
  if (count > 32) throw malformed('A sequence parameter set has an impossible buffer model.');
  r.bits(8);
  for (let i = 0; i < count; i += 1) {
    r.ue();
    r.ue();
    r.flag();
  }
  r.bits(20);
}

function malformed(message: string): SharpEyesError {
  return new SharpEyesError('MEDIA_MALFORMED', message);
}
