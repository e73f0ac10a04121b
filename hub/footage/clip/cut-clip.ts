import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Mark } from '../../../evidence/package/manifest.ts';
import type { LocalSegmentFile } from '../ports.ts';
import { type PartChunk, partContent } from './part-content.ts';
import { ClipPlanner, type ClipRange, type PlannedPart } from './plan-clip.ts';
import { SegmentBuffer } from './segment-buffer.ts';

/** What the thread is to cut. */
export interface ClipOrder extends ClipRange {
  segments: readonly LocalSegmentFile[];
}

/** A part's place in its own file. */
interface PlacedPiece {
  offset: number;
  bytes: number;
}

/** A part that is fully described but stands on no disk; `partContent` gives its bytes. */
export interface MeasuredPart {
  plan: PlannedPart;
  bytes: number;
  sha256: string;
  crc32: number;
  /** One for each piece of the plan. */
  placed: PlacedPiece[];
  marks: Mark[];
}

/**
 * Decides what of the segments goes into which part of [fromMs, toMs). Holds one segment in memory.
 * @param onBytes told how many bytes were worked on
 * @throws SharpEyesError MEDIA_MALFORMED, or the file system's error
 */
export function planClip(order: ClipOrder, onBytes: (bytes: number) => void): PlannedPart[] {
  const planner = new ClipPlanner(order);
  const buffer = new SegmentBuffer();
  for (const [index, { path, record }] of order.segments.entries()) {
    const bytes = buffer.read(path);
    planner.add(index, bytes, record);
    onBytes(bytes.length);
  }
  return planner.result();
}

/** Size, hashes and marks of each part, for a manifest. @throws as {@link planClip} */
export function measureClip(order: ClipOrder, onBytes: (bytes: number) => void): MeasuredPart[] {
  return planClip(order, onBytes).map((plan) => measure(plan, order.segments, onBytes));
}

function measure(
  plan: PlannedPart,
  segments: readonly LocalSegmentFile[],
  onBytes: (bytes: number) => void,
): MeasuredPart {
  const whole = createHash('sha256');
  const marks: { offset: number; edgeAtMs: number; sha256: string }[] = [];
  const placed = plan.pieces.map((): PlacedPiece => ({ offset: 0, bytes: 0 }));
  let stretch = createHash('sha256');
  let bytes = 0;
  let crc = 0;
  const closeMark = (): void => {
    const mark = marks.at(-1);
    if (mark !== undefined) mark.sha256 = stretch.digest('hex');
  };
  for (const chunk of partContent(plan, segments)) {
    if (chunk.markAtMs !== null) {
      closeMark();
      stretch = createHash('sha256');
      marks.push({ offset: bytes, edgeAtMs: chunk.markAtMs, sha256: '' });
    }
    place(placed, chunk, bytes);
    whole.update(chunk.bytes);
    stretch.update(chunk.bytes);
    crc = crc32(chunk.bytes, crc);
    bytes += chunk.bytes.length;
    onBytes(chunk.bytes.length);
  }
  closeMark();
  return { plan, bytes, sha256: whole.digest('hex'), crc32: crc, placed, marks };
}

function place(placed: PlacedPiece[], chunk: PartChunk, offset: number): void {
  const piece = chunk.piece === null ? undefined : placed[chunk.piece];
  if (piece === undefined) return;
  if (piece.bytes === 0) piece.offset = offset;
  piece.bytes += chunk.bytes.length;
}

/**
 * Writes the part with the most frames to `path` (a look is one film).
 * @returns null when nothing of the range was in the segments
 */
export function writeLook(
  order: ClipOrder & { path: string },
  onBytes: (bytes: number) => void,
): { edgeStartAtMs: number; bytes: number } | null {
  const [part] = planClip(order, onBytes).toSorted((a, b) => b.frames - a.frames);
  if (part === undefined) return null;
  const file = openSync(order.path, 'wx', 0o600);
  let bytes = 0;
  try {
    for (const chunk of partContent(part, order.segments)) {
      let written = 0;
      while (written < chunk.bytes.length) written += writeSync(file, chunk.bytes, written);
      bytes += chunk.bytes.length;
      onBytes(chunk.bytes.length);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return { edgeStartAtMs: part.edgeStartAtMs, bytes };
}
