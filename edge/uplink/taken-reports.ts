import type { SqlValue, Statement } from '../../platform/sqlite/protocol.ts';
import type { ReportPart } from '../profiles/report-identity.ts';

/** Whose report an event is a part of, and when it was taken. */
export interface StoredPart extends ReportPart {
  deviceId: string;
  edgeAtMs: number;
}

/** Reports remembered of one device; more than any device has under way without an answer. */
const KEPT = 256;
/** Old ones are removed once for so many new ones: looking for them costs more than keeping them a while. */
const FORGOTTEN_EVERY = 64;

/** Which reports of devices are stored; lies beside the events so that both are one commit. */
export const TAKEN_REPORTS_MIGRATION = `CREATE TABLE report (
     number INTEGER PRIMARY KEY AUTOINCREMENT,
     device_id TEXT NOT NULL,
     key TEXT NOT NULL,           -- the same for a repetition
     edge_at_ms REAL NOT NULL,
     parts TEXT NOT NULL,         -- the events of it that are stored, each between line feeds
     UNIQUE (device_id, key)
   ) STRICT;
   CREATE INDEX report_by_device ON report (device_id, number);`;

/** The end of an `INSERT … SELECT`: nothing is inserted when the part was stored before. */
export function unlessTaken(part: StoredPart | undefined): { sql: string; params: SqlValue[] } {
  const repeats = part?.report.repeats ?? null;
  if (part === undefined || repeats === null) return { sql: '', params: [] };
  // By its key first: nearly always there is none, and nothing is counted.
  const sql = `WHERE NOT EXISTS (
      SELECT 1 FROM report WHERE device_id = ? AND key = ? AND edge_at_ms >= ? AND edge_at_ms < ? AND instr(parts, ?) > 0
         AND (SELECT count(*) FROM report AS newer WHERE newer.device_id = report.device_id
                 AND newer.number > report.number) < ?)`;
  const { fromMs, untilMs, newest } = repeats;
  return { sql, params: [part.deviceId, part.report.key, fromMs, untilMs, between(part.part), newest] };
}

/** Remembers the part; run after the event itself was inserted under the same condition. */
export function rememberPart(part: StoredPart | undefined): Statement[] {
  if (part === undefined) return [];
  const { deviceId, edgeAtMs, isFirst } = part;
  const values = [deviceId, part.report.key, edgeAtMs, between(part.part)];
  const columns = 'report (device_id, key, edge_at_ms, parts)';
  const unless = unlessTaken(part);
  if (!isFirst) {
    const sql = `INSERT INTO ${columns} VALUES (?, ?, ?, ?)
      ON CONFLICT (device_id, key) DO UPDATE SET parts = parts || excluded.parts`;
    return [{ sql, params: values }];
  }
  const sql = `INSERT OR REPLACE INTO ${columns} SELECT ?, ?, ?, ? ${unless.sql}`;
  return [{ sql, params: [...values, ...unless.params] }];
}

/** Removes what is older than the reports that are kept of each device; says so once in a while, else nothing. */
export class OldReports {
  readonly #sinceRemoved = new Map<string, number>();

  /** The statement that is due with this part, if any. */
  due(part: StoredPart | undefined): Statement[] {
    if (part?.isFirst !== true) return [];
    const { deviceId } = part;
    // The first of a process as well: it may have ended shortly before the last was due.
    const since = this.#sinceRemoved.get(deviceId) ?? FORGOTTEN_EVERY;
    this.#sinceRemoved.set(deviceId, since >= FORGOTTEN_EVERY ? 1 : since + 1);
    if (since < FORGOTTEN_EVERY) return [];
    const sql = `DELETE FROM report WHERE device_id = ? AND number <=
      (SELECT number FROM report WHERE device_id = ? ORDER BY number DESC LIMIT 1 OFFSET ?)`;
    return [{ sql, params: [deviceId, deviceId, KEPT] }];
  }
}

function between(part: string): string {
  return `\n${part.replaceAll('\n', ' ')}\n`;
}
