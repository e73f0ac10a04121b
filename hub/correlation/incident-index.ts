import type { EdgeEvent } from '../../contract/event.ts';
import { GeoGrid } from './geo-grid.ts';
import { alarmKey, stateKey } from './located-event.ts';
import type { OpenIncident } from './open-incident.ts';
import { type Place, pointOf, regionOn } from './place.ts';
import type { JoinClause } from './rule.ts';
import type { Joining, RuleSet } from './rule-set.ts';

/** Of very many open incidents at one place only the newest are looked at, so that one place cannot slow down all. */
const LOOKED_AT = 32;

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

  constructor(rules: RuleSet) {
    this.#rules = rules;
    this.#grid = new GeoGrid(Math.max(50, rules.maxMeters));
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

  /** Incidents of the joining's rule that may fit its clause; each still has to be checked. Newest first. */
  *candidates({ rule, clause }: Joining, place: Place): Generator<OpenIncident> {
    for (const bucket of this.#bucketsFor(clause, place)) {
      let looked = 0;
      for (let i = bucket.length - 1; i >= 0 && looked < LOOKED_AT; i--) {
        const incident = bucket[i];
        if (incident?.rule !== rule) continue;
        looked++;
        yield incident;
      }
    }
  }

  #bucketsFor(clause: JoinClause, place: Place): OpenIncident[][] {
    const found = (buckets: Buckets, keys: readonly (string | number)[]): OpenIncident[][] =>
      keys.flatMap((key) => {
        const bucket = buckets.get(key);
        return bucket === undefined ? [] : [bucket];
      });
    switch (clause.where) {
      case 'same-device':
        return found(this.#byStart, [place.deviceId]);
      case 'linked':
        return [...found(this.#byStart, place.links), ...found(this.#byLink, [place.deviceId])];
      case 'same-region': {
        const region = regionOn(place, clause.level);
        return region === undefined ? [] : found(this.#byRegion, [region.regionId]);
      }
      case 'within': {
        const point = pointOf(place);
        return point === null ? [] : found(this.#byCell, this.#grid.cellsAround(point, clause.meters));
      }
    }
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
    if (point !== null) run(this.#byCell, this.#grid.cellOf(point), incident);
  }
}
