import type { RecordingGap, RecordingTimeline, SegmentRecord } from '../../contract/footage.ts';
import type { StreamRef } from './segment-store.ts';

interface Range {
  fromMs: number;
  toMs: number;
}

/** Segments that follow each other closer than this are one range; larger gaps are in the ledger. */
const JOIN_MS = 1000;
const MAX_RANGES = 10_000;

/** Puts segments, ledger and what is being written now together, cut to the asked interval. */
export function buildTimeline(parts: {
  ref: StreamRef;
  fromMs: number;
  toMs: number;
  segments: readonly SegmentRecord[];
  gaps: readonly RecordingGap[];
  openRange: Range | null;
  openGap: RecordingGap | null;
}): RecordingTimeline {
  const { ref, fromMs, toMs } = parts;
  const pieces: Range[] = parts.segments.map(({ startAtMs, endAtMs }) => ({ fromMs: startAtMs, toMs: endAtMs }));
  if (parts.openRange !== null) pieces.push(parts.openRange);
  pieces.sort((a, b) => a.fromMs - b.fromMs);
  const ranges: Range[] = [];
  for (const piece of pieces) {
    const cut = { fromMs: Math.max(piece.fromMs, fromMs), toMs: Math.min(piece.toMs, toMs) };
    if (cut.toMs <= cut.fromMs) continue;
    const last = ranges.at(-1);
    if (last !== undefined && cut.fromMs - last.toMs <= JOIN_MS) last.toMs = Math.max(last.toMs, cut.toMs);
    else ranges.push(cut);
  }
  const gaps = [...parts.gaps];
  const { openGap } = parts;
  if (openGap !== null && openGap.fromMs < toMs && openGap.toMs > fromMs) {
    gaps.push({ ...openGap, fromMs: Math.max(openGap.fromMs, fromMs), toMs: Math.min(openGap.toMs, toMs) });
  }
  return { ...ref, fromMs, toMs, ranges: ranges.slice(0, MAX_RANGES), gaps: gaps.slice(0, MAX_RANGES) };
}
