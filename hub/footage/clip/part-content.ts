import { fragments, setDecodeTime } from '../../../protocols/fmp4/parse-fragment.ts';
import type { LocalSegmentFile } from '../ports.ts';
import type { PlannedPart, PlannedPiece } from './plan-clip.ts';
import { SegmentBuffer } from './segment-buffer.ts';
import { segmentIndexBox } from './segment-index-box.ts';

/** Shortest stretch that a mark names, and most marks in a part. */
const MARK_MS = 1000;
const MAX_MARKS = 3600;

/** Bytes of a part, in order; valid until the next. */
export interface PartChunk {
  bytes: Uint8Array;
  /** Edge time of the chunk's first frame, when a new stretch of about a second begins with it. */
  markAtMs: number | null;
  /** Index of the planned piece that it belongs to; null for what stands before the first. */
  piece: number | null;
}

/**
 * Every byte of a part: init segment, index, then the frames out of the segments with their decode times counted from the part's
 * start. Always the same for the same plan, so a part can be hashed first and written later without a copy in between. Reads
 * synchronously, one piece (at most a segment) at a time.
 * @throws SharpEyesError STORAGE_FAILED when a segment's file has become shorter, or the file system's error
 */
export function* partContent(part: PlannedPart, segments: readonly LocalSegmentFile[]): Generator<PartChunk> {
  yield { bytes: part.init, markAtMs: part.edgeStartAtMs, piece: null };
  yield { bytes: segmentIndexBox(part), markAtMs: null, piece: null };
  const marks = new MarkPace(part);
  const buffer = new SegmentBuffer();
  for (const [index, piece] of part.pieces.entries()) {
    const segment = segments[piece.segment];
    if (segment === undefined) throw new RangeError(`there is no segment ${piece.segment}`);
    yield* pieceContent(buffer.read(segment.path, piece.start, piece.end), piece, index, marks);
  }
}

/** A run of fragments with shifted decode times, cut where a mark is due. */
function* pieceContent(bytes: Uint8Array, piece: PlannedPiece, index: number, marks: MarkPace): Generator<PartChunk> {
  let given = 0;
  let markAtMs: number | null = null;
  for (const fragment of fragments(bytes)) {
    const time = fragment.decodeTime - piece.decodeTimeShift;
    setDecodeTime(bytes.subarray(fragment.start, fragment.end), time);
    const due = marks.due(time);
    if (due === null) continue;
    if (fragment.start > given) yield { bytes: bytes.subarray(given, fragment.start), markAtMs, piece: index };
    given = fragment.start;
    markAtMs = due;
  }
  yield { bytes: bytes.subarray(given), markAtMs, piece: index };
}

/** Says when the next mark is due. */
class MarkPace {
  readonly #part: PlannedPart;
  readonly #ticks: number;
  #last = 0;

  constructor(part: PlannedPart) {
    this.#part = part;
    this.#ticks = Math.max((MARK_MS * part.track.timescale) / 1000, part.duration / MAX_MARKS);
  }

  /** Edge time of a frame that begins a new stretch, else null. */
  due(time: number): number | null {
    if (time - this.#last < this.#ticks) return null;
    this.#last = time;
    return this.#part.edgeStartAtMs + (time * 1000) / this.#part.track.timescale;
  }
}
