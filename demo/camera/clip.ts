import { readFile } from 'node:fs/promises';
import { isVcl, NAL, nalType, splitAnnexB } from '../../protocols/h264/nal.ts';
import { HEVC_NAL, hevcNalType, isHevcVcl, isIrap } from '../../protocols/h265/nal.ts';

/** One picture of a clip. */
export interface ClipFrame {
  nals: readonly Uint8Array[];
  key: boolean;
}

/** A clip that a virtual camera plays in a loop. */
export interface Clip {
  codec: 'h264' | 'h265';
  frames: readonly ClipFrame[];
  fps: number;
  /** Only H.265 has one. */
  vps: Uint8Array | null;
  sps: Uint8Array;
  pps: Uint8Array;
}

/** What a NAL unit is, whichever codec it belongs to. */
type Part = 'vps' | 'sps' | 'pps' | 'key' | 'picture' | 'other';

/**
 * Reads an Annex B elementary stream with one slice per picture; the file's name says whether it is H.264 or H.265.
 * @throws RangeError when it does not begin with parameter sets and a key frame
 */
export async function loadClip(file: string, fps: number): Promise<Clip> {
  const codec = file.endsWith('.h265') ? 'h265' : 'h264';
  const partOf = codec === 'h265' ? partOfH265 : partOfH264;
  const frames: ClipFrame[] = [];
  const sets: Partial<Record<Part, Uint8Array>> = {};
  let pending: Uint8Array[] = [];
  for (const nal of splitAnnexB(await readFile(file))) {
    const part = partOf(nal[0] ?? 0);
    sets[part] ??= nal;
    pending.push(nal);
    if (part === 'key' || part === 'picture') {
      frames.push({ nals: pending, key: part === 'key' });
      pending = [];
    }
  }
  const { vps = null, sps, pps } = sets;
  if (sps === undefined || pps === undefined || frames[0]?.key !== true)
    throw new RangeError(`${file} does not begin with a key frame`);
  return { codec, frames, fps, vps, sps, pps };
}

/** Index of the key frame at or before a frame. */
export function keyBefore(clip: Clip, index: number): number {
  for (let at = index; at > 0; at--) if (clip.frames[at]?.key === true) return at;
  return 0;
}

function partOfH264(firstByte: number): Part {
  const type = nalType(firstByte);
  if (type === NAL.sps) return 'sps';
  if (type === NAL.pps) return 'pps';
  if (type === NAL.idr) return 'key';
  return isVcl(type) ? 'picture' : 'other';
}

function partOfH265(firstByte: number): Part {
  const type = hevcNalType(firstByte);
  if (type === HEVC_NAL.vps) return 'vps';
  if (type === HEVC_NAL.sps) return 'sps';
  if (type === HEVC_NAL.pps) return 'pps';
  if (isIrap(type)) return 'key';
  return isHevcVcl(type) ? 'picture' : 'other';
}
