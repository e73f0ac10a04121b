import { randomBytes } from 'node:crypto';
import type { Region } from '../../../../contract/api/devices.ts';
import { type EdgeEvent, EVENT_KINDS, type EventKind, type Lane } from '../../../../contract/event.ts';
import { timeOrderedId } from '../../../../contract/ids.ts';
import type { LocatedEvent } from '../../../../hub/correlation/located-event.ts';
import { METERS_PER_DEGREE } from '../../../../hub/correlation/place.ts';
import { type PlacedDevice, Places } from '../../../../hub/incidents/places.ts';

/** Begin of every scenario. */
export const NOON = Date.UTC(2026, 0, 1, 4);

const REGIONS: Region[] = [
  { regionId: 'county', parentId: null, level: 'county', name: '县', code: null },
  { regionId: 'north', parentId: 'county', level: 'township', name: '北镇', code: null },
  { regionId: 'lake', parentId: 'north', level: 'village', name: '湖村', code: null },
  { regionId: 'hill', parentId: 'north', level: 'village', name: '山村', code: null },
];

/** The regions of the town. */
export const regions = { get: (id: string): Region | null => REGIONS.find(({ regionId }) => regionId === id) ?? null };

/** A point some metres east and north of the market square. */
export function at(east: number, north: number): { latitude: number; longitude: number } {
  const latitude = 30 + north / METERS_PER_DEGREE;
  return { latitude, longitude: 120 + east / (METERS_PER_DEGREE * Math.cos((30 * Math.PI) / 180)) };
}

/** A device of the town, by default in the lake village and not on the map. */
export function device(deviceId: string, changes: Partial<PlacedDevice> = {}): PlacedDevice {
  return {
    ...{ deviceId, edgeId: 'edge-1', name: deviceId, type: 'other', regionId: 'lake' },
    ...{ latitude: null, longitude: null, bearingDeg: null, viewDistanceM: null, viewAngleDeg: null, links: [] },
    ...changes,
  };
}

/** Places with these devices. */
export function placesOf(...devices: PlacedDevice[]): Places {
  const places = new Places(regions);
  for (const entry of devices) places.set(entry);
  return places;
}

/** An event at `seconds` after noon. */
export function report(
  seconds: number,
  deviceId: string,
  kind: EventKind | (string & {}),
  changes: Partial<EdgeEvent> = {},
): EdgeEvent {
  const priority = kind in EVENT_KINDS ? EVENT_KINDS[kind as EventKind].priority : 4;
  const edgeAtMs = NOON + seconds * 1000;
  const id = timeOrderedId(edgeAtMs, randomBytes(16));
  return { id, deviceId, kind, state: 'active', priority, deviceAtMs: null, edgeAtMs, data: {}, ...changes };
}

let lastNo = 0;

/** The same, as correlation gets it. */
export function located(places: Places, event: EdgeEvent, edgeId = 'edge-1'): LocatedEvent {
  const eventNo = ++lastNo;
  return { eventNo, edgeId, hubAtMs: event.edgeAtMs + 50, event, place: places.ofEvent(edgeId, event.deviceId) };
}

/** Lane of a kind. */
export function laneOf(kind: string): Lane {
  return kind in EVENT_KINDS ? EVENT_KINDS[kind as EventKind].lane : 'event';
}
