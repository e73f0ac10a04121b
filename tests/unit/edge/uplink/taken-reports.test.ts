import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { markedRepeats, unmarkedRepeats } from '../../../../edge/profiles/report-identity.ts';
import { OUTBOX_MIGRATIONS, SqliteOutboxStorage } from '../../../../edge/uplink/outbox-storage.ts';
import type { StoredPart } from '../../../../edge/uplink/taken-reports.ts';
import { silentLog } from '../../../../platform/log.ts';
import { SqliteDatabase } from '../../../../platform/sqlite/database.ts';

let folder = '';
let database: SqliteDatabase;
let outbox: SqliteOutboxStorage;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'taken-reports-'));
  database = new SqliteDatabase({ file: join(folder, 'outbox.sqlite'), migrations: OUTBOX_MIGRATIONS, log: silentLog });
  await database.start();
  outbox = new SqliteOutboxStorage(database);
  await outbox.load('epoch');
});

afterEach(async () => {
  await database.stop();
  rmSync(folder, { recursive: true });
});

type Repeats = StoredPart['report']['repeats'];

async function isStored(key: string, atMs: number, repeats: Repeats, more: Partial<StoredPart> = {}): Promise<boolean> {
  const report = { key, repeats };
  const part: StoredPart = { report, part: 'smoke active', isFirst: true, deviceId: 'd', edgeAtMs: atMs, ...more };
  const [position] = await outbox.append([{ lane: 'event', json: '{}', part }]);
  return position !== null;
}

const RESTARTED = 2000;

test('after a restart a report without a mark is compared with what was stored before, and only for a while', async () => {
  expect(await isStored('1 a', 1000, null)).toBe(true);
  expect(await isStored('1 a', 3000, unmarkedRepeats(3000, RESTARTED, 10))).toBe(false);
  expect(await isStored('1 b', 3000, unmarkedRepeats(3000, RESTARTED, 10))).toBe(true);
  // What this process stored itself was acknowledged in time: the same again is new.
  expect(await isStored('1 b', 3001, unmarkedRepeats(3001, RESTARTED, 10))).toBe(true);
  expect(await isStored('1 a', 900_000, unmarkedRepeats(900_000, RESTARTED, 10))).toBe(true);
});

test('a marked repetition is found whoever stored it; another device and a report that is certainly new are not', async () => {
  expect(await isStored('1 a', 5000, null)).toBe(true);
  expect(await isStored('1 a', 5001, markedRepeats(5001, 60_000, 10))).toBe(false);
  expect(await isStored('1 a', 5002, markedRepeats(5002, 60_000, 10), { deviceId: 'other' })).toBe(true);
  expect(await isStored('1 a', 5003, null)).toBe(true);
});

test('of a report that was stored in part the rest is stored', async () => {
  const gas = { part: 'gas active', isFirst: false };
  expect(await isStored('1 a', 1000, null)).toBe(true);
  const repeats = unmarkedRepeats(3000, RESTARTED, 10);
  expect(await isStored('1 a', 3000, repeats)).toBe(false);
  expect(await isStored('1 a', 3000, repeats, gas)).toBe(true);
  expect(await isStored('1 a', 3001, repeats, gas)).toBe(false);
});

test('only so many reports back are compared, and only so many are kept', async () => {
  for (let i = 0; i < 400; i++) await isStored(`${i}`, 1000, null);
  expect(await isStored('398', 3000, unmarkedRepeats(3000, RESTARTED, 1))).toBe(true);
  expect(await isStored('399', 3000, unmarkedRepeats(3000, RESTARTED, 2))).toBe(false);
  const [kept] = await database.query('SELECT count(*) AS n FROM report');
  expect(kept?.['n']).toBeGreaterThanOrEqual(256);
  // Old ones go 64 at a time.
  expect(kept?.['n']).toBeLessThan(256 + 64);
});
