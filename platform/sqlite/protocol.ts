/** A value that SQLite stores. */
export type SqlValue = string | number | bigint | null | Uint8Array;

/** One statement with positional parameters. */
export interface Statement {
  sql: string;
  params?: readonly SqlValue[];
}

/** What a statement gave: rows of a query (or of RETURNING), number of rows changed. */
export interface StatementResult {
  rows: Record<string, SqlValue>[];
  changes: number;
}

/** From the owner's thread to the database's; several travel together as an array. */
export type SqliteRequest =
  | { type: 'transaction'; id: number; statements: readonly Statement[] }
  | { type: 'query'; id: number; statement: Statement }
  | { type: 'close'; id: number };

/** What a failed statement says; `full` when the disk or its quota is. */
export interface SqliteFailure {
  message: string;
  full: boolean;
  constraint: boolean;
}

/** What became of one request. */
export type SqliteOutcome = { id: number } & ({ results: StatementResult[] } | { failure: SqliteFailure });

/** From the database's thread to the owner's. */
export type SqliteReply =
  | { type: 'ready' }
  | { type: 'failed'; failure: SqliteFailure }
  | { type: 'outcomes'; outcomes: readonly SqliteOutcome[] };

/** What the worker is started with. */
export interface SqliteWorkerData {
  file: string;
  migrations: readonly string[];
}
