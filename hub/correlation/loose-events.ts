import { GeoGrid } from './geo-grid.ts';
import type { LocatedEvent } from './located-event.ts';
import { type Place, pointOf, regionOn } from './place.ts';
import type { JoinClause } from './rule.ts';
import type { RuleSet } from './rule-set.ts';

const KEPT = 20_000;
const KEPT_PER_PLACE = 64;

type Keys = readonly (string | number)[];

/**
 * The newest events that belong to no incident and that a rule could use, so that an incident can reach back: the door
 * that opened eight seconds before the help box was pressed.
 */
export class LooseEvents {
  readonly #rules: RuleSet;
  readonly #grid: GeoGrid;
  readonly #keys = new WeakMap<Place, Keys>();
  readonly #all = new Set<LocatedEvent>();
  readonly #buckets = new Map<string | number, LocatedEvent[]>();

  constructor(rules: RuleSet) {
    this.#rules = rules;
    this.#grid = new GeoGrid(Math.max(50, rules.maxMeters));
  }

  get size(): number {
    return this.#all.size;
  }

  /** Keeps an event, when any rule could use it, and forgets what is too old or too much. */
  add(event: LocatedEvent): void {
    if (event.event.state === 'cleared' || !this.#rules.mayJoin(event.event.kind)) return;
    this.#all.add(event);
    for (const key of this.#keysOf(event.place)) this.#put(key, event);
    const horizonMs = event.hubAtMs - this.#rules.maxWindowMs;
    for (const oldest of this.#all) {
      if (this.#all.size <= KEPT && oldest.hubAtMs >= horizonMs) break;
      this.remove(oldest);
    }
  }

  remove(event: LocatedEvent): void {
    if (!this.#all.delete(event)) return;
    for (const key of this.#keysOf(event.place)) {
      const bucket = this.#buckets.get(key);
      const at = bucket?.indexOf(event) ?? -1;
      if (bucket === undefined || at < 0) continue;
      bucket.splice(at, 1);
      if (bucket.length === 0) this.#buckets.delete(key);
    }
  }

  /** Events that may fit a clause of an incident that starts at `start`; each still has to be checked. */
  *candidates(clause: JoinClause, start: Place): Generator<LocatedEvent> {
    for (const key of this.#keysFor(clause, start)) yield* this.#buckets.get(key) ?? [];
  }

  #put(key: string | number, event: LocatedEvent): void {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) this.#buckets.set(key, [event]);
    else {
      bucket.push(event);
      if (bucket.length > KEPT_PER_PLACE) bucket.shift();
    }
  }

  #keysFor(clause: JoinClause, start: Place): (string | number)[] {
    switch (clause.where) {
      case 'same-device':
        return [`device ${start.deviceId}`];
      case 'linked':
        return [`link ${start.deviceId}`, ...start.links.map((link) => `device ${link}`)];
      case 'same-region': {
        const region = regionOn(start, clause.level);
        return region === undefined ? [] : [`region ${region.regionId}`];
      }
      case 'within': {
        const point = pointOf(start);
        return point === null ? [] : this.#grid.cellsAround(point, clause.meters);
      }
    }
  }

  #keysOf(place: Place): Keys {
    const known = this.#keys.get(place);
    if (known !== undefined) return known;
    const regions = this.#rules.levels.flatMap((level) => regionOn(place, level)?.regionId ?? []);
    const point = pointOf(place);
    const keys = [
      `device ${place.deviceId}`,
      ...place.links.map((link) => `link ${link}`),
      ...regions.map((regionId) => `region ${regionId}`),
      ...(point === null ? [] : [this.#grid.cellOf(point)]),
    ];
    this.#keys.set(place, keys);
    return keys;
  }
}
