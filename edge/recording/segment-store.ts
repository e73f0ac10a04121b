import type { RecordingGap, SegmentRecord } from '../../contract/footage.ts';
import { CHAIN_START, type SegmentFacts } from '../../evidence/chain/chain.ts';
import { nextLink } from '../../evidence/chain/chain-node.ts';
import type { SqliteDatabase } from '../../platform/sqlite/database.ts';
import type { SqlValue } from '../../platform/sqlite/protocol.ts';

/** A stream of a device. */
export interface StreamRef {
  deviceId: string;
  stream: 'main' | 'sub';
}

/** A finished segment and where its file lies. */
export interface StoredSegment {
  record: SegmentRecord;
  path: string;
}

/** A segment before it has its number in the chain. */
export type UnlinkedSegment = Omit<SegmentFacts, 'sequence'> & { path: string };

/** Schema of the recording index. */
export const RECORDING_MIGRATIONS: readonly string[] = [
  `CREATE TABLE segment (
     device_id TEXT NOT NULL,
     stream TEXT NOT NULL,
     sequence INTEGER NOT NULL,          -- counts up by one within a stream
     start_at_ms REAL NOT NULL,          -- edge time of the first frame
     end_at_ms REAL NOT NULL,            -- edge time of the end of the last frame
     bytes INTEGER NOT NULL,
     frames INTEGER NOT NULL,
     sha256 TEXT NOT NULL,
     previous TEXT NOT NULL,
     hash TEXT NOT NULL,
     path TEXT NOT NULL UNIQUE,
     PRIMARY KEY (device_id, stream, sequence)
   ) STRICT;
   CREATE INDEX segment_by_time ON segment (device_id, stream, start_at_ms);
   CREATE INDEX segment_by_age ON segment (start_at_ms);
   CREATE TABLE chain_head (             -- outlives the segments that retention removes
     device_id TEXT NOT NULL,
     stream TEXT NOT NULL,
     sequence INTEGER NOT NULL,
     hash TEXT NOT NULL,
     end_at_ms REAL NOT NULL,
     PRIMARY KEY (device_id, stream)
   ) STRICT;
   CREATE TABLE gap (
     device_id TEXT NOT NULL,
     stream TEXT NOT NULL,
     from_ms REAL NOT NULL,
     to_ms REAL NOT NULL,
     cause TEXT NOT NULL                 -- GAP_CAUSES of contract/footage.ts
   ) STRICT;
   CREATE INDEX gap_by_time ON gap (device_id, stream, from_ms);`,
];

interface Head {
  sequence: number;
  hash: string;
  endAtMs: number;
}

/** Most segments of one answer; 5000 is what a command's reply may hold. */
const MAX_SEGMENTS = 5000;
const MAX_GAPS = 1000;

/** Index of what was recorded: segments with their links in the hash chain, gaps with their causes. */
export class SegmentStore {
  readonly #database: SqliteDatabase;
  readonly #heads = new Map<string, Head>();
  #totalBytes = 0;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  /** Reads where every chain ends. The database is started and stopped by its owner. */
  async load(): Promise<void> {
    const [sum] = await this.#database.query('SELECT coalesce(sum(bytes), 0) AS bytes FROM segment');
    this.#totalBytes = Number(sum?.['bytes']);
    for (const row of await this.#database.query('SELECT * FROM chain_head')) {
      const head = { sequence: Number(row['sequence']), hash: String(row['hash']), endAtMs: Number(row['end_at_ms']) };
      this.#heads.set(`${row['device_id']}/${row['stream']}`, head);
    }
  }

  /** Bytes of all finished segments. */
  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** Number that the stream's next segment gets. */
  nextSequence(ref: StreamRef): number {
    return (this.#heads.get(keyOf(ref))?.sequence ?? -1) + 1;
  }

  /** Edge time up to which footage or a gap is known; null when the stream was never recorded. */
  async accountedUntilMs(ref: StreamRef): Promise<number | null> {
    const sql = 'SELECT max(to_ms) AS at FROM gap WHERE device_id = ? AND stream = ?';
    const [row] = await this.#database.query(sql, [ref.deviceId, ref.stream]);
    const head = this.#heads.get(keyOf(ref))?.endAtMs ?? null;
    if (row?.['at'] == null) return head;
    return Math.max(head ?? 0, Number(row['at']));
  }

  /** Links a finished segment into its stream's chain. Calls for one stream must not overlap. */
  async add({ path, ...facts }: UnlinkedSegment): Promise<SegmentRecord> {
    const head = this.#heads.get(keyOf(facts));
    const record = nextLink(head?.hash ?? CHAIN_START, { ...facts, sequence: (head?.sequence ?? -1) + 1 });
    const { deviceId, stream, sequence, startAtMs, endAtMs, bytes, frames, sha256, previous, hash } = record;
    await this.#database.transaction([
      {
        sql: `INSERT INTO segment (device_id, stream, sequence, start_at_ms, end_at_ms, bytes, frames, sha256, previous,
                hash, path) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        params: [deviceId, stream, sequence, startAtMs, endAtMs, bytes, frames, sha256, previous, hash, path],
      },
      {
        sql: 'INSERT OR REPLACE INTO chain_head (device_id, stream, sequence, hash, end_at_ms) VALUES (?, ?, ?, ?, ?)',
        params: [deviceId, stream, sequence, hash, endAtMs],
      },
    ]);
    this.#heads.set(keyOf(record), { sequence, hash, endAtMs });
    this.#totalBytes += bytes;
    return record;
  }

  /** Paths of all finished segments. */
  async paths(): Promise<Set<string>> {
    const rows = await this.#database.query('SELECT path FROM segment');
    return new Set(rows.map((row) => String(row['path'])));
  }

  /** Segments that overlap [fromMs, toMs), in order of recording; at most 5000. */
  async between(ref: StreamRef, fromMs: number, toMs: number): Promise<StoredSegment[]> {
    const rows = await this.#database.query(
      `SELECT * FROM segment WHERE device_id = ? AND stream = ? AND start_at_ms < ? AND end_at_ms > ?
        ORDER BY sequence LIMIT ${MAX_SEGMENTS}`,
      [ref.deviceId, ref.stream, toMs, fromMs],
    );
    return rows.map(segmentOf);
  }

  /** The oldest segments of all streams. */
  async oldest(count: number): Promise<StoredSegment[]> {
    return (await this.#database.query('SELECT * FROM segment ORDER BY start_at_ms LIMIT ?', [count])).map(segmentOf);
  }

  /** Edge time of the stream's oldest footage; null when there is none. */
  async oldestAtMs(ref: StreamRef): Promise<number | null> {
    const [row] = await this.#database.query(
      'SELECT min(start_at_ms) AS at FROM segment WHERE device_id = ? AND stream = ?',
      [ref.deviceId, ref.stream],
    );
    return row?.['at'] == null ? null : Number(row['at']);
  }

  /** Forgets segments whose files are gone, and gaps older than everything that is left. */
  async forget(segments: readonly { path: string }[]): Promise<void> {
    const [removed] = await this.#database.transaction([
      {
        sql: 'DELETE FROM segment WHERE path IN (SELECT value FROM json_each(?)) RETURNING bytes',
        params: [JSON.stringify(segments.map(({ path }) => path))],
      },
      { sql: 'DELETE FROM gap WHERE to_ms < (SELECT min(start_at_ms) FROM segment)' },
    ]);
    for (const row of removed?.rows ?? []) this.#totalBytes -= Number(row['bytes']);
  }

  async addGap(ref: StreamRef, gap: RecordingGap): Promise<void> {
    const params: SqlValue[] = [ref.deviceId, ref.stream, gap.fromMs, gap.toMs, gap.cause];
    const sql = 'INSERT INTO gap (device_id, stream, from_ms, to_ms, cause) VALUES (?, ?, ?, ?, ?)';
    await this.#database.transaction([{ sql, params }]);
  }

  /** Gaps that overlap [fromMs, toMs), cut to it; at most 1000. */
  async gaps(ref: StreamRef, fromMs: number, toMs: number): Promise<RecordingGap[]> {
    const rows = await this.#database.query(
      `SELECT * FROM gap WHERE device_id = ? AND stream = ? AND from_ms < ? AND to_ms > ?
        ORDER BY from_ms LIMIT ${MAX_GAPS}`,
      [ref.deviceId, ref.stream, toMs, fromMs],
    );
    return rows.map((row) => ({
      fromMs: Math.max(fromMs, Number(row['from_ms'])),
      toMs: Math.min(toMs, Number(row['to_ms'])),
      cause: String(row['cause']) as RecordingGap['cause'],
    }));
  }
}

/** Name of a stream in maps of this folder. */
export function keyOf({ deviceId, stream }: StreamRef): string {
  return `${deviceId}/${stream}`;
}

function segmentOf(row: Record<string, SqlValue>): StoredSegment {
  const record: SegmentRecord = {
    deviceId: String(row['device_id']),
    stream: row['stream'] === 'sub' ? 'sub' : 'main',
    sequence: Number(row['sequence']),
    startAtMs: Number(row['start_at_ms']),
    endAtMs: Number(row['end_at_ms']),
    bytes: Number(row['bytes']),
    frames: Number(row['frames']),
    sha256: String(row['sha256']),
    previous: String(row['previous']),
    hash: String(row['hash']),
  };
  return { record, path: String(row['path']) };
}
