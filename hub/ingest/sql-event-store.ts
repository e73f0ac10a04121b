import type { Sample } from '../../contract/event.ts';
import type { SqlValue, Statement } from '../../platform/sqlite/protocol.ts';
import type { HubStorage } from '../storage/hub-storage.ts';
import type { LaneMarks } from './marks.ts';
import type { CommitRequest, EventStore } from './ports.ts';
import type { SetAside } from './turn.ts';

/** Newest rows of the table of what was set aside. */
const SET_ASIDE_ROWS = 1000;
/** Rows that one step of the retention removes, so that it never holds the database for long. */
const SWEEP_ROWS = 5000;

// One statement for a whole batch: a JSON array crosses to the database's thread faster than hundreds of statements.
const ADD_EVENTS = `
INSERT INTO events (edge_id, epoch, lane, sequence, device_id, kind, edge_at_ms, hub_at_ms, event)
SELECT ?1, ?2, ?3, value ->> '$[0]', value ->> '$[1].deviceId', value ->> '$[1].kind', value ->> '$[1].edgeAtMs', ?4, value -> '$[1]'
FROM json_each(?5) WHERE true
ON CONFLICT (edge_id, epoch, lane, sequence) DO NOTHING`;

const SET_MARK = `
INSERT INTO ingest_marks (edge_id, epoch, lane, highest) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (edge_id, epoch, lane) DO UPDATE SET highest = max(highest, excluded.highest)`;

const ADD_SAMPLES = `
INSERT INTO samples (device_id, quantity, edge_at_ms, value, unit)
SELECT value ->> '$.deviceId', value ->> '$.quantity', value ->> '$.edgeAtMs', value ->> '$.value', value ->> '$.unit'
FROM json_each(?1) WHERE true
ON CONFLICT (device_id, quantity, edge_at_ms) DO NOTHING`;

function addSetAside(entries: readonly SetAside[]): Statement[] {
  const insert = 'INSERT INTO set_aside (edge_id, source, at_ms, reason, raw) VALUES (?, ?, ?, ?, ?)';
  return [
    ...entries.map(({ edgeId, from, atMs, reason, raw }) => ({
      sql: insert,
      params: [edgeId, from, atMs, reason.slice(0, 500), raw] satisfies SqlValue[],
    })),
    {
      sql: 'DELETE FROM set_aside WHERE entry_no <= (SELECT max(entry_no) FROM set_aside) - ?',
      params: [SET_ASIDE_ROWS],
    },
  ];
}

const SWEEP = `
DELETE FROM samples WHERE (device_id, quantity, edge_at_ms) IN
  (SELECT device_id, quantity, edge_at_ms FROM samples WHERE edge_at_ms < ? ORDER BY edge_at_ms LIMIT ?)`;

/** Bounds of the sensor series. */
export interface SampleRetention {
  days: number;
  rows: number;
}

/** Ingest's tables in the hub's database. */
export class SqlEventStore implements EventStore {
  readonly #storage: Pick<HubStorage, 'db' | 'transact'>;
  /** How many samples there are; counted once, then kept up to date. */
  #sampleRows: number | null = null;

  constructor(storage: Pick<HubStorage, 'db' | 'transact'>) {
    this.#storage = storage;
  }

  async marks(edgeId: string, epoch: string): Promise<LaneMarks> {
    const rows = await this.#storage.db
      .selectFrom('ingest_marks')
      .select(['lane', 'highest'])
      .where('edge_id', '=', edgeId)
      .where('epoch', '=', epoch)
      .execute();
    const marks: LaneMarks = { alarm: 0, event: 0 };
    for (const { lane, highest } of rows) marks[lane] = highest;
    return marks;
  }

  async commit({ edgeId, lane, hubAtMs, gains, setAside }: CommitRequest): Promise<void> {
    const statements: Statement[] = setAside.length > 0 ? addSetAside(setAside) : [];
    for (const { epoch, highest, events } of gains) {
      const rows = JSON.stringify(events.map(({ sequence, event }) => [sequence, event]));
      statements.push({ sql: ADD_EVENTS, params: [edgeId, epoch, lane, hubAtMs, rows] });
      statements.push({ sql: SET_MARK, params: [edgeId, epoch, lane, highest] });
    }
    await this.#storage.transact(statements);
  }

  async setAside(entries: readonly SetAside[]): Promise<void> {
    await this.#storage.transact(addSetAside(entries));
  }

  async addSamples(samples: readonly Sample[]): Promise<void> {
    const [added] = await this.#storage.transact([{ sql: ADD_SAMPLES, params: [JSON.stringify(samples)] }]);
    if (this.#sampleRows !== null) this.#sampleRows += added?.changes ?? 0;
  }

  /** What was set aside, newest first. */
  async listSetAside(limit: number): Promise<SetAside[]> {
    const rows = await this.#storage.db
      .selectFrom('set_aside')
      .selectAll()
      .orderBy('entry_no', 'desc')
      .limit(limit)
      .execute();
    return rows.map(({ edge_id, source, at_ms, reason, raw }) => {
      return { edgeId: edge_id, from: source, atMs: at_ms, reason, raw };
    });
  }

  /** Removes samples beyond the bounds, oldest first and one step at a time; true when there is more to remove. */
  async sweepSamples(nowMs: number, retention: SampleRetention): Promise<boolean> {
    this.#sampleRows ??= await this.#countSamples();
    const tooMany = Math.min(Math.max(0, this.#sampleRows - retention.rows), SWEEP_ROWS);
    const beforeMs = nowMs - retention.days * 86_400_000;
    const results = await this.#storage.transact([
      { sql: SWEEP, params: [beforeMs, SWEEP_ROWS] },
      { sql: SWEEP, params: [Number.MAX_SAFE_INTEGER, tooMany] },
    ]);
    const swept = results.map((result) => result.changes);
    for (const rows of swept) this.#sampleRows -= rows;
    return Math.max(...swept) >= SWEEP_ROWS;
  }

  async #countSamples(): Promise<number> {
    const { db } = this.#storage;
    const { rows } = await db
      .selectFrom('samples')
      .select(db.fn.countAll<number>().as('rows'))
      .executeTakeFirstOrThrow();
    return rows;
  }
}
