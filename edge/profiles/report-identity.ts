import type { EdgeEvent } from '../../contract/event.ts';

/**
 * What tells a device's report from its repetition, also after the edge was ended in between. A device repeats what it
 * got no answer to; the edge may have stored it all the same and died before the answer was out. So every part of a
 * report is stored together with its identity, in one commit.
 */
export interface ReportIdentity {
  /** The same for a repetition, another for the device's next report. */
  readonly key: string;
  /** Reports of the device that this one may be the repetition of; edge time. Null: it is certainly new. */
  readonly repeats: {
    readonly fromMs: number;
    readonly untilMs: number;
    /** How many reports back, 1 for the last alone. */
    readonly newest: number;
  } | null;
}

/**
 * How long a repetition is expected after a restart, when it bears no mark. Longer, and a device that numbers all its
 * reports alike would not be believed when it says the same again.
 */
const UNMARKED_WINDOW_MS = 120_000;

/** For a report without a mark: it can only repeat what was stored before this process began. */
export function unmarkedRepeats(nowMs: number, startedAtMs: number, newest: number): ReportIdentity['repeats'] {
  const fromMs = nowMs - UNMARKED_WINDOW_MS;
  return fromMs < startedAtMs ? { fromMs, untilMs: startedAtMs, newest } : null;
}

/** For a report that says itself, or is known, to be a repetition. */
export function markedRepeats(nowMs: number, windowMs: number, newest: number): ReportIdentity['repeats'] {
  return { fromMs: nowMs - windowMs, untilMs: Number.MAX_SAFE_INTEGER, newest };
}

/** One event of a report; a report may make several, and each is stored by itself. */
export interface ReportPart {
  readonly report: ReportIdentity;
  /** Distinguishes the events of one report. */
  readonly part: string;
  /** The first event that is stored of this report. */
  readonly isFirst: boolean;
}

/** An event before it lies on the disk. */
export interface NewEvent {
  readonly event: EdgeEvent;
  /** Of which report it is, so that the device's repetition of that is not stored again. */
  readonly part?: ReportPart;
}
