/** A time range and the span of time shown around it, all in milliseconds since 1970. */
export interface Span {
  fromMs: number;
  toMs: number;
}

export const LONGEST_MS = 24 * 3_600_000;
export const ZOOMS = { m10: 600_000, h1: 3_600_000, h6: 21_600_000, h24: 86_400_000 } as const;
export type Zoom = keyof typeof ZOOMS;

/** What is wrong with a range, as a key of the catalogue; null when nothing is. */
export function rangeFault(range: Span, nowMs: number): 'orderBad' | 'tooLong' | 'inFuture' | null {
  if (range.toMs <= range.fromMs) return 'orderBad';
  if (range.toMs - range.fromMs > LONGEST_MS) return 'tooLong';
  if (range.toMs > nowMs + 1000) return 'inFuture';
  return null;
}

/** The smallest span of the list that shows a range with some room around it. */
export function fittingZoom(range: Span): Zoom {
  const names = Object.keys(ZOOMS) as Zoom[];
  return names.find((name) => ZOOMS[name] >= (range.toMs - range.fromMs) * 1.25) ?? 'h24';
}

/** A span of a given length around the middle of a range, on whole seconds. */
export function viewAround(range: Span, lengthMs: number): Span {
  const fromMs = Math.round(((range.fromMs + range.toMs) / 2 - lengthMs / 2) / 1000) * 1000;
  return { fromMs, toMs: fromMs + lengthMs };
}

/** Where a moment lies in a view, in percent; may lie outside of 0 to 100. */
export function percentOf(atMs: number, view: Span): number {
  return ((atMs - view.fromMs) / (view.toMs - view.fromMs)) * 100;
}

/** The parts of ranges or gaps that lie inside a view. */
export function clipped<T extends Span>(parts: readonly T[], view: Span): T[] {
  return parts
    .filter((part) => part.toMs > view.fromMs && part.fromMs < view.toMs)
    .map((part) => ({ ...part, fromMs: Math.max(part.fromMs, view.fromMs), toMs: Math.min(part.toMs, view.toMs) }));
}

/**
 * Joins ranges that the eye cannot tell apart, so that a day of short segments stays a handful of boxes.
 * @param closerThanMs gaps shorter than this are not drawn
 */
export function merged(ranges: readonly Span[], closerThanMs: number): Span[] {
  const result: Span[] = [];
  for (const range of [...ranges].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = result.at(-1);
    if (last !== undefined && range.fromMs - last.toMs <= closerThanMs) last.toMs = Math.max(last.toMs, range.toMs);
    else result.push({ ...range });
  }
  return result;
}

/** A part of a range without footage; the cause is null where nobody knows of one. */
export interface Missing<C> extends Span {
  cause: C | null;
}

/** Shorter than this, a missing part is the joint between two segments. */
const JOINT_MS = 1000;

/**
 * What of a range is not recorded: the gaps that the edge knows a cause for, and everything else that no recorded range
 * covers (before recording began, after it was ended).
 */
export function missingIn<C>(
  range: Span,
  ranges: readonly Span[],
  gaps: readonly (Span & { cause: C })[],
): Missing<C>[] {
  const known: Missing<C>[] = clipped(gaps, range);
  const covered = merged(
    [...clipped(ranges, range), ...known].map(({ fromMs, toMs }) => ({ fromMs, toMs })),
    JOINT_MS,
  );
  const unknown: Missing<C>[] = [];
  let atMs = range.fromMs;
  for (const part of [...covered, { fromMs: range.toMs, toMs: range.toMs }]) {
    if (part.fromMs - atMs > JOINT_MS) unknown.push({ fromMs: atMs, toMs: part.fromMs, cause: null });
    atMs = Math.max(atMs, part.toMs);
  }
  return [...known, ...unknown].sort((a, b) => a.fromMs - b.fromMs);
}

const STEPS_S = [1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400];

/** Round moments for the scale of a view: at most `most` of them. */
export function ticks(view: Span, most: number): number[] {
  const lengthS = (view.toMs - view.fromMs) / 1000;
  const stepMs = (STEPS_S.find((step) => lengthS / step <= most) ?? 14_400) * 1000;
  const offsetMs = new Date(view.fromMs).getTimezoneOffset() * 60_000;
  const first = Math.ceil((view.fromMs - offsetMs) / stepMs) * stepMs + offsetMs;
  const result: number[] = [];
  for (let at = first; at <= view.toMs; at += stepMs) result.push(at);
  return result;
}
