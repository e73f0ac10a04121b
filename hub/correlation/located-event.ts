import type { EdgeEvent } from '../../contract/event.ts';
import type { Place } from './place.ts';

/** A committed event together with the place of its device. */
export interface LocatedEvent {
  /** Order of commits at the hub. */
  eventNo: number;
  edgeId: string;
  hubAtMs: number;
  event: EdgeEvent;
  place: Place;
}

/** A state of a part of a device; what `active` begins and `cleared` ends. */
export function stateKey(event: Pick<EdgeEvent, 'deviceId' | 'kind' | 'source'>): string {
  return `${event.deviceId}|${event.kind}|${event.source ?? ''}`;
}

/** The same without the part: repetitions of an alarm of one device. */
export function alarmKey(event: Pick<EdgeEvent, 'deviceId' | 'kind'>): string {
  return `${event.deviceId}|${event.kind}`;
}
