import type { Reason } from '../../contract/incident.ts';
import type { LocatedEvent } from './located-event.ts';
import { areLinked, metersApart, type Place, regionOn } from './place.ts';
import type { JoinClause } from './rule.ts';

/** Nearer than this, two devices stand at the same place. */
const SAME_PLACE_METERS = 3;

/** The side that an event is compared with: where and when the incident began. */
export interface Origin {
  start: Place;
  firstEventAtMs: number;
  lastEventAtMs: number;
}

/** Whole seconds after the incident's first event; negative for an event that came before it. */
function secondsAfter(event: LocatedEvent, origin: Origin): number {
  return Math.round((event.event.edgeAtMs - origin.firstEventAtMs) / 1000);
}

/** Whether an event lies in the clause's window around the incident, in event time. */
export function inWindow(event: LocatedEvent, clause: JoinClause, origin: Origin): boolean {
  const windowMs = clause.windowSeconds * 1000;
  const atMs = event.event.edgeAtMs;
  return atMs >= origin.firstEventAtMs - windowMs && atMs <= origin.lastEventAtMs + windowMs;
}

/** Why an event fits a clause of an incident; null when it does not. */
export function reasonFor(event: LocatedEvent, clause: JoinClause, origin: Origin): Reason | null {
  if (!inWindow(event, clause, origin)) return null;
  const { place } = event;
  const { start } = origin;
  switch (clause.where) {
    case 'same-device':
      return place.deviceId === start.deviceId ? reason('same-device', event, origin, {}) : null;
    case 'linked':
      return areLinked(place, start) ? reason('linked', event, origin, {}) : null;
    case 'same-region': {
      const region = regionOn(place, clause.level);
      if (region === undefined || regionOn(start, clause.level)?.regionId !== region.regionId) return null;
      return reason('same-region', event, origin, { region: region.name });
    }
    case 'within': {
      const meters = metersApart(place, start);
      if (meters === null || meters > clause.meters) return null;
      if (meters < SAME_PLACE_METERS) return reason('same-place', event, origin, {});
      return reason('within-distance', event, origin, { meters: Math.round(meters) });
    }
  }
}

function reason(code: Reason['code'], event: LocatedEvent, origin: Origin, facts: Reason['params']): Reason {
  return { code, params: { other: origin.start.name, seconds: secondsAfter(event, origin), ...facts } };
}

/** An alarm of the same device again. */
export function repeatReason(event: LocatedEvent, origin: Origin): Reason {
  return reason('same-device', event, origin, {});
}

/** The event ends a state that has been active since `activeSinceMs`. */
export function clearReason(event: LocatedEvent, activeSinceMs: number): Reason {
  const seconds = Math.max(0, Math.round((event.event.edgeAtMs - activeSinceMs) / 1000));
  return { code: 'clears', params: { other: event.place.name, seconds } };
}
