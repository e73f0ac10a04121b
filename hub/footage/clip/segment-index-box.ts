import { putU32, putU64 } from '../../../protocols/big-endian.ts';
import { box, u16s, u32s } from '../../../protocols/fmp4/box-writer.ts';
import type { PlannedPart } from './plan-clip.ts';

const STARTS_WITH_KEY_FRAME = 0x9000_0000;

/**
 * `sidx` of a part (ISO/IEC 14496-12 section 8.16.3), to stand between the init segment and the first fragment: gives players
 * the duration and where to jump.
 */
export function segmentIndexBox(part: PlannedPart): Uint8Array {
  const { trackId, timescale } = part.track;
  const times = new Uint8Array(16);
  putU64(times, 0, Math.max(0, part.firstCompositionOffset));
  const references = new Uint8Array(12 * part.seekPoints.length);
  for (const [index, point] of part.seekPoints.entries()) {
    const until = part.seekPoints[index + 1]?.time ?? part.duration;
    putU32(references, index * 12, point.bytes);
    putU32(references, index * 12 + 4, until - point.time);
    putU32(references, index * 12 + 8, STARTS_WITH_KEY_FRAME);
  }
  const version1 = 0x0100_0000;
  const count = u16s(0, part.seekPoints.length);
  return box('sidx', u32s(version1, trackId, timescale), times, count, references);
}
