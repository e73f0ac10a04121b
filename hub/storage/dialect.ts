import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SelectQueryNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { SharpEyesError } from '../../contract/errors.ts';
import type { SqliteDatabase } from '../../platform/sqlite/database.ts';
import type { SqlValue, Statement } from '../../platform/sqlite/protocol.ts';

function toSqlValue(value: unknown): SqlValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
    return value;
  }
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  throw new SharpEyesError('INTERNAL', `a parameter of type ${typeof value} cannot be stored`);
}

/** A compiled query as the database's thread takes it. */
export function statementOf(query: CompiledQuery): Statement {
  return { sql: query.sql, params: query.parameters.map(toSqlValue) };
}

function refuseTransaction(): Promise<never> {
  return Promise.reject(
    new SharpEyesError('INTERNAL', 'the database has no interactive transactions: collect the writes for transact()'),
  );
}

/** The database itself is started and stopped by its owner. */
function nothingToDo(): Promise<void> {
  return Promise.resolve();
}

class Connection implements DatabaseConnection {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { sql, params } = statementOf(query);
    if (SelectQueryNode.is(query.query)) return { rows: (await this.#database.query(sql, params)) as R[] };
    const [result] = await this.#database.transaction([{ sql, params }]);
    return { rows: (result?.rows ?? []) as R[], numAffectedRows: BigInt(result?.changes ?? 0) };
  }

  streamQuery(): AsyncIterableIterator<QueryResult<never>> {
    throw new SharpEyesError('INTERNAL', 'queries are not streamed: read in pages');
  }
}

class SqliteThreadDriver implements Driver {
  readonly #connection: Connection;

  constructor(database: SqliteDatabase) {
    this.#connection = new Connection(database);
  }

  init = nothingToDo;

  acquireConnection(): Promise<DatabaseConnection> {
    return Promise.resolve(this.#connection);
  }

  beginTransaction = refuseTransaction;
  commitTransaction = refuseTransaction;
  rollbackTransaction = refuseTransaction;

  releaseConnection = nothingToDo;

  destroy = nothingToDo;
}

/** Kysely over the SQLite thread: `select` goes to the reading connection, everything else is one small transaction. */
export function sqliteThreadDialect(database: SqliteDatabase): Dialect {
  return {
    createDriver: () => new SqliteThreadDriver(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}
