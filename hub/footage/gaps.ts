import type { RecordingGap } from '../../contract/footage.ts';

/** An interval [fromMs, toMs). */
export interface Interval {
  fromMs: number;
  toMs: number;
}

/** Shorter holes are no gaps. */
const MIN_GAP_MS = 1000;
const MAX_GAPS = 1000;

/** What of `interval` lies outside all of `covers`. */
export function uncovered(interval: Interval, covers: readonly Interval[]): Interval[] {
  const holes: Interval[] = [];
  let at = interval.fromMs;
  for (const { fromMs, toMs } of covers.toSorted((a, b) => a.fromMs - b.fromMs)) {
    if (fromMs > at) holes.push({ fromMs: at, toMs: Math.min(fromMs, interval.toMs) });
    at = Math.max(at, toMs);
    if (at >= interval.toMs) return holes;
  }
  holes.push({ fromMs: at, toMs: interval.toMs });
  return holes;
}

/**
 * Everything over 1 s of the asked interval that is not in the footage, each with its cause: the recorder's where it knows one,
 * else `not-recorded`. In order of time, at most 1000.
 */
export function missingFootage(
  asked: Interval,
  footage: readonly Interval[],
  reported: readonly RecordingGap[],
): RecordingGap[] {
  const gaps = uncovered(asked, footage).flatMap((hole) => {
    const known = reported.flatMap((gap): RecordingGap[] => {
      const fromMs = Math.max(gap.fromMs, hole.fromMs);
      const toMs = Math.min(gap.toMs, hole.toMs);
      return toMs > fromMs ? [{ fromMs, toMs, cause: gap.cause }] : [];
    });
    const rest = uncovered(hole, known).map((part): RecordingGap => ({ ...part, cause: 'not-recorded' }));
    return [...known, ...rest];
  });
  return gaps
    .filter((gap) => gap.toMs - gap.fromMs > MIN_GAP_MS)
    .toSorted((a, b) => a.fromMs - b.fromMs)
    .slice(0, MAX_GAPS);
}
