import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AuditLog, auditHash } from '../../../../hub/audit/audit-log.ts';
import { systemClock } from '../../../../platform/clock.ts';
import { type TemporaryStorage, temporaryStorage } from '../../../support/hub-storage.ts';

describe('audit log', () => {
  let db: TemporaryStorage;
  let audit: AuditLog;

  beforeEach(async () => {
    db = await temporaryStorage();
    audit = new AuditLog(db.storage, systemClock);
  });
  afterEach(() => db.remove());

  const look = (subject: string) =>
    audit.append({
      account: 'officer',
      action: 'footage.look',
      subject,
      purpose: 'case 7',
      details: { seconds: 30, camera: 'north' },
      address: '127.0.0.1',
    });

  /** Changes the database behind the back of the hub, as somebody with the disk can. */
  function tamper(sql: string): void {
    const direct = new DatabaseSync(db.file);
    direct.exec('DROP TRIGGER IF EXISTS audit_is_not_changed; DROP TRIGGER IF EXISTS audit_is_not_deleted');
    direct.exec(sql);
    direct.close();
  }

  test('entries are chained in the order of their numbers', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => look(`camera-${i}`)));
    const entries = (await audit.list({ limit: 100 })).reverse();
    expect(entries.map((entry) => entry.sequence)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(entries[0]?.previous).toBe('0'.repeat(64));
    for (const [index, entry] of entries.entries()) {
      expect(entry.hash).toBe(auditHash(entry));
      if (index > 0) expect(entry.previous).toBe(entries[index - 1]?.hash);
    }
    expect(await audit.verify()).toEqual({ intact: true, entries: 20, brokenAt: null });
  });

  test('the chain goes on after a restart and after entries of another process', async () => {
    await look('a');
    const other = new AuditLog(db.storage, systemClock);
    await other.append({ account: null, action: 'edge.enrol', subject: 'north' });
    await look('b');
    await look('c');
    expect(await audit.verify()).toEqual({ intact: true, entries: 4, brokenAt: null });
  });

  test.each([
    ['a purpose was changed', `UPDATE audit SET purpose = 'private' WHERE sequence = 2`, 2],
    ['an account was changed', `UPDATE audit SET account = 'somebody' WHERE sequence = 3`, 3],
    ['details are damaged', `UPDATE audit SET details = '{' WHERE sequence = 1`, 1],
    ['an entry was removed', 'DELETE FROM audit WHERE sequence = 2', 2],
    ['the newest entries were cut off', 'DELETE FROM audit WHERE sequence >= 4', 4],
    ['the time was changed', 'UPDATE audit SET at_ms = at_ms + 1 WHERE sequence = 5', 5],
  ])('verification says where %s', async (_what, sql, brokenAt) => {
    for (let i = 0; i < 5; i++) await look(`camera-${i}`);
    tamper(sql);
    expect(await audit.verify()).toMatchObject({ intact: false, brokenAt });
  });

  test('an entry that was replaced together with its own hash breaks the one after it', async () => {
    for (let i = 0; i < 3; i++) await look(`camera-${i}`);
    const [entry] = await audit.list({ before: 3, limit: 1 });
    if (entry === undefined) throw new Error('no entry');
    const forged = { ...entry, purpose: 'nothing to see' };
    tamper(`UPDATE audit SET purpose = '${forged.purpose}', hash = '${auditHash(forged)}' WHERE sequence = 2`);
    expect(await audit.verify()).toMatchObject({ intact: false, brokenAt: 3 });
  });

  test('the list pages backwards and by action', async () => {
    for (let i = 0; i < 5; i++) await look(`camera-${i}`);
    await audit.append({ account: null, action: 'edge.join', subject: 'north' });
    expect((await audit.list({ limit: 2 })).map((entry) => entry.sequence)).toEqual([6, 5]);
    expect((await audit.list({ before: 3 })).map((entry) => entry.sequence)).toEqual([2, 1]);
    expect(await audit.list({ action: 'edge.join' })).toMatchObject([{ sequence: 6, subject: 'north' }]);
  });
});
