import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLog } from '../../../platform/log.ts';
import { SqliteDatabase } from '../../../platform/sqlite/database.ts';

const SCHEMA = ['CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, body BLOB)'];
let folder = '';
let database: SqliteDatabase;

function open(migrations = SCHEMA): SqliteDatabase {
  return new SqliteDatabase({ file: join(folder, 'test.sqlite'), migrations, log: silentLog });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sqlite-'));
  database = open();
  await database.start();
});

afterEach(async () => {
  await database.stop();
  rmSync(folder, { recursive: true });
});

test('what was committed is read back, in this run and after reopening', async () => {
  await database.transaction([
    { sql: 'INSERT INTO item(name, body) VALUES (?, ?)', params: ['a', new Uint8Array([1, 2, 3])] },
    { sql: 'INSERT INTO item(name) VALUES (?)', params: ['b'] },
  ]);
  expect(await database.query('SELECT name FROM item ORDER BY id')).toEqual([{ name: 'a' }, { name: 'b' }]);
  await database.stop();
  database = open();
  await database.start();
  expect(await database.query('SELECT body FROM item WHERE name = ?', ['a'])).toEqual([
    { body: new Uint8Array([1, 2, 3]) },
  ]);
});

test('a transaction is all or nothing, and a failing neighbour in the same commit does not take others along', async () => {
  const results = await Promise.allSettled([
    database.transaction([{ sql: "INSERT INTO item(name) VALUES ('one')" }]),
    database.transaction([
      { sql: "INSERT INTO item(name) VALUES ('two')" },
      { sql: "INSERT INTO item(name) VALUES ('one')" },
    ]),
    database.transaction([{ sql: "INSERT INTO item(name) VALUES ('three')" }]),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await database.query('SELECT name FROM item ORDER BY id')).toEqual([{ name: 'one' }, { name: 'three' }]);
  expect((results[1] as PromiseRejectedResult).reason).toMatchObject({ code: 'CONFLICT' });
});

test('closing commits what was asked before, and refuses what was asked in the same moment behind it', async () => {
  const results = await Promise.allSettled([
    database.transaction([{ sql: "INSERT INTO item(name) VALUES ('before')" }]),
    database.stop(),
    database.query('SELECT name FROM item'),
    database.transaction([{ sql: "INSERT INTO item(name) VALUES ('behind')" }]),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
  database = open();
  await database.start();
  expect(await database.query('SELECT name FROM item')).toEqual([{ name: 'before' }]);
});

test('RETURNING gives rows, and changes are counted', async () => {
  const [inserted] = await database.transaction([{ sql: "INSERT INTO item(name) VALUES ('x') RETURNING id" }]);
  expect(inserted?.rows).toEqual([{ id: 1 }]);
  const [updated] = await database.transaction([{ sql: "UPDATE item SET name = 'y'" }]);
  expect(updated?.changes).toBe(1);
});

test('the reading connection cannot write', async () => {
  await expect(database.query("INSERT INTO item(name) VALUES ('z')")).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
});

test('migrations run once, in order, and an older program refuses a newer file', async () => {
  await database.stop();
  database = open([...SCHEMA, 'ALTER TABLE item ADD COLUMN colour TEXT']);
  await database.start();
  expect(await database.query('SELECT colour FROM item')).toEqual([]);
  await database.stop();
  database = open();
  await expect(database.start()).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
});

test('after stop every call is refused instead of hanging', async () => {
  await database.stop();
  await expect(database.query('SELECT 1')).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
});

test('a full database says so and keeps what it has', async () => {
  await database.transaction([{ sql: 'PRAGMA max_page_count = 20' }]);
  const big = new Uint8Array(1_000_000);
  await expect(
    database.transaction([{ sql: 'INSERT INTO item(name, body) VALUES (?, ?)', params: ['big', big] }]),
  ).rejects.toMatchObject({
    code: 'STORAGE_FULL',
  });
  await database.transaction([{ sql: "INSERT INTO item(name) VALUES ('small')" }]);
  expect(await database.query('SELECT name FROM item')).toEqual([{ name: 'small' }]);
});
