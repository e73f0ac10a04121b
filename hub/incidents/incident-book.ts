import { type EventKind, isEventKind } from '../../contract/event.ts';
import type { IncidentEntry, Reason } from '../../contract/incident.ts';
import { decide } from '../correlation/decide.ts';
import { IncidentIndex } from '../correlation/incident-index.ts';
import { alarmKey, type LocatedEvent, stateKey } from '../correlation/located-event.ts';
import { LooseEvents } from '../correlation/loose-events.ts';
import type { OpenIncident } from '../correlation/open-incident.ts';
import type { Rule } from '../correlation/rule.ts';
import type { RuleSet } from '../correlation/rule-set.ts';
import { camerasFor, withCamerasOf } from './cameras.ts';
import type { Membership } from './correlation-store.ts';
import type { ChangeSet, IncidentRecord } from './incident-record.ts';
import type { Places } from './places.ts';

/** Lines of history that joined events may write; the events themselves are all listed anyway. */
const JOINED_ENTRIES = 50;

/** What a book is made from. */
export interface BookOptions {
  rules: RuleSet;
  places: Places;
  /** A new, time-ordered id. */
  newId(atMs: number): string;
}

interface Case {
  open: OpenIncident;
  record: IncidentRecord;
  joinedEntries: number;
}

/**
 * All open incidents in memory, and the changes that events make to them. The book does not store anything: whoever
 * uses it commits the change set, and when that fails throws the book away and loads it anew.
 */
export class IncidentBook {
  readonly #options: BookOptions;
  readonly #index: IncidentIndex;
  readonly #loose: LooseEvents;
  readonly #cases = new Map<string, Case>();
  #lastNumber: number;

  constructor(options: BookOptions, lastNumber: number) {
    this.#options = options;
    this.#lastNumber = lastNumber;
    this.#index = new IncidentIndex(options.rules);
    this.#loose = new LooseEvents(options.rules);
  }

  /** Open incidents, and events that an incident could still reach back to. */
  get sizes(): { openIncidents: number; looseEvents: number } {
    return { openIncidents: this.#index.size, looseEvents: this.#loose.size };
  }

  /** The record of an open incident; undefined when it is closed or unknown. */
  get(incidentId: string): IncidentRecord | undefined {
    return this.#cases.get(incidentId)?.record;
  }

  /** Decides on an event and notes what that changes. */
  take(event: LocatedEvent, hubAtMs: number, changes: ChangeSet): void {
    const decision = decide(event, { rules: this.#options.rules, incidents: this.#index, loose: this.#loose });
    if (decision.kind === 'none') this.#loose.add(event);
    else if (decision.kind === 'join') {
      const found = this.#cases.get(decision.incident.incidentId);
      if (found !== undefined) this.#join(found, event, decision.reasons, hubAtMs, changes);
    } else {
      const opened = this.#open(event, decision.rule, hubAtMs, changes);
      this.#link(opened, event, decision.reasons, changes);
      for (const { event: earlier, reasons } of decision.gathers) {
        this.#loose.remove(earlier);
        this.#join(opened, earlier, reasons, hubAtMs, changes);
      }
    }
  }

  /** Puts a person's step or a new line of history into the book. */
  change(record: IncidentRecord): void {
    const found = this.#cases.get(record.incidentId);
    if (found === undefined) return;
    found.record = record;
    if (record.state !== 'closed') return;
    this.#cases.delete(record.incidentId);
    this.#index.remove(record.incidentId);
  }

  /** Loading: an incident that was open when the hub stopped. */
  restore(record: IncidentRecord, memberships: readonly Membership[]): void {
    const { places, rules } = this.#options;
    const { incidentId, number, priority, firstEventAtMs, lastEventAtMs, eventCount } = record;
    const start = places.ofEvent(record.edgeId, record.deviceId);
    const alarms = new Set<string>();
    const active = new Map<string, number>();
    for (const { deviceId, kind, source, state, edgeAtMs } of memberships) {
      const event = { deviceId, kind, ...(source === null ? {} : { source }) };
      alarms.add(alarmKey(event));
      if (state === 'active') active.set(stateKey(event), edgeAtMs);
      else if (state === 'cleared') active.delete(stateKey(event));
    }
    const rule = rules.rule(record.rule) ?? null;
    const times = { priority, firstEventAtMs, lastEventAtMs, eventCount };
    const open: OpenIncident = { incidentId, number, rule, start, ...times, alarms, active };
    this.#index.add(open);
    this.#cases.set(incidentId, { open, record, joinedEntries: JOINED_ENTRIES });
  }

  /** Loading: an event that belongs to no incident. */
  restoreLoose(event: LocatedEvent): void {
    this.#loose.add(event);
  }

  #open(event: LocatedEvent, rule: Rule, hubAtMs: number, changes: ChangeSet): Case {
    const { places, newId } = this.#options;
    const { place, edgeId } = event;
    const { kind, deviceId, edgeAtMs, priority: own } = event.event;
    const incidentId = newId(hubAtMs);
    const number = ++this.#lastNumber;
    const priority = rule.priority ?? own;
    const open: OpenIncident = {
      ...{ incidentId, number, rule, start: place, priority },
      ...{ firstEventAtMs: edgeAtMs, lastEventAtMs: edgeAtMs, eventCount: 0 },
      ...{ alarms: new Set<string>(), active: new Map<string, number>() },
    };
    const record: IncidentRecord = {
      ...{ incidentId, number, kind: kindOf(kind), rule: rule.id, priority, state: 'reported', edgeId, deviceId },
      regionId: place.regions.at(-1)?.regionId ?? null,
      regionPath: place.regions.map(({ name }) => name),
      ...{ deviceName: place.name, firstEventAtMs: edgeAtMs, lastEventAtMs: edgeAtMs, openedAtMs: hubAtMs },
      ...{ owner: null, eventCount: 0, version: 1, stepVersion: 1, closingCode: null },
      cameras: camerasFor(place, rule.cameras, places),
    };
    const opened: Case = { open, record, joinedEntries: 0 };
    this.#index.add(open);
    this.#cases.set(incidentId, opened);
    changes.opened.set(incidentId, record);
    changes.entries.push(entry(opened, 'opened', hubAtMs, rule.id));
    return opened;
  }

  #join(found: Case, event: LocatedEvent, reasons: Reason[], hubAtMs: number, changes: ChangeSet): void {
    const { open, record } = found;
    const isNewAlarm = !open.alarms.has(alarmKey(event.event));
    if (isNewAlarm && found.joinedEntries < JOINED_ENTRIES) {
      found.joinedEntries++;
      changes.entries.push(entry(found, 'joined', hubAtMs, event.place.name));
    }
    if (isNewAlarm) record.cameras = withCamerasOf(record.cameras, event.place, open.start, this.#options.places);
    // An urgent event makes its incident urgent; a rule's own priority is never lowered.
    record.priority = open.priority = event.event.priority < open.priority ? event.event.priority : open.priority;
    record.version++;
    changes.changed.set(record.incidentId, record);
    this.#link(found, event, reasons, changes);
  }

  #link({ open, record }: Case, event: LocatedEvent, reasons: Reason[], changes: ChangeSet): void {
    this.#index.joined(open, event.event);
    record.firstEventAtMs = open.firstEventAtMs;
    record.lastEventAtMs = open.lastEventAtMs;
    record.eventCount = open.eventCount;
    const { eventNo, place } = event;
    const regionId = place.regions.at(-1)?.regionId ?? null;
    changes.links.push({ eventNo, incidentId: record.incidentId, deviceName: place.name, regionId, reasons });
  }
}

/** Unknown kinds are shown as `other`; the event itself keeps its word. */
function kindOf(kind: string): EventKind {
  return isEventKind(kind) ? kind : 'other';
}

function entry(
  { record }: Case,
  kind: IncidentEntry['kind'],
  atMs: number,
  text: string,
): ChangeSet['entries'][number] {
  return { incidentId: record.incidentId, atMs, by: null, kind, text };
}
