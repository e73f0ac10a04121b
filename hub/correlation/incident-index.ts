import type { EdgeEvent } from '../../contract/event.ts';
import { GeoGrid } from './geo-grid.ts';
import { alarmKey, stateKey } from './located-event.ts';
import type { OpenIncident } from './open-incident.ts';
import { type Place, pointOf, regionOn } from './place.ts';
import type { RuleSet } from './rule-set.ts';

/** Of very many open incidents at one place only the newest are looked at, so that one place cannot slow down all. */
const LOOKED_AT = 32;

/** Finer cells mean fewer incidents to look at for each event, and more cells to note for each incident. */
const CELLS_PER_REACH = 3;
const MIN_CELL_METERS = 25;

interface Surroundings {
  regions: readonly string[];
  /** Its own cell; null when it is not on the map. */
  cell: number | null;
}

type Buckets = Map<string | number, OpenIncident[]>;

function put(buckets: Buckets, key: string | number, incident: OpenIncident): void {
  const bucket = buckets.get(key);
  if (bucket === undefined) buckets.set(key, [incident]);
  else if (!bucket.includes(incident)) bucket.push(incident);
}

function take(buckets: Buckets, key: string | number, incident: OpenIncident): void {
  const bucket = buckets.get(key);
  const at = bucket?.indexOf(incident) ?? -1;
  if (bucket === undefined || at < 0) return;
  bucket.splice(at, 1);
  if (bucket.length === 0) buckets.delete(key);
}

function collect(bucket: readonly OpenIncident[] | undefined, found: OpenIncident[]): void {
  if (bucket === undefined) return;
  for (let i = bucket.length - 1; i >= Math.max(0, bucket.length - LOOKED_AT); i--) {
    const incident = bucket[i];
    if (incident !== undefined && !found.includes(incident)) found.push(incident);
  }
}

/**
 * Open incidents by everything that an event can be linked through. What one event costs depends on what is near it,
 * not on how many devices and open incidents there are.
 */
export class IncidentIndex {
  readonly #rules: RuleSet;
  readonly #grid: GeoGrid;
  readonly #all = new Map<string, OpenIncident>();
  readonly #byAlarm: Buckets = new Map();
  readonly #byState: Buckets = new Map();
  readonly #byStart: Buckets = new Map();
  readonly #byLink: Buckets = new Map();
  readonly #byRegion: Buckets = new Map();
  readonly #byCell: Buckets = new Map();
  readonly #surrounding = new WeakMap<Place, Surroundings>();

  constructor(rules: RuleSet) {
    this.#rules = rules;
    this.#grid = new GeoGrid(Math.max(MIN_CELL_METERS, rules.maxMeters / CELLS_PER_REACH));
  }

  get size(): number {
    return this.#all.size;
  }

  get(incidentId: string): OpenIncident | undefined {
    return this.#all.get(incidentId);
  }

  /** All, in the order in which they were opened. */
  values(): Iterable<OpenIncident> {
    return this.#all.values();
  }

  add(incident: OpenIncident): void {
    this.#all.set(incident.incidentId, incident);
    for (const key of incident.alarms) put(this.#byAlarm, key, incident);
    for (const key of incident.active.keys()) put(this.#byState, key, incident);
    this.#placeKeys(incident, put);
  }

  remove(incidentId: string): void {
    const incident = this.#all.get(incidentId);
    if (incident === undefined) return;
    this.#all.delete(incidentId);
    for (const key of incident.alarms) take(this.#byAlarm, key, incident);
    for (const key of incident.active.keys()) take(this.#byState, key, incident);
    this.#placeKeys(incident, take);
  }

  /** Notes that an event belongs to an incident of this index. */
  joined(incident: OpenIncident, event: EdgeEvent): void {
    incident.eventCount++;
    incident.firstEventAtMs = Math.min(incident.firstEventAtMs, event.edgeAtMs);
    incident.lastEventAtMs = Math.max(incident.lastEventAtMs, event.edgeAtMs);
    const alarm = alarmKey(event);
    if (!incident.alarms.has(alarm)) {
      incident.alarms.add(alarm);
      put(this.#byAlarm, alarm, incident);
    }
    const state = stateKey(event);
    if (event.state === 'active') {
      incident.active.set(state, event.edgeAtMs);
      put(this.#byState, state, incident);
    } else if (event.state === 'cleared' && incident.active.delete(state)) {
      take(this.#byState, state, incident);
    }
  }

  /** The newest incident in which the state that this event ends is still active. */
  clearedBy(event: EdgeEvent): OpenIncident | undefined {
    return this.#byState.get(stateKey(event))?.at(-1);
  }

  /** Incidents that hold the same alarm of the same device, newest last. */
  withAlarm(event: EdgeEvent): readonly OpenIncident[] {
    return this.#byAlarm.get(alarmKey(event)) ?? [];
  }

  /**
   * Incidents that an event at a place could be linked with by any clause, each once; every one still has to be checked.
   * Collected in one pass, because most events have nothing near them.
   */
  near(place: Place): readonly OpenIncident[] {
    const found: OpenIncident[] = [];
    collect(this.#byStart.get(place.deviceId), found);
    collect(this.#byLink.get(place.deviceId), found);
    for (const link of place.links) collect(this.#byStart.get(link), found);
    const { regions, cell } = this.#surroundings(place);
    for (const regionId of regions) collect(this.#byRegion.get(regionId), found);
    if (cell !== null) collect(this.#byCell.get(cell), found);
    return found;
  }

  /** Places do not change (a moved device is a new place), so what surrounds one is computed once. */
  #surroundings(place: Place): Surroundings {
    const known = this.#surrounding.get(place);
    if (known !== undefined) return known;
    const point = pointOf(place);
    const surroundings = {
      regions: this.#rules.levels.flatMap((level) => regionOn(place, level)?.regionId ?? []),
      cell: point === null ? null : this.#grid.cellOf(point),
    };
    this.#surrounding.set(place, surroundings);
    return surroundings;
  }

  #placeKeys(incident: OpenIncident, run: typeof put): void {
    const { start } = incident;
    run(this.#byStart, start.deviceId, incident);
    for (const link of start.links) run(this.#byLink, link, incident);
    for (const level of this.#rules.levels) {
      const region = regionOn(start, level);
      if (region !== undefined) run(this.#byRegion, region.regionId, incident);
    }
    const point = pointOf(start);
    // An incident stands in every cell from which an event could reach it, so that an event looks into its own cell only.
    if (point === null || incident.rule === null) return;
    const reach = this.#rules.reachOf(incident.rule);
    if (reach === 0) return;
    for (const cell of this.#grid.cellsAround(point, reach)) run(this.#byCell, cell, incident);
  }
}
