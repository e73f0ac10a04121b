import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Readers } from '../../../../edge/republish/readers.ts';
import { makeReaderSecret } from '../../../../platform/rtsp-server/reader-secret.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('keeps accounts that another process makes and takes away, at once', async () => {
  const [running, commandLine] = [new Readers(folder), new Readers(folder)];
  expect(await running.secretOf('vms')).toBeNull();
  const password = await commandLine.add('vms', ['gate'], 1000);
  expect(await running.secretOf('vms')).toEqual(makeReaderSecret('vms', password));
  expect([await running.mayRead('vms', 'gate'), await running.mayRead('vms', 'square')]).toEqual([true, false]);
  expect(await running.list()).toEqual([{ name: 'vms', devices: ['gate'], createdAtMs: 1000 }]);
  await commandLine.remove('vms');
  expect(await running.secretOf('vms')).toBeNull();
  expect(await running.mayRead('vms', 'gate')).toBe(false);
});

it('keeps neither password nor hash in clear, for the owner only', async () => {
  const readers = new Readers(folder);
  const password = await readers.add('vms', null, 1000);
  const file = join(folder, 'readers.json');
  const text = await readFile(file, 'utf8');
  const { md5, sha256 } = makeReaderSecret('vms', password);
  for (const secret of [password, md5, sha256]) expect(text).not.toContain(secret);
  for (const path of [file, join(folder, 'identity', 'readers.key')])
    expect((await stat(path)).mode & 0o777).toBe(0o600);
});

it('takes no secret that was moved to another name', async () => {
  const readers = new Readers(folder);
  await readers.add('vms', null, 1000);
  const file = join(folder, 'readers.json');
  await writeFile(file, (await readFile(file, 'utf8')).replace('"vms"', '"boss"'));
  expect(await readers.secretOf('boss')).toBeNull();
});

it.each([
  ['a name that is none', (readers: Readers) => readers.add('No Name', null, 0), 'CONFIG_INVALID'],
  ['a name that is taken', (readers: Readers) => readers.add('vms', null, 0), 'CONFLICT'],
  ['one that is not there', (readers: Readers) => readers.remove('other'), 'NOT_FOUND'],
])('refuses %s', async (_, act, code) => {
  const readers = new Readers(folder);
  await readers.add('vms', null, 0);
  await expect(act(readers)).rejects.toMatchObject({ code });
});

it('says what to do with a damaged file', async () => {
  await writeFile(join(folder, 'readers.json'), '{"version":1,"readers":[{}]}');
  await expect(new Readers(folder).list()).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
});
