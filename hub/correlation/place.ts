import type { REGION_LEVELS } from '../../contract/api/devices.ts';
import type { DeviceType } from '../../contract/device.ts';

/** A level of the region tree. */
export type RegionLevel = (typeof REGION_LEVELS)[number];

/** Where a device stands and what it is to people: what linking has to know of it. */
export interface Place {
  deviceId: string;
  edgeId: string;
  name: string;
  type: DeviceType;
  /** Regions from the top of the tree to the one that it stands in. */
  regions: readonly { regionId: string; level: RegionLevel; name: string }[];
  /** WGS 84 degrees; null when nobody placed it on the map. */
  latitude: number | null;
  longitude: number | null;
  bearingDeg: number | null;
  viewDistanceM: number | null;
  viewAngleDeg: number | null;
  /** Devices that belong to it by a person's decision. */
  links: readonly string[];
}

/** A point on the map, WGS 84 degrees. */
export interface Point {
  latitude: number;
  longitude: number;
}

/** Metres of one degree of latitude. */
export const METERS_PER_DEGREE = 111_320;
/** View angle of a camera whose own is unknown. */
const USUAL_VIEW_ANGLE_DEG = 90;

/** The point of a place; null when it is not on the map. */
export function pointOf(place: Place): Point | null {
  const { latitude, longitude } = place;
  return latitude === null || longitude === null ? null : { latitude, longitude };
}

/** Distance in metres; exact to a few per mille within a county. */
export function metersBetween(a: Point, b: Point): number {
  const meanLatitude = ((a.latitude + b.latitude) / 2) * (Math.PI / 180);
  const east = (b.longitude - a.longitude) * METERS_PER_DEGREE * Math.cos(meanLatitude);
  const north = (b.latitude - a.latitude) * METERS_PER_DEGREE;
  return Math.sqrt(east * east + north * north);
}

/** Distance of two places in metres; null when one of them is not on the map. */
export function metersApart(a: Place, b: Place): number | null {
  const { latitude, longitude } = a;
  if (latitude === null || longitude === null || b.latitude === null || b.longitude === null) return null;
  return metersBetween({ latitude, longitude }, { latitude: b.latitude, longitude: b.longitude });
}

/** Direction from one point to another, degrees clockwise from north. */
export function bearingBetween(from: Point, to: Point): number {
  const meanLatitude = ((from.latitude + to.latitude) / 2) * (Math.PI / 180);
  const east = (to.longitude - from.longitude) * Math.cos(meanLatitude);
  const north = to.latitude - from.latitude;
  return (Math.atan2(east, north) * (180 / Math.PI) + 360) % 360;
}

/** Whether a camera looks at a point: near enough and inside its angle of view. False when its view is unknown. */
export function sees(camera: Place, target: Point): boolean {
  const at = pointOf(camera);
  if (at === null || camera.bearingDeg === null || camera.viewDistanceM === null) return false;
  const meters = metersBetween(at, target);
  if (meters > camera.viewDistanceM) return false;
  if (meters < 1) return true;
  const turn = Math.abs(bearingBetween(at, target) - camera.bearingDeg) % 360;
  return Math.min(turn, 360 - turn) <= (camera.viewAngleDeg ?? USUAL_VIEW_ANGLE_DEG) / 2;
}

/** The place's region on a level; undefined when it stands above that level or nowhere. */
export function regionOn(place: Place, level: RegionLevel): Place['regions'][number] | undefined {
  return place.regions.find((region) => region.level === level);
}

/** Whether a person linked the two, in either direction. */
export function areLinked(a: Place, b: Place): boolean {
  return a.links.includes(b.deviceId) || b.links.includes(a.deviceId);
}
