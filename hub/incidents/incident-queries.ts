import { sql } from 'kysely';
import { type EdgeEvent, LATE_AFTER_MS } from '../../contract/event.ts';
import type { IncidentDetail, IncidentEvent, IncidentState, IncidentSummary, Reason } from '../../contract/incident.ts';
import type { HubStorage } from '../storage/hub-storage.ts';
import { type IncidentRecord, summaryOf } from './incident-record.ts';
import { toRecord } from './incident-rows.ts';
import type { Places } from './places.ts';

/** Events and lines of history that a detail shows; of more, the first and the newest. */
const SHOWN_EVENTS = 1000;
const SHOWN_ENTRIES = 500;
/** Pages that a list of events looks through for those inside an area. */
const PAGES = 20;

/** Which incidents a list shows. `regions` null is the whole tree. */
export interface IncidentFilter {
  state: 'open' | 'closed' | 'all';
  limit: number;
  before: number | null;
  regions: readonly string[] | null;
}

/** Which events a list shows. */
export interface EventFilter {
  deviceId: string | null;
  limit: number;
  /** Whether a region (or none) lies inside the area. */
  includes(regionId: string | null): boolean;
}

/** What people read about incidents. */
export class IncidentQueries {
  readonly #storage: Pick<HubStorage, 'db'>;
  readonly #places: Places;

  constructor(storage: Pick<HubStorage, 'db'>, places: Places) {
    this.#storage = storage;
    this.#places = places;
  }

  /** Incidents, most urgent and newest first. */
  async list({ state, limit, before, regions }: IncidentFilter): Promise<IncidentSummary[]> {
    let query = this.#storage.db.selectFrom('incidents').selectAll();
    if (state === 'open') query = query.where('state', '<>', sql.lit<IncidentState>('closed'));
    if (state === 'closed') query = query.where('state', '=', 'closed');
    if (before !== null) query = query.where('number', '<', before);
    if (regions !== null) query = query.where('region_id', 'in', [...regions]);
    // Urgency orders what is open; behind a page boundary (`before`) and among the closed only the number does.
    if (state === 'open' && before === null) query = query.orderBy('priority');
    const rows = await query.orderBy('number', 'desc').limit(limit).execute();
    return rows.map((row) => summaryOf(toRecord(row)));
  }

  /** The stored record; null when there is none. */
  async record(incidentId: string): Promise<IncidentRecord | null> {
    const row = await this.#storage.db
      .selectFrom('incidents')
      .selectAll()
      .where('incident_id', '=', incidentId)
      .executeTakeFirst();
    return row === undefined ? null : toRecord(row);
  }

  /** One incident with everything that belongs to it; null when there is none. */
  async detail(incidentId: string): Promise<IncidentDetail | null> {
    const record = await this.record(incidentId);
    if (record === null) return null;
    return {
      ...summaryOf(record),
      events: await this.#eventsOf(incidentId),
      entries: await this.#entriesOf(incidentId),
    };
  }

  /** Events, newest first. */
  async listEvents({ deviceId, limit, includes }: EventFilter): Promise<IncidentEvent[]> {
    const found: IncidentEvent[] = [];
    let before = Number.MAX_SAFE_INTEGER;
    for (let page = 0; page < PAGES; page++) {
      let query = this.#events().where('events.event_no', '<', before).orderBy('events.event_no', 'desc').limit(500);
      if (deviceId !== null) query = query.where('events.device_id', '=', deviceId);
      const rows = await query.execute();
      for (const row of rows) {
        const event = this.#toEvent(row);
        if (includes(event.regionId)) found.push(event);
        if (found.length >= limit) return found;
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < 500) break;
      before = last.event_no;
    }
    return found;
  }

  async #eventsOf(incidentId: string): Promise<IncidentEvent[]> {
    const query = this.#events().where('incident_events.incident_id', '=', incidentId);
    const newest = await query.orderBy('events.event_no', 'desc').limit(SHOWN_EVENTS).execute();
    const [first] = await query.orderBy('events.event_no').limit(1).execute();
    const isCut = first !== undefined && newest.length === SHOWN_EVENTS && newest.at(-1)?.event_no !== first.event_no;
    const rows = isCut ? [...newest.slice(0, -1), first] : newest;
    return rows
      .map((row) => this.#toEvent(row))
      .sort((a, b) => a.event.edgeAtMs - b.event.edgeAtMs || a.hubAtMs - b.hubAtMs);
  }

  async #entriesOf(incidentId: string): Promise<IncidentDetail['entries']> {
    const rows = await this.#storage.db
      .selectFrom('incident_entries')
      .selectAll()
      .where('incident_id', '=', incidentId)
      .orderBy('entry_no', 'desc')
      .limit(SHOWN_ENTRIES)
      .execute();
    return rows.reverse().map(({ at_ms, by, kind, text }) => ({ atMs: at_ms, by, kind, text }));
  }

  #events() {
    return this.#storage.db
      .selectFrom('events')
      .leftJoin('incident_events', 'incident_events.event_no', 'events.event_no')
      .select([
        'events.event_no',
        'events.edge_id',
        'events.hub_at_ms',
        'events.event',
        'incident_events.device_name',
        'incident_events.region_id',
        'incident_events.reasons',
      ]);
  }

  #toEvent(row: {
    edge_id: string;
    hub_at_ms: number;
    event: string;
    device_name: string | null;
    region_id: string | null;
    reasons: string | null;
  }): IncidentEvent {
    const event = JSON.parse(row.event) as EdgeEvent;
    const place = this.#places.ofEvent(row.edge_id, event.deviceId);
    const isLinked = row.device_name !== null;
    return {
      event,
      edgeId: row.edge_id,
      hubAtMs: row.hub_at_ms,
      late: row.hub_at_ms - event.edgeAtMs > LATE_AFTER_MS,
      deviceName: row.device_name ?? place.name,
      regionId: isLinked ? row.region_id : (place.regions.at(-1)?.regionId ?? null),
      reasons: row.reasons === null ? [] : (JSON.parse(row.reasons) as Reason[]),
    };
  }
}
