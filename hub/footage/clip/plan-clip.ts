import type { SegmentRecord } from '../../../contract/footage.ts';
import type { PartReason } from '../../../evidence/package/manifest.ts';
import { type Fragment, fragments } from '../../../protocols/fmp4/parse-fragment.ts';
import { parseInit } from '../../../protocols/fmp4/parse-init.ts';

/** Longest hole inside one part; more begins the next part. */
export const MAX_HOLE_MS = 1000;

/** A run of fragments taken from one segment file. */
export interface PlannedPiece {
  /** Index of the segment in the order it was given. */
  segment: number;
  /** Bytes [start, end) of the segment's file. */
  start: number;
  end: number;
  /** Taken off every decode time, in the track's time scale; negative where a timeline that restarted is carried on. */
  decodeTimeShift: number;
  /** All of the segment's fragments and nothing between them. */
  whole: boolean;
}

/** A stretch from one key frame up to another, for the index that players seek by. */
export interface SeekPoint {
  bytes: number;
  /** Decode time from the start of the part, in the track's time scale. */
  time: number;
}

/** What is needed of an init segment's description; copied, because what it was read from changes. */
export interface ClipTrack {
  trackId: number;
  timescale: number;
  width: number;
  height: number;
  /** RFC 6381 name. */
  codec: string;
}

/** One film without holes, parameters the same throughout. */
export interface PlannedPart {
  reason: PartReason;
  init: Uint8Array;
  track: ClipTrack;
  pieces: PlannedPiece[];
  seekPoints: SeekPoint[];
  /** In the track's time scale. */
  duration: number;
  /** Presentation minus decode time of the first frame. */
  firstCompositionOffset: number;
  frames: number;
  keyFrames: number;
  edgeStartAtMs: number;
  edgeEndAtMs: number;
}

/** What {@link ClipPlanner} is asked for. */
export interface ClipRange {
  /** Edge time; the clip begins at the key frame at or before it. */
  fromMs: number;
  /** Edge time of the first frame that is not wanted any more. */
  toMs: number;
  /** Carry on over holes and restarted timelines in the same part (the picture stands still meanwhile). */
  joinHoles: boolean;
}

/** Shortest stretch between two seek points, and most of them in a part (the index holds 65,535). */
const SEEK_POINT_MS = 1000;
const MAX_SEEK_POINTS = 60_000;

/**
 * Decides what of each segment goes into which part. Segments are given one after the other, so that only one has to be in
 * memory.
 */
export class ClipPlanner {
  readonly #parts: PlannedPart[] = [];
  readonly #range: ClipRange;
  #open: PlannedPart | null = null;
  #nextReason: PartReason = 'asked';
  #finished = false;
  /** Decode time expected next, on the segments' own timeline. */
  #expected = 0;
  #shift = 0;

  constructor(range: ClipRange) {
    this.#range = range;
  }

  /**
   * Takes the next segment in order of recording.
   * @throws SharpEyesError MEDIA_MALFORMED when it has no init segment
   */
  add(segment: number, bytes: Uint8Array, record: SegmentRecord): void {
    if (this.#finished) return;
    const { trackId, timescale, width, height, codec, bytes: initBytes } = parseInit(bytes);
    const track = { trackId, timescale, width, height, codec };
    const init = bytes.subarray(0, initBytes);
    if (this.#open !== null && !sameBytes(this.#open.init, init)) this.#close('parameters-changed');
    let first: number | null = null;
    for (const fragment of fragments(bytes, initBytes)) {
      first ??= fragment.decodeTime;
      const edgeAtMs = record.startAtMs + ((fragment.decodeTime - first) * 1000) / timescale;
      if (edgeAtMs >= this.#range.toMs) {
        this.#finished = true;
        return;
      }
      this.#take(segment, fragment, edgeAtMs, { init, track });
    }
    const piece = this.#open?.pieces.at(-1);
    if (piece?.segment === segment) {
      piece.whole = piece.start === initBytes && piece.end === bytes.length;
    }
  }

  /** The parts, in order; empty when nothing of the range was in the segments. */
  result(): PlannedPart[] {
    const wanted = this.#parts.filter((part) => part.edgeEndAtMs > this.#range.fromMs);
    const [first] = wanted;
    if (first !== undefined) first.reason = 'asked';
    return wanted;
  }

  #take(segment: number, fragment: Fragment, edgeAtMs: number, media: { init: Uint8Array; track: ClipTrack }): void {
    const key = fragment.samples[0]?.key === true;
    if (this.#open !== null) this.#checkTimeline(fragment, edgeAtMs, media.track.timescale);
    // A later key frame that is still before the mark is a better start.
    if (key && edgeAtMs <= this.#range.fromMs) this.#discard();
    if (this.#open === null) {
      if (!key) return;
      this.#begin(fragment, edgeAtMs, media);
    }
    if (this.#open !== null) this.#append(this.#open, segment, fragment, edgeAtMs);
  }

  #checkTimeline(fragment: Fragment, edgeAtMs: number, timescale: number): void {
    const open = this.#open;
    if (open === null) return;
    const hole = (MAX_HOLE_MS * timescale) / 1000;
    const restarted = fragment.decodeTime < this.#expected - hole;
    const missing = fragment.decodeTime > this.#expected + hole || edgeAtMs > open.edgeEndAtMs + MAX_HOLE_MS;
    if (!restarted && !missing) return;
    if (!this.#range.joinHoles) {
      this.#close(missing ? 'gap' : 'timeline-restarted');
      return;
    }
    const wanted = Math.round(((edgeAtMs - open.edgeStartAtMs) * timescale) / 1000);
    this.#shift = fragment.decodeTime - Math.max(open.duration, wanted);
  }

  #begin(fragment: Fragment, edgeAtMs: number, media: { init: Uint8Array; track: ClipTrack }): void {
    this.#shift = fragment.decodeTime;
    this.#open = {
      reason: this.#nextReason,
      init: media.init.slice(),
      track: media.track,
      pieces: [],
      seekPoints: [],
      duration: 0,
      firstCompositionOffset: fragment.samples[0]?.compositionOffset ?? 0,
      frames: 0,
      keyFrames: 0,
      edgeStartAtMs: edgeAtMs,
      edgeEndAtMs: edgeAtMs,
    };
    this.#parts.push(this.#open);
  }

  #append(part: PlannedPart, segment: number, fragment: Fragment, edgeAtMs: number): void {
    const { timescale } = part.track;
    const time = fragment.decodeTime - this.#shift;
    const length = fragment.samples.reduce((sum, sample) => sum + sample.duration, 0);
    const piece = part.pieces.at(-1);
    const continues =
      piece?.segment === segment && piece.end === fragment.start && piece.decodeTimeShift === this.#shift;
    if (continues) piece.end = fragment.end;
    else {
      const { start, end } = fragment;
      part.pieces.push({ segment, start, end, decodeTimeShift: this.#shift, whole: false });
    }
    this.#index(part, fragment, time);
    part.frames += fragment.samples.length;
    part.keyFrames += fragment.samples.filter((sample) => sample.key).length;
    part.duration = time + length;
    part.edgeEndAtMs = edgeAtMs + (length * 1000) / timescale;
    this.#expected = fragment.decodeTime + length;
  }

  #index(part: PlannedPart, fragment: Fragment, time: number): void {
    const bytes = fragment.end - fragment.start;
    const last = part.seekPoints.at(-1);
    const apart = last === undefined ? 0 : ((time - last.time) * 1000) / part.track.timescale;
    const key = fragment.samples[0]?.key === true;
    if (last === undefined || (key && apart >= SEEK_POINT_MS && part.seekPoints.length < MAX_SEEK_POINTS)) {
      part.seekPoints.push({ bytes, time });
    } else last.bytes += bytes;
  }

  #discard(): void {
    if (this.#open === null) return;
    this.#parts.pop();
    this.#open = null;
  }

  #close(reason: PartReason): void {
    this.#open = null;
    this.#nextReason = reason;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
