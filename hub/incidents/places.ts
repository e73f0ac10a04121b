import type { Device, Region } from '../../contract/api/devices.ts';
import { GeoGrid } from '../correlation/geo-grid.ts';
import { metersBetween, type Place, type Point, pointOf } from '../correlation/place.ts';

/** The region tree, as far as places need it. */
export interface RegionLookup {
  get(regionId: string): Region | null;
}

/** What of a device decides where it stands. */
export type PlacedDevice = Pick<
  Device,
  | 'deviceId'
  | 'edgeId'
  | 'name'
  | 'type'
  | 'regionId'
  | 'latitude'
  | 'longitude'
  | 'bearingDeg'
  | 'viewDistanceM'
  | 'viewAngleDeg'
  | 'links'
>;

const CELL_METERS = 250;
const TREE_DEPTH_MAX = 16;

/** Where every device stands, and which cameras are around a point. */
export class Places {
  readonly #regions: RegionLookup;
  readonly #grid = new GeoGrid(CELL_METERS);
  readonly #places = new Map<string, Place>();
  readonly #camerasByCell = new Map<number, Set<Place>>();
  readonly #camerasByRegion = new Map<string, Set<Place>>();
  readonly #linkedFrom = new Map<string, Set<string>>();
  readonly #strangers = new Map<string, Place>();
  #longestViewM = 0;

  constructor(regions: RegionLookup) {
    this.#regions = regions;
  }

  /** Adds or replaces a device. */
  set(device: PlacedDevice): void {
    this.remove(device.deviceId);
    const { deviceId, edgeId, name, type, latitude, longitude, bearingDeg, viewDistanceM, viewAngleDeg, links } =
      device;
    const regions = this.#regionsOf(device.regionId);
    const view = { bearingDeg, viewDistanceM, viewAngleDeg };
    const place: Place = { deviceId, edgeId, name, type, regions, latitude, longitude, ...view, links: [...links] };
    this.#places.set(deviceId, place);
    for (const link of links) addTo(this.#linkedFrom, link, deviceId);
    if (type !== 'camera') return;
    const point = pointOf(place);
    if (point !== null) addTo(this.#camerasByCell, this.#grid.cellOf(point), place);
    const own = regions.at(-1);
    if (own !== undefined) addTo(this.#camerasByRegion, own.regionId, place);
    this.#longestViewM = Math.max(this.#longestViewM, viewDistanceM ?? 0);
  }

  /** Takes a device out. */
  remove(deviceId: string): void {
    const place = this.#places.get(deviceId);
    if (place === undefined) return;
    this.#places.delete(deviceId);
    for (const link of place.links) removeFrom(this.#linkedFrom, link, deviceId);
    const point = pointOf(place);
    if (point !== null) removeFrom(this.#camerasByCell, this.#grid.cellOf(point), place);
    const own = place.regions.at(-1);
    if (own !== undefined) removeFrom(this.#camerasByRegion, own.regionId, place);
  }

  /** A registered device's place. */
  get(deviceId: string): Place | undefined {
    return this.#places.get(deviceId);
  }

  /**
   * Where an event happened. A device that nobody registered, or that is another edge's, stands nowhere: its events are
   * kept under its id, seen only by accounts for the whole tree.
   */
  ofEvent(edgeId: string, deviceId: string): Place {
    const place = this.#places.get(deviceId);
    if (place?.edgeId === edgeId) return place;
    const key = `${edgeId}/${deviceId}`;
    const known = this.#strangers.get(key);
    if (known !== undefined) return known;
    const nowhere = { latitude: null, longitude: null, bearingDeg: null, viewDistanceM: null, viewAngleDeg: null };
    const stranger: Place = { deviceId, edgeId, name: deviceId, type: 'other', regions: [], ...nowhere, links: [] };
    if (this.#strangers.size >= 1000) this.#strangers.clear();
    this.#strangers.set(key, stranger);
    return stranger;
  }

  /** Devices that a person linked with one, in either direction. */
  linkedWith(place: Place): Place[] {
    const ids = new Set([...place.links, ...(this.#linkedFrom.get(place.deviceId) ?? [])]);
    return [...ids].flatMap((id) => this.#places.get(id) ?? []);
  }

  /** Cameras within a distance of a point, nearest first. */
  camerasNear(point: Point, maxMeters: number): { place: Place; meters: number }[] {
    const found: { place: Place; meters: number }[] = [];
    for (const cell of this.#grid.cellsAround(point, maxMeters)) {
      for (const place of this.#camerasByCell.get(cell) ?? []) {
        const at = pointOf(place);
        const meters = at === null ? Number.POSITIVE_INFINITY : metersBetween(point, at);
        if (meters <= maxMeters) found.push({ place, meters });
      }
    }
    return found.sort((a, b) => a.meters - b.meters || a.place.deviceId.localeCompare(b.place.deviceId));
  }

  /** How far the camera with the longest view sees. */
  get longestViewM(): number {
    return this.#longestViewM;
  }

  /** Cameras that stand directly in a region. */
  camerasIn(regionId: string): Place[] {
    return [...(this.#camerasByRegion.get(regionId) ?? [])];
  }

  #regionsOf(regionId: string | null): Place['regions'] {
    const found: { regionId: string; level: Region['level']; name: string }[] = [];
    let at = regionId;
    while (at !== null && found.length < TREE_DEPTH_MAX) {
      const region = this.#regions.get(at);
      if (region === null) break;
      found.unshift({ regionId: region.regionId, level: region.level, name: region.name });
      at = region.parentId;
    }
    return found;
  }
}

function addTo<K, V>(sets: Map<K, Set<V>>, key: K, value: V): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}

function removeFrom<K, V>(sets: Map<K, Set<V>>, key: K, value: V): void {
  const set = sets.get(key);
  set?.delete(value);
  if (set?.size === 0) sets.delete(key);
}
