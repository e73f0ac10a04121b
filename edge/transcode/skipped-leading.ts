import { splitAvcc } from '../../protocols/h264/nal.ts';
import { hevcNalType } from '../../protocols/h265/nal.ts';
import type { MediaFragment } from '../media/types.ts';

/** `RASL_N` and `RASL_R` (ITU-T H.265 table 7-1). */
const RASL: readonly number[] = [8, 9];

/**
 * Whether a picture is shown before the key frame that it follows and refers to pictures before that: a decoder that
 * begins at the key frame leaves it out (ITU-T H.265 section 8.1.3).
 */
export function isSkippedLeading({ init, bytes, sampleAt }: MediaFragment): boolean {
  if (init.family !== 'h265') return false;
  return splitAvcc(bytes.subarray(sampleAt)).some(([first = 0]) => RASL.includes(hevcNalType(first)));
}
