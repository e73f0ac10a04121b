import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HubStorage } from '../../../../hub/storage/hub-storage.ts';
import { silentLog } from '../../../../platform/log.ts';

const region = (regionId: string, parentId: string | null = null) => ({
  region_id: regionId,
  parent_id: parentId,
  level: 'county',
  name: '县',
  code: null,
});

describe('hub storage', () => {
  let folder: string;
  let storage: HubStorage;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hub-storage-'));
    storage = new HubStorage({ file: join(folder, 'hub.db'), log: silentLog });
    await storage.start();
  });

  afterEach(async () => {
    await storage.stop();
    rmSync(folder, { recursive: true });
  });

  test('a select sees what a write before it stored', async () => {
    await storage.db.insertInto('regions').values(region('a')).execute();
    const rows = await storage.db.selectFrom('regions').selectAll().execute();
    expect(rows).toEqual([region('a')]);
  });

  test('a write says how many rows it changed and gives what RETURNING asks for', async () => {
    await storage.db.insertInto('regions').values(region('a')).execute();
    const changed = await storage.db.updateTable('regions').set({ name: '乡' }).executeTakeFirst();
    expect(changed.numUpdatedRows).toBe(1n);
    const row = await storage.db
      .updateTable('regions')
      .set({ name: '村' })
      .where('region_id', '=', 'a')
      .returning('name')
      .executeTakeFirst();
    expect(row).toEqual({ name: '村' });
  });

  test('writes in one transact() are stored together or not at all', async () => {
    const { db } = storage;
    const writes = [
      db.insertInto('regions').values(region('a')),
      db.insertInto('regions').values(region('b', 'nowhere')),
    ];
    await expect(storage.transact(writes)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await db.selectFrom('regions').selectAll().execute()).toEqual([]);
  });

  test('interactive transactions are refused', async () => {
    await expect(storage.db.transaction().execute(async () => undefined)).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  test('the audit log cannot be changed or deleted through the database', async () => {
    const entry = { sequence: 1, at_ms: 1, account: null, action: 'a', subject: 's', purpose: null } as const;
    const rest = { details: '{}', address: null, previous: '', hash: '' };
    await storage.db
      .insertInto('audit')
      .values({ ...entry, ...rest })
      .execute();
    await expect(storage.db.updateTable('audit').set({ action: 'b' }).execute()).rejects.toThrow('append-only');
    await expect(storage.db.deleteFrom('audit').execute()).rejects.toThrow('append-only');
  });

  test('a file opened again keeps what was stored', async () => {
    await storage.db.insertInto('regions').values(region('a')).execute();
    await storage.stop();
    storage = new HubStorage({ file: join(folder, 'hub.db'), log: silentLog });
    await storage.start();
    expect(await storage.db.selectFrom('regions').select('region_id').execute()).toEqual([{ region_id: 'a' }]);
  });
});
