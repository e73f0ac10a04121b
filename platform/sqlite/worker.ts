/**
 * The database's own thread. `node:sqlite` is synchronous, so it never shares a thread with pictures or sockets.
 * One connection writes, one reads. Transactions that arrive while one commits are put into the next commit together
 * (group commit); each of them is atomic by itself (savepoint) and fails alone.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../contract/errors.ts';
import { migrate } from './migrate.ts';
import type {
  SqliteFailure,
  SqliteOutcome,
  SqliteReply,
  SqliteRequest,
  SqliteWorkerData,
  SqlValue,
  Statement,
  StatementResult,
} from './protocol.ts';

const STATEMENT_CACHE_SIZE = 500;
/** Most transactions in one commit, so that a flood does not make one commit endless. */
const GROUP_SIZE = 512;

const SQLITE_FULL = 13;
const SQLITE_CONSTRAINT = 19;

const port = parentPort;
if (port === null) throw new Error('platform/sqlite/worker.ts runs only as a worker thread');
const { file, migrations } = workerData as SqliteWorkerData;

type Transaction = Extract<SqliteRequest, { type: 'transaction' }>;

function failureOf(error: unknown): SqliteFailure {
  const code = (error as { errcode?: number }).errcode ?? 0;
  return {
    message: messageOf(error),
    full: (code & 0xff) === SQLITE_FULL,
    constraint: (code & 0xff) === SQLITE_CONSTRAINT,
  };
}

/** A connection with its prepared statements, the most recently used kept. */
class Connection {
  readonly database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.database = database;
  }

  run(statement: Statement): StatementResult {
    const prepared = this.#prepare(statement.sql);
    const params = (statement.params ?? []) as SqlValue[];
    if (prepared.columns().length > 0) {
      const rows = prepared.all(...params) as Record<string, SqlValue>[];
      return { rows: rows.map((row) => ({ ...row })), changes: rows.length };
    }
    return { rows: [], changes: Number(prepared.run(...params).changes) };
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) {
      this.#statements.delete(sql);
      this.#statements.set(sql, known);
      return known;
    }
    const prepared = this.database.prepare(sql);
    this.#statements.set(sql, prepared);
    if (this.#statements.size > STATEMENT_CACHE_SIZE) {
      const oldest = this.#statements.keys().next();
      if (!oldest.done) this.#statements.delete(oldest.value);
    }
    return prepared;
  }
}

function open(path: string): Connection {
  const database = new DatabaseSync(path, { timeout: 5000 });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
  return new Connection(database);
}

function reply(message: SqliteReply): void {
  port?.postMessage(message);
}

/** Runs one transaction inside the open one. Null when SQLite rolled back everything (disk full, I/O error). */
function runInside(writer: Connection, transaction: Transaction): SqliteOutcome | null {
  writer.database.exec('SAVEPOINT one');
  try {
    const results = transaction.statements.map((statement) => writer.run(statement));
    writer.database.exec('RELEASE one');
    return { id: transaction.id, results };
  } catch (error) {
    if (!writer.database.isTransaction) return null;
    writer.database.exec('ROLLBACK TO one; RELEASE one');
    return { id: transaction.id, failure: failureOf(error) };
  }
}

function runAlone(writer: Connection, transaction: Transaction): SqliteOutcome {
  try {
    writer.database.exec('BEGIN IMMEDIATE');
    const results = transaction.statements.map((statement) => writer.run(statement));
    writer.database.exec('COMMIT');
    return { id: transaction.id, results };
  } catch (error) {
    const failure = failureOf(error);
    if (writer.database.isTransaction) writer.database.exec('ROLLBACK');
    return { id: transaction.id, failure };
  }
}

function runTogether(writer: Connection, group: readonly Transaction[]): SqliteOutcome[] | null {
  const outcomes: SqliteOutcome[] = [];
  try {
    writer.database.exec('BEGIN IMMEDIATE');
    for (const transaction of group) {
      const outcome = runInside(writer, transaction);
      if (outcome === null) return null;
      outcomes.push(outcome);
    }
    writer.database.exec('COMMIT');
    return outcomes;
  } catch {
    // The commit of the group failed, so none of it is stored; each is tried alone and gets its own reason.
    if (writer.database.isTransaction) writer.database.exec('ROLLBACK');
    return null;
  }
}

function commitGroup(writer: Connection, group: readonly Transaction[]): void {
  const together = group.length > 1 ? runTogether(writer, group) : null;
  reply({ type: 'outcomes', outcomes: together ?? group.map((transaction) => runAlone(writer, transaction)) });
}

function queried(reader: Connection, { id, statement }: Extract<SqliteRequest, { type: 'query' }>): SqliteOutcome {
  try {
    return { id, results: [reader.run(statement)] };
  } catch (error) {
    return { id, failure: failureOf(error) };
  }
}

function serve(writer: Connection, reader: Connection): void {
  let waiting: Transaction[] = [];
  let scheduled = false;

  const commitWaiting = (): void => {
    scheduled = false;
    const group = waiting.slice(0, GROUP_SIZE);
    waiting = waiting.slice(GROUP_SIZE);
    if (waiting.length > 0) schedule();
    commitGroup(writer, group);
  };
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    // The port delivers everything that is queued before the next immediate: that is the group.
    setImmediate(commitWaiting);
  };

  port?.on('message', (requests: readonly SqliteRequest[]) => {
    const answered: SqliteOutcome[] = [];
    for (const request of requests) {
      if (request.type === 'transaction') {
        waiting.push(request);
        schedule();
      } else if (request.type === 'query') answered.push(queried(reader, request));
      else {
        while (waiting.length > 0) commitWaiting();
        reader.database.close();
        writer.database.close();
        answered.push({ id: request.id, results: [] });
        reply({ type: 'outcomes', outcomes: answered });
        // What was asked behind it is refused with the end of this thread.
        return port?.close();
      }
    }
    if (answered.length > 0) reply({ type: 'outcomes', outcomes: answered });
  });
  reply({ type: 'ready' });
}

try {
  const writer = open(file);
  migrate(writer.database, migrations);
  const reader = open(file);
  reader.database.exec('PRAGMA query_only = ON');
  serve(writer, reader);
} catch (error) {
  reply({ type: 'failed', failure: failureOf(error) });
}
