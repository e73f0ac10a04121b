import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Accounts } from '../../../../hub/access/accounts.ts';
import { ReaderPasswords } from '../../../../hub/access/readers.ts';
import { type Log, silentLog } from '../../../../platform/log.ts';
import { makeReaderSecret } from '../../../../platform/rtsp-server/reader-secret.ts';
import { openSecretBox } from '../../../../platform/secret-box.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { type TemporaryStorage, temporaryStorage } from '../../../support/hub-storage.ts';

let db: TemporaryStorage;
let folder = '';
beforeEach(async () => {
  db = await temporaryStorage();
  folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-test-'));
});
afterEach(async () => {
  await db.remove();
  await rm(folder, { recursive: true });
});

async function readers(key: string, log: Log = silentLog): Promise<ReaderPasswords> {
  return new ReaderPasswords(db.storage, await openSecretBox(join(folder, key)), { clock: new FakeClock(), log });
}

it('says once that a password was sealed with another key', async () => {
  const wanted = { account: 'li', displayName: 'Li', role: 'operator', areas: [] } as const;
  await new Accounts(db.storage, new FakeClock()).create(wanted);
  const made = await readers('a.key');
  const { reader, password } = await made.create('li', 'recorder');
  expect(await made.secretOf(reader.reader)).toEqual(makeReaderSecret(reader.reader, password));

  const warnings: object[] = [];
  const log: Log = { ...silentLog, warn: (context) => void warnings.push(context) };
  const restored = await readers('b.key', log);
  for (let i = 0; i < 2; i += 1) expect(await restored.secretOf(reader.reader)).toBeNull();
  expect(await restored.secretOf('nobody')).toBeNull();
  expect(warnings).toEqual([{ reader: reader.reader }]);
});
