import { LANES, type Lane } from '../../contract/event.ts';
import type { SqliteDatabase } from '../../platform/sqlite/database.ts';
import type { Statement } from '../../platform/sqlite/protocol.ts';
import { OldReports, rememberPart, type StoredPart, TAKEN_REPORTS_MIGRATION, unlessTaken } from './taken-reports.ts';

/** An event that waits; `position` only orders, sequence numbers follow from it (see {@link OutboxStorage}). */
export interface OutboxRow {
  position: number;
  json: string;
}

/** An event to be stored. */
export interface NewRow {
  lane: Lane;
  json: string;
  /** Of which report of the device. */
  part?: StoredPart;
}

/** A lane as it lies on the disk. */
export interface StoredLane {
  /** Highest sequence the hub has committed. */
  acked: number;
  rows: number;
  bytes: number;
  /** Position of the newest row; 0 when there is none. */
  tailPosition: number;
}

/** Everything the outbox knows at start. */
export interface OutboxSnapshot {
  epoch: string;
  lanes: Record<Lane, StoredLane>;
}

/**
 * Where events wait. The n-th oldest row of a lane has the sequence `acked + n`; nothing else is stored about sequences.
 * So rows may be removed from the old end only by an acknowledgement (which raises `acked` in the same commit), and
 * otherwise only beyond the rows that may already have been sent.
 */
export interface OutboxStorage {
  /** Reads the state; a store that is new gets the given epoch. */
  load(newEpoch: string): Promise<OutboxSnapshot>;
  /**
   * Stores all events or none; resolves with their positions after the commit is on the disk. Null: the device repeats
   * a report of which this part was stored before.
   */
  append(rows: readonly NewRow[]): Promise<(number | null)[]>;
  /** The oldest rows behind a position. */
  read(lane: Lane, afterPosition: number, limit: number): Promise<OutboxRow[]>;
  /** Removes the `count` oldest rows and records `acked`, in one commit. Resolves with the bytes removed. */
  acknowledge(lane: Lane, count: number, acked: number): Promise<number>;
  /** Begins a new epoch: every lane counts from 1 again. */
  startEpoch(epoch: string): Promise<void>;
  /** Removes up to `count` of the oldest rows, sparing the `spare` oldest. */
  drop(lane: Lane, spare: number, count: number): Promise<{ rows: number; bytes: number }>;
}

/** Schema of the outbox's database. */
export const OUTBOX_MIGRATIONS: readonly string[] = [
  `CREATE TABLE event (
     position INTEGER PRIMARY KEY AUTOINCREMENT, -- order of commit; never reused
     lane TEXT NOT NULL,
     json TEXT NOT NULL                          -- an EdgeEvent of contract/event.ts
   ) STRICT;
   CREATE INDEX event_by_lane ON event (lane, position);
   CREATE TABLE lane (
     lane TEXT PRIMARY KEY,
     acked INTEGER NOT NULL                      -- highest sequence the hub has committed in this epoch
   ) STRICT;
   CREATE TABLE epoch (
     one INTEGER PRIMARY KEY CHECK (one = 1),
     epoch TEXT NOT NULL
   ) STRICT;
   CREATE TABLE sample_batch (
     position INTEGER PRIMARY KEY AUTOINCREMENT,
     samples INTEGER NOT NULL,                   -- number of samples in it
     json TEXT NOT NULL                          -- a SampleBatch of contract/topics.ts
   ) STRICT;`,
  TAKEN_REPORTS_MIGRATION,
];

/** {@link OutboxStorage} in SQLite. The database is started and stopped by its owner. */
export class SqliteOutboxStorage implements OutboxStorage {
  readonly #database: SqliteDatabase;
  readonly #oldReports = new OldReports();

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  async load(newEpoch: string): Promise<OutboxSnapshot> {
    await this.#database.transaction([
      { sql: 'INSERT OR IGNORE INTO epoch (one, epoch) VALUES (1, ?)', params: [newEpoch] },
      ...LANES.map((lane) => ({ sql: 'INSERT OR IGNORE INTO lane (lane, acked) VALUES (?, 0)', params: [lane] })),
    ]);
    const [epoch] = await this.#database.query('SELECT epoch FROM epoch');
    const rows = await this.#database.query(
      `SELECT lane.lane, acked, count(position) AS rows, coalesce(sum(length(json)), 0) AS bytes,
              coalesce(max(position), 0) AS tail
         FROM lane LEFT JOIN event ON event.lane = lane.lane GROUP BY lane.lane`,
    );
    const stored = (lane: Lane): StoredLane => {
      const row = rows.find((candidate) => candidate['lane'] === lane);
      return {
        acked: Number(row?.['acked'] ?? 0),
        rows: Number(row?.['rows'] ?? 0),
        bytes: Number(row?.['bytes'] ?? 0),
        tailPosition: Number(row?.['tail'] ?? 0),
      };
    };
    return { epoch: String(epoch?.['epoch']), lanes: { alarm: stored('alarm'), event: stored('event') } };
  }

  async append(rows: readonly NewRow[]): Promise<(number | null)[]> {
    const inserts: number[] = [];
    const statements: Statement[] = [];
    for (const { lane, json, part } of rows) {
      const unless = unlessTaken(part);
      const sql = `INSERT INTO event (lane, json) SELECT ?, ? ${unless.sql} RETURNING position`;
      inserts.push(statements.length);
      statements.push({ sql, params: [lane, json, ...unless.params] });
      statements.push(...rememberPart(part), ...this.#oldReports.due(part));
    }
    const results = await this.#database.transaction(statements);
    return inserts.map((at) => {
      const position = results[at]?.rows[0]?.['position'];
      return position === undefined ? null : Number(position);
    });
  }

  async read(lane: Lane, afterPosition: number, limit: number): Promise<OutboxRow[]> {
    const rows = await this.#database.query(
      'SELECT position, json FROM event WHERE lane = ? AND position > ? ORDER BY position LIMIT ?',
      [lane, afterPosition, limit],
    );
    return rows.map((row) => ({ position: Number(row['position']), json: String(row['json']) }));
  }

  async acknowledge(lane: Lane, count: number, acked: number): Promise<number> {
    const [removed] = await this.#database.transaction([
      {
        sql: `DELETE FROM event WHERE position IN
                (SELECT position FROM event WHERE lane = ? ORDER BY position LIMIT ?)
              RETURNING length(json) AS bytes`,
        params: [lane, count],
      },
      { sql: 'UPDATE lane SET acked = ? WHERE lane = ?', params: [acked, lane] },
    ]);
    return sumBytes(removed?.rows);
  }

  async startEpoch(epoch: string): Promise<void> {
    await this.#database.transaction([
      { sql: 'UPDATE epoch SET epoch = ?', params: [epoch] },
      { sql: 'UPDATE lane SET acked = 0' },
    ]);
  }

  async drop(lane: Lane, spare: number, count: number): Promise<{ rows: number; bytes: number }> {
    const [removed] = await this.#database.transaction([
      {
        sql: `DELETE FROM event WHERE position IN
                (SELECT position FROM event WHERE lane = ? ORDER BY position LIMIT ? OFFSET ?)
              RETURNING length(json) AS bytes`,
        params: [lane, count, spare],
      },
    ]);
    return { rows: removed?.rows.length ?? 0, bytes: sumBytes(removed?.rows) };
  }
}

function sumBytes(rows: readonly Record<string, unknown>[] | undefined): number {
  return (rows ?? []).reduce((sum, row) => sum + Number(row['bytes']), 0);
}
