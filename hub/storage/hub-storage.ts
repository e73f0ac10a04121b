import { type Compilable, Kysely } from 'kysely';
import type { Log } from '../../platform/log.ts';
import { SqliteDatabase } from '../../platform/sqlite/database.ts';
import type { Statement, StatementResult } from '../../platform/sqlite/protocol.ts';
import { sqliteThreadDialect, statementOf } from './dialect.ts';
import { MIGRATIONS } from './migrations.ts';
import type { HubSchema } from './schema.ts';

/** The hub's database: typed queries for everything, and atomic writes of several queries together. */
export class HubStorage {
  /** Typed queries. Each write by itself is one transaction; several belong into {@link transact}. */
  readonly db: Kysely<HubSchema>;
  readonly #database: SqliteDatabase;

  /** @param options `file` is created when it is missing */
  constructor(options: { file: string; log: Log }) {
    this.#database = new SqliteDatabase({ file: options.file, migrations: MIGRATIONS, log: options.log });
    this.db = new Kysely<HubSchema>({ dialect: sqliteThreadDialect(this.#database) });
  }

  /** Opens the file and brings its schema up to date; rejects with STORAGE_FAILED. */
  start(): Promise<void> {
    return this.#database.start();
  }

  /** Commits what waits and closes the file. */
  async stop(): Promise<void> {
    await this.db.destroy();
    await this.#database.stop();
  }

  /**
   * Runs writes as one atomic transaction and resolves after its commit is on the disk. Rejects with CONFLICT when a
   * constraint does not hold, STORAGE_FULL or STORAGE_FAILED; then nothing of it was stored.
   * @param writes Kysely queries, or SQL with positional parameters where a hot path compiles once
   */
  transact(writes: readonly (Compilable | Statement)[]): Promise<StatementResult[]> {
    return this.#database.transaction(
      writes.map((write) => ('compile' in write ? statementOf(write.compile()) : write)),
    );
  }
}
