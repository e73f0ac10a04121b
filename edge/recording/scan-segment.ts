import { boxes } from '../../protocols/fmp4/box-reader.ts';
import { fragments } from '../../protocols/fmp4/parse-fragment.ts';

/** What a segment file holds up to its last whole fragment. */
export interface SegmentScan {
  /** How far the file is good; 0 when not even its init segment and one frame are. */
  goodBytes: number;
  frames: number;
  /** From the first frame's decode time to the end of the last frame. */
  durationMs: number;
}

const TICKS_PER_MS = 90;

/** Finds the end of the last whole fragment, in a file that may have been cut off anywhere or end in garbage. */
export function scanSegment(bytes: Uint8Array): SegmentScan {
  const nothing = { goodBytes: 0, frames: 0, durationMs: 0 };
  let initBytes = 0;
  for (const box of boxes(bytes)) {
    if (box.type === 'moov') initBytes = box.end;
    if (box.type === 'moof') break;
  }
  if (initBytes === 0) return nothing;
  let firstDecode: number | null = null;
  let endDecode = 0;
  let frames = 0;
  let goodBytes = 0;
  for (const fragment of fragments(bytes, initBytes)) {
    firstDecode ??= fragment.decodeTime;
    endDecode = fragment.decodeTime + fragment.samples.reduce((sum, sample) => sum + sample.duration, 0);
    frames += fragment.samples.length;
    goodBytes = fragment.end;
  }
  if (firstDecode === null || frames === 0) return nothing;
  return { goodBytes, frames, durationMs: (endDecode - firstDecode) / TICKS_PER_MS };
}
