import type { DatabaseSync } from 'node:sqlite';

/**
 * Brings a database to the newest schema: runs the migrations it has not seen, each in a transaction of its own.
 * `PRAGMA user_version` counts the ones that ran. Throws when the file was written by a newer version.
 */
export function migrate(database: DatabaseSync, migrations: readonly string[]): void {
  const row = database.prepare('PRAGMA user_version').get() as { user_version: number };
  const seen = row.user_version;
  if (seen > migrations.length) {
    throw new Error(
      `the database has schema ${seen}, this version knows ${migrations.length}: install a newer version`,
    );
  }
  for (const [index, sql] of migrations.entries()) {
    if (index < seen) continue;
    database.exec('BEGIN IMMEDIATE');
    try {
      database.exec(sql);
      database.exec(`PRAGMA user_version = ${index + 1}`);
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw new Error(`migration ${index + 1} failed`, { cause: error });
    }
  }
}
