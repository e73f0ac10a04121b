import { readFile } from 'node:fs/promises';
import { isVcl, NAL, nalType, splitAnnexB } from '../../protocols/h264/nal.ts';

/** One picture of a clip. */
export interface ClipFrame {
  nals: readonly Uint8Array[];
  key: boolean;
}

/** A clip that a virtual camera plays in a loop. */
export interface Clip {
  frames: readonly ClipFrame[];
  fps: number;
  sps: Uint8Array;
  pps: Uint8Array;
}

/**
 * Reads an Annex B elementary stream with one slice per picture.
 * @throws RangeError when it does not begin with parameter sets and a key frame
 */
export async function loadClip(file: string, fps: number): Promise<Clip> {
  const frames: ClipFrame[] = [];
  let pending: Uint8Array[] = [];
  let sps: Uint8Array | null = null;
  let pps: Uint8Array | null = null;
  for (const nal of splitAnnexB(await readFile(file))) {
    const type = nalType(nal[0] ?? 0);
    if (type === NAL.sps) sps ??= nal;
    else if (type === NAL.pps) pps ??= nal;
    pending.push(nal);
    if (isVcl(type)) {
      frames.push({ nals: pending, key: type === NAL.idr });
      pending = [];
    }
  }
  if (sps === null || pps === null || frames[0]?.key !== true)
    throw new RangeError(`${file} does not begin with a key frame`);
  return { frames, fps, sps, pps };
}

/** Index of the key frame at or before a frame. */
export function keyBefore(clip: Clip, index: number): number {
  for (let at = index; at > 0; at--) if (clip.frames[at]?.key === true) return at;
  return 0;
}
