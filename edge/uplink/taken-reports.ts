import type { SqlValue, Statement } from '../../platform/sqlite/protocol.ts';
import type { ReportPart } from '../profiles/report-identity.ts';

/** Whose report an event is a part of, and when it was taken. */
export interface StoredPart extends ReportPart {
  deviceId: string;
  edgeAtMs: number;
}

/** Reports remembered of one device; more than any device has under way without an answer. */
const KEPT = 256;

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
  const sql = `WHERE NOT EXISTS (
      SELECT 1 FROM (SELECT key, edge_at_ms, parts FROM report WHERE device_id = ? ORDER BY number DESC LIMIT ?)
       WHERE key = ? AND edge_at_ms >= ? AND edge_at_ms < ? AND instr(parts, ?) > 0)`;
  const { fromMs, untilMs, newest } = repeats;
  return { sql, params: [part.deviceId, newest, part.report.key, fromMs, untilMs, between(part.part)] };
}

/** Remembers the part; run after the event itself was inserted under the same condition. */
export function reportStatements(part: StoredPart | undefined): Statement[] {
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
  return [
    { sql: `INSERT OR REPLACE INTO ${columns} SELECT ?, ?, ?, ? ${unless.sql}`, params: [...values, ...unless.params] },
    {
      sql: `DELETE FROM report WHERE device_id = ? AND number <=
              (SELECT number FROM report WHERE device_id = ? ORDER BY number DESC LIMIT 1 OFFSET ?)`,
      params: [deviceId, deviceId, KEPT],
    },
  ];
}

function between(part: string): string {
  return `\n${part.replaceAll('\n', ' ')}\n`;
}
