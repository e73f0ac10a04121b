import { type EdgeEvent, EVENT_KINDS, type EventKind, type EventState, type Priority } from '../../contract/event.ts';
import { parseDateTime } from '../../protocols/onvif/time.ts';
import { matchesAll, sameScalar } from './match.ts';
import { numberAt, type RawEvent, scalarAt } from './raw-event.ts';
import type { DataRule, DeviceProfile, EventRule, ReadingRule, StateRule } from './schema.ts';

/** An event before it gets an id, a device and times. */
export interface MappedEvent {
  /** Rule of the profile that made it. */
  readonly rule: string;
  readonly kind: EventKind;
  readonly state: EventState;
  readonly priority: Priority;
  readonly source: string | null;
  readonly data: EdgeEvent['data'];
  /** When set, the state is taken as cleared after this long without renewal. */
  readonly expireAfterMs: number | null;
}

/** A measured value of a rule; thresholds are judged by `ThresholdTracker`. */
export interface Reading {
  readonly rule: ReadingRule;
  readonly value: number;
  readonly source: string | null;
}

/** What a profile makes of one raw event, and why it may make nothing. */
export interface Mapping {
  readonly events: readonly MappedEvent[];
  readonly readings: readonly Reading[];
  /** The device's own time; null when it said none. */
  readonly deviceAtMs: number | null;
  /** `no-rule`: no rule wants it; `no-state`: a rule does, but its value stands in no list; null: something was made. */
  readonly nothing: 'no-rule' | 'no-state' | null;
}

const TEXT_LIMIT = 512;
const SOURCE_LIMIT = 128;

/** Maps one raw event by a profile. Pure: the same input gives the same output. */
export function mapRaw(profile: DeviceProfile, raw: RawEvent): Mapping {
  const wanted = wantedBy(profile.events ?? [], raw);
  const events = wanted.flatMap((rule) => mapEvent(rule, raw));
  const readings = (profile.readings ?? []).flatMap((rule) => mapReading(rule, raw));
  const made = events.length + readings.length > 0;
  const deviceAtMs = profile.deviceTime === undefined ? null : timeAt(raw, profile.deviceTime);
  return { events, readings, deviceAtMs, nothing: made ? null : wanted.length > 0 ? 'no-state' : 'no-rule' };
}

/** Rules that want a report; where none does, the first of those that are there for that. */
function wantedBy(rules: readonly EventRule[], raw: RawEvent): EventRule[] {
  const wanted = rules.filter((rule) => rule.fallback !== true && matchesAll(raw, rule.when));
  if (wanted.length > 0) return wanted;
  return rules.filter((rule) => rule.fallback === true && matchesAll(raw, rule.when)).slice(0, 1);
}

function mapEvent(rule: EventRule, raw: RawEvent): MappedEvent[] {
  const state = stateOf(rule.state, raw);
  if (state === null) return [];
  return [
    {
      rule: rule.id,
      kind: rule.kind,
      state,
      priority: rule.priority ?? EVENT_KINDS[rule.kind].priority,
      source: firstText(rule.source, raw),
      data: dataOf(rule.data ?? {}, raw),
      expireAfterMs: rule.expireAfterMs ?? null,
    },
  ];
}

function stateOf(rule: StateRule, raw: RawEvent): EventState | null {
  if (typeof rule === 'string') return rule;
  const paths = typeof rule.at === 'string' ? [rule.at] : rule.at;
  const found = paths.map((path) => scalarAt(raw, path)).find((value) => value !== undefined);
  if (found === undefined) return null;
  for (const state of ['active', 'cleared', 'pulse'] as const) {
    if (rule[state]?.some((wanted) => sameScalar(found, wanted))) return state;
  }
  return null;
}

function firstText(paths: readonly string[] | undefined, raw: RawEvent): string | null {
  for (const path of paths ?? []) {
    const value = scalarAt(raw, path);
    if (value !== undefined && value !== '') return String(value).slice(0, SOURCE_LIMIT);
  }
  return null;
}

function dataOf(rule: DataRule, raw: RawEvent): EdgeEvent['data'] {
  const data: EdgeEvent['data'] = {};
  for (const [name, from] of Object.entries(rule)) {
    const value = 'value' in from ? from.value : scalarAt(raw, from.at);
    if (value !== undefined) data[name] = typeof value === 'string' ? value.slice(0, TEXT_LIMIT) : value;
  }
  return data;
}

function mapReading(rule: ReadingRule, raw: RawEvent): Reading[] {
  if (rule.when !== undefined && !matchesAll(raw, rule.when)) return [];
  const value = numberAt(raw, rule.value);
  return value === undefined ? [] : [{ rule, value: value * (rule.scale ?? 1), source: firstText(rule.source, raw) }];
}

/** Seconds and milliseconds since 1970 are told apart by size: seconds reach 1e11 in the year 5138. */
function timeAt(raw: RawEvent, path: string): number | null {
  const value = scalarAt(raw, path);
  if (typeof value === 'string') return parseDateTime(value);
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) return null;
  return value < 1e11 ? Math.round(value * 1000) : Math.round(value);
}
