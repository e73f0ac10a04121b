import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Mark } from '../../../evidence/package/manifest.ts';
import { fragments, setDecodeTime } from '../../../protocols/fmp4/parse-fragment.ts';
import type { LocalSegmentFile } from '../ports.ts';
import { ClipPlanner, type ClipRange, type PlannedPart, type PlannedPiece } from './plan-clip.ts';
import { segmentIndexBox } from './segment-index-box.ts';

/** Shortest stretch that a mark names, and most marks in a part. */
const MARK_MS = 1000;
const MAX_MARKS = 3600;

/** A part as it stands on the disk. */
export interface BuiltPart extends Omit<PlannedPart, 'init' | 'description' | 'pieces' | 'seekPoints'> {
  path: string;
  bytes: number;
  sha256: string;
  crc32: number;
  codec: string;
  width: number;
  height: number;
  initBytes: number;
  /** Where each piece lies in the part; `sequence` is the recorder's. */
  pieces: { sequence: number; offset: number; bytes: number; whole: boolean; decodeTimeShift: number }[];
  marks: Mark[];
}

/** Settings of {@link buildClip}. */
export interface ClipOrder extends ClipRange {
  segments: readonly LocalSegmentFile[];
  /** Parts become `<outputPrefix>1.mp4`, `<outputPrefix>2.mp4` … */
  outputPrefix: string;
}

/**
 * Cuts [fromMs, toMs) out of segments, frame data untouched: files of fragmented MP4 that begin at 0 and can be sought.
 * Works synchronously: to be called in a thread of its own. Holds one segment in memory.
 * @param onBytes told how many bytes of segments were worked on since the last call; every byte is met twice
 * @throws SharpEyesError MEDIA_MALFORMED, or the file system's error
 */
export function buildClip(order: ClipOrder, onBytes: (bytes: number) => void): BuiltPart[] {
  const planner = new ClipPlanner(order);
  for (const [index, { path, record }] of order.segments.entries()) {
    const bytes = readFileSync(path);
    planner.add(index, bytes, record);
    onBytes(bytes.length);
  }
  return planner
    .result()
    .map((part, index) => writePart(part, order.segments, `${order.outputPrefix}${index + 1}.mp4`, onBytes));
}

function writePart(
  part: PlannedPart,
  segments: readonly LocalSegmentFile[],
  path: string,
  onBytes: (bytes: number) => void,
): BuiltPart {
  const output = new PartFile(path, part);
  try {
    output.write(part.init);
    output.write(segmentIndexBox(part));
    const pieces = part.pieces.map((piece) => {
      const segment = segments[piece.segment];
      if (segment === undefined) throw new RangeError(`no segment ${piece.segment}`);
      const offset = output.bytes;
      output.writePiece(readPiece(segment.path, piece), piece.decodeTimeShift);
      onBytes(output.bytes - offset);
      const { whole, decodeTimeShift } = piece;
      return { sequence: segment.record.sequence, offset, bytes: output.bytes - offset, whole, decodeTimeShift };
    });
    const { init, description, seekPoints: _, ...facts } = part;
    const { codec, width, height } = description;
    return { ...facts, ...output.finish(), path, codec, width, height, initBytes: init.length, pieces };
  } finally {
    output.close();
  }
}

function readPiece(path: string, piece: PlannedPiece): Uint8Array {
  const bytes = new Uint8Array(piece.end - piece.start);
  const file = openSync(path, 'r');
  try {
    let filled = 0;
    while (filled < bytes.length) {
      const got = readSync(file, bytes, filled, bytes.length - filled, piece.start + filled);
      if (got === 0) throw new RangeError(`${path} became shorter while it was read`);
      filled += got;
    }
  } finally {
    closeSync(file);
  }
  return bytes;
}

/** A part being written: hashes what passes, as a whole and from mark to mark. */
class PartFile {
  bytes = 0;
  readonly #file: number;
  readonly #part: PlannedPart;
  readonly #whole = createHash('sha256');
  readonly #marks: Mark[] = [];
  readonly #markTicks: number;
  #crc = 0;
  #mark: { offset: number; edgeAtMs: number; time: number; hash: Hash };

  constructor(path: string, part: PlannedPart) {
    this.#file = openSync(path, 'wx', 0o600);
    this.#part = part;
    const { timescale } = part.description;
    this.#markTicks = Math.max((MARK_MS * timescale) / 1000, part.duration / MAX_MARKS);
    this.#mark = { offset: 0, edgeAtMs: part.edgeStartAtMs, time: 0, hash: createHash('sha256') };
  }

  write(bytes: Uint8Array): void {
    let written = 0;
    while (written < bytes.length) written += writeSync(this.#file, bytes, written);
    this.#whole.update(bytes);
    this.#crc = crc32(bytes, this.#crc);
    this.#mark.hash.update(bytes);
    this.bytes += bytes.length;
  }

  /** Writes a run of fragments, their decode times shifted, with a mark about every second. */
  writePiece(bytes: Uint8Array, shift: number): void {
    let written = 0;
    for (const fragment of fragments(bytes)) {
      const time = fragment.decodeTime - shift;
      setDecodeTime(bytes.subarray(fragment.start, fragment.end), time);
      if (time - this.#mark.time >= this.#markTicks) {
        this.write(bytes.subarray(written, fragment.start));
        written = fragment.start;
        this.#nextMark(time);
      }
    }
    this.write(bytes.subarray(written));
  }

  #nextMark(time: number): void {
    this.#closeMark();
    const edgeAtMs = this.#part.edgeStartAtMs + (time * 1000) / this.#part.description.timescale;
    this.#mark = { offset: this.bytes, edgeAtMs, time, hash: createHash('sha256') };
  }

  #closeMark(): void {
    const { offset, edgeAtMs, hash } = this.#mark;
    this.#marks.push({ offset, edgeAtMs, sha256: hash.digest('hex') });
  }

  finish(): { bytes: number; sha256: string; crc32: number; marks: Mark[] } {
    this.#closeMark();
    return { bytes: this.bytes, sha256: this.#whole.digest('hex'), crc32: this.#crc, marks: this.#marks };
  }

  close(): void {
    closeSync(this.#file);
  }
}
