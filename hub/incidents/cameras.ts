import type { IncidentCamera, Reason } from '../../contract/incident.ts';
import { metersBetween, type Place, type Point, pointOf, sees } from '../correlation/place.ts';
import type { Rule } from '../correlation/rule.ts';
import type { Places } from './places.ts';

/** Most cameras of an incident. */
export const CAMERAS_MAX = 16;

/**
 * Cameras to show with what happened at a place, best first: the reporting camera itself, those that look at the place,
 * those that a person linked, the nearest ones. One camera may have several reasons. A place without a point on the map
 * gets the cameras of its own region instead of the nearest.
 */
export function camerasFor(start: Place, wanted: Rule['cameras'], places: Places): IncidentCamera[] {
  const found = new Map<string, IncidentCamera>();
  const point = pointOf(start);
  const add = (camera: Place, reason: Reason): void => {
    const known = found.get(camera.deviceId);
    if (known !== undefined) {
      known.reasons.push(reason);
      return;
    }
    const { deviceId, name } = camera;
    found.set(deviceId, { deviceId, name, distanceM: distance(point, camera), reasons: [reason] });
  };

  if (wanted.own && start.type === 'camera') add(start, { code: 'own-camera', params: {} });
  if (wanted.seesThePlace && point !== null) {
    for (const { place, meters } of places.camerasNear(point, places.longestViewM)) {
      if (place.deviceId === start.deviceId || !sees(place, point)) continue;
      add(place, { code: 'sees-the-place', params: { meters: Math.round(meters) } });
    }
  }
  if (wanted.linked) {
    for (const camera of places.linkedWith(start)) {
      if (camera.type === 'camera') add(camera, { code: 'linked', params: { other: start.name } });
    }
  }
  const { count, maxMeters } = wanted.nearest;
  if (point !== null) {
    const nearest = places.camerasNear(point, maxMeters).filter(({ place }) => place.deviceId !== start.deviceId);
    for (const { place, meters } of nearest.slice(0, count)) {
      add(place, { code: 'nearest', params: { meters: Math.round(meters) } });
    }
  } else addFromRegion(start, count, places, add);
  return [...found.values()].slice(0, CAMERAS_MAX);
}

function addFromRegion(
  start: Place,
  count: number,
  places: Places,
  add: (camera: Place, reason: Reason) => void,
): void {
  const region = start.regions.at(-1);
  if (region === undefined) return;
  const others = places.camerasIn(region.regionId).filter((camera) => camera.deviceId !== start.deviceId);
  for (const camera of others.slice(0, count)) add(camera, { code: 'same-region', params: { region: region.name } });
}

/** The cameras of an incident after another device joined: its own and linked cameras come behind those that are there. */
export function withCamerasOf(
  cameras: readonly IncidentCamera[],
  joined: Place,
  start: Place,
  places: Places,
): IncidentCamera[] {
  const point = pointOf(start);
  const own: Place[] = joined.type === 'camera' ? [joined] : [];
  const linked = places.linkedWith(joined).filter((place) => place.type === 'camera');
  const all = [...cameras];
  for (const camera of [...own, ...linked]) {
    if (all.length >= CAMERAS_MAX || all.some(({ deviceId }) => deviceId === camera.deviceId)) continue;
    const code = camera === joined ? 'own-camera' : 'linked';
    const reason: Reason = { code, params: code === 'linked' ? { other: joined.name } : {} };
    all.push({ deviceId: camera.deviceId, name: camera.name, distanceM: distance(point, camera), reasons: [reason] });
  }
  return all;
}

function distance(point: Point | null, camera: Place): number | null {
  const at = pointOf(camera);
  return point === null || at === null ? null : Math.round(metersBetween(point, at));
}
