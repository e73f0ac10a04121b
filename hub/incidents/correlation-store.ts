import { sql } from 'kysely';
import { type EdgeEvent, LANES, type Lane } from '../../contract/event.ts';
import type { IncidentState } from '../../contract/incident.ts';
import type { Statement } from '../../platform/sqlite/protocol.ts';
import type { HubStorage } from '../storage/hub-storage.ts';
import type { ChangeSet, IncidentRecord } from './incident-record.ts';
import { toRecord, toRow } from './incident-rows.ts';

/** A committed event on its way into correlation. */
export interface StoredEvent {
  eventNo: number;
  edgeId: string;
  hubAtMs: number;
  event: EdgeEvent;
}

/** An event of an open incident, as far as linking has to remember it. */
export interface Membership {
  incidentId: string;
  deviceId: string;
  kind: string;
  source: string | null;
  state: string;
  edgeAtMs: number;
}

const PAGE = 5000;
// A literal lets SQLite use the index on what is not closed.
const CLOSED = sql.lit<IncidentState>('closed');

// One statement for all links of a chunk, as in ingest.
const ADD_LINKS = `
INSERT INTO incident_events (event_no, incident_id, device_name, region_id, reasons)
SELECT value ->> '$.eventNo', value ->> '$.incidentId', value ->> '$.deviceName', value ->> '$.regionId', value -> '$.reasons'
FROM json_each(?1)`;
const ADD_ENTRIES = `
INSERT INTO incident_entries (incident_id, at_ms, "by", kind, text)
SELECT value ->> '$.incidentId', value ->> '$.atMs', value ->> '$.by', value ->> '$.kind', value ->> '$.text'
FROM json_each(?1)`;
const SET_MARK = `
INSERT INTO correlation_marks (lane, event_no) VALUES (?1, ?2)
ON CONFLICT (lane) DO UPDATE SET event_no = excluded.event_no`;

/**
 * What correlation reads and writes. A decision, the links it makes and the mark of the lane are one transaction, so
 * after a crash every event is decided on exactly once: those below the mark were, those above it were not.
 */
export class CorrelationStore {
  readonly #storage: Pick<HubStorage, 'db' | 'transact'>;

  constructor(storage: Pick<HubStorage, 'db' | 'transact'>) {
    this.#storage = storage;
  }

  /** How far correlation is on each lane. */
  async marks(): Promise<Record<Lane, number>> {
    const marks: Record<Lane, number> = { alarm: 0, event: 0 };
    const rows = await this.#storage.db.selectFrom('correlation_marks').selectAll().execute();
    for (const { lane, event_no } of rows) marks[lane] = event_no;
    return marks;
  }

  /** Events of a lane that were committed after `eventNo`, in order. */
  async eventsAfter(lane: Lane, eventNo: number, limit: number): Promise<StoredEvent[]> {
    // A literal lane lets SQLite use the index on alarms alone.
    const { db } = this.#storage;
    const rows = await db
      .selectFrom('events')
      .select(['event_no', 'edge_id', 'hub_at_ms', 'event'])
      .where('lane', '=', sql.lit<Lane>(lane))
      .where('event_no', '>', eventNo)
      .orderBy('event_no')
      .limit(limit)
      .execute();
    return rows.map(toStored);
  }

  /** Stores what decisions changed, and how far they went. */
  async commit(changes: ChangeSet, mark: { lane: Lane; eventNo: number } | null): Promise<void> {
    const { db } = this.#storage;
    const { opened, changed, links, entries } = changes;
    const updated = [...changed.values()].filter((record) => !opened.has(record.incidentId));
    const rest: Statement[] = [];
    if (links.length > 0) rest.push({ sql: ADD_LINKS, params: [JSON.stringify(links)] });
    if (entries.length > 0) rest.push({ sql: ADD_ENTRIES, params: [JSON.stringify(entries)] });
    if (mark !== null) rest.push({ sql: SET_MARK, params: [mark.lane, mark.eventNo] });
    await this.#storage.transact([
      ...[...opened.values()].map((record) => db.insertInto('incidents').values(toRow(record))),
      ...updated.map((record) => {
        const { incident_id, ...columns } = toRow(record);
        return db.updateTable('incidents').set(columns).where('incident_id', '=', incident_id);
      }),
      ...rest,
    ]);
  }

  /** Running number of the newest incident. */
  async lastNumber(): Promise<number> {
    const { db } = this.#storage;
    const row = await db.selectFrom('incidents').select(db.fn.max('number').as('last')).executeTakeFirst();
    return row?.last ?? 0;
  }

  /** The newest incidents that are not closed, oldest of them first. */
  async openIncidents(limit: number): Promise<IncidentRecord[]> {
    const rows = await this.#storage.db
      .selectFrom('incidents')
      .selectAll()
      .where('state', '<>', CLOSED)
      .orderBy('number', 'desc')
      .limit(limit)
      .execute();
    return rows.map(toRecord).reverse();
  }

  /** Events of all incidents that are not closed, page by page, in the order of commits. */
  async *memberships(): AsyncGenerator<Membership[]> {
    let after = 0;
    for (;;) {
      const rows = await this.#storage.db
        .selectFrom('incident_events')
        .innerJoin('incidents', 'incidents.incident_id', 'incident_events.incident_id')
        .innerJoin('events', 'events.event_no', 'incident_events.event_no')
        .select(['events.event_no', 'incident_events.incident_id', 'events.event'])
        .where('incidents.state', '<>', CLOSED)
        .where('events.event_no', '>', after)
        .orderBy('events.event_no')
        .limit(PAGE)
        .execute();
      yield rows.map(({ incident_id, event }) => {
        const { deviceId, kind, source, state, edgeAtMs } = JSON.parse(event) as EdgeEvent;
        return { incidentId: incident_id, deviceId, kind, source: source ?? null, state, edgeAtMs };
      });
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE) return;
      after = last.event_no;
    }
  }

  /** The newest events that were decided on and belong to no incident, oldest first. */
  async looseEvents(sinceHubAtMs: number, limit: number, marks: Record<Lane, number>): Promise<StoredEvent[]> {
    const { db } = this.#storage;
    const perLane = await Promise.all(
      LANES.map((lane) =>
        db
          .selectFrom('events')
          .leftJoin('incident_events', 'incident_events.event_no', 'events.event_no')
          .select(['events.event_no', 'edge_id', 'hub_at_ms', 'event'])
          .where('events.lane', '=', sql.lit<Lane>(lane))
          .where('events.event_no', '<=', marks[lane])
          .where('hub_at_ms', '>=', sinceHubAtMs)
          .where('incident_events.event_no', 'is', null)
          .orderBy('events.event_no', 'desc')
          .limit(limit)
          .execute(),
      ),
    );
    return perLane
      .flat()
      .map(toStored)
      .sort((a, b) => a.eventNo - b.eventNo)
      .slice(-limit);
  }
}

function toStored(row: { event_no: number; edge_id: string; hub_at_ms: number; event: string }): StoredEvent {
  const { event_no, edge_id, hub_at_ms, event } = row;
  return { eventNo: event_no, edgeId: edge_id, hubAtMs: hub_at_ms, event: JSON.parse(event) as EdgeEvent };
}
