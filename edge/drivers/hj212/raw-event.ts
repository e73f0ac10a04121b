import { commandOf } from '../../../protocols/hj212/commands.ts';
import type { Hj212Segment } from '../../../protocols/hj212/segment.ts';
import { parseTime } from '../../../protocols/hj212/time.ts';
import type { RawEvent } from '../../profiles/raw-event.ts';

/** What a factor's mark says about its values (HJ 212-2017, 6.6.4); others are handed on as they are. */
const MARKS: Readonly<Record<string, string>> = {
  N: 'normal',
  F: 'stopped',
  M: 'maintenance',
  S: 'set-by-hand',
  D: 'fault',
  C: 'calibration',
  T: 'over-range',
  B: 'no-contact',
};

/** Between the measuring and the sending of values that count as present. */
const CURRENT_FOR_MS = 600_000;

/**
 * The facts of an upload for a profile: `command`, `system`, `current`, `params`, and `factors` by code, each with its attributes as
 * sent (`Rtd`, `Avg` …), `mark` and `valid`. A factor without a mark is valid.
 */
export function rawEventOf(segment: Hj212Segment): RawEvent {
  const factors = Object.entries(segment.factors).map(([code, attributes]) => {
    const sent = attributes['Flag'] ?? 'N';
    const mark = MARKS[sent.toUpperCase()] ?? sent;
    return [code, { ...attributes, mark, valid: mark === 'normal' }];
  });
  return {
    command: commandOf(segment.cn) ?? segment.cn,
    system: segment.st,
    current: isCurrent(segment),
    params: segment.params,
    factors: Object.fromEntries(factors),
  };
}

/** What was measured long before it is sent is history, also where it is sent as present values. */
function isCurrent({ qn, params }: Hj212Segment): boolean {
  const sentAt = parseTime(qn ?? '', 0);
  const measuredAt = parseTime(params['DataTime'] ?? '', 0);
  return sentAt === null || measuredAt === null || sentAt - measuredAt < CURRENT_FOR_MS;
}

/** When the station measured it, milliseconds since 1970: for means the begin of their period; null when it says nothing. */
export function measuredAtMs({ params, qn }: Hj212Segment, utcOffsetMinutes: number): number | null {
  const at = params['DataTime'] === undefined ? null : parseTime(params['DataTime'], utcOffsetMinutes);
  return at ?? (qn === null ? null : parseTime(qn, utcOffsetMinutes));
}
