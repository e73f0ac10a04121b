import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSecretBox, readSecretFile } from '../../../platform/secret-box.ts';

/** As they stand on disks since the first version: both have to go on being read. */
const KEY_FILE = 'AwoRGB8mLTQ7QklQV15lbHN6gYiPlp2kq7K5wMfO1dw\n';
const SEALED = 'EkYmASsK2dXDEn61D-gafdxlA4iSBfJJ31pRHa7dXOVowDjkDbiWDbn8yhIh';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'secret-box-'));
  path = join(folder, 'box.key');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('what was sealed with a key file of the first version is opened', async () => {
  writeFileSync(path, KEY_FILE);
  const box = await openSecretBox(path);
  expect(box.open(SEALED, 'reader:school')).toBe('雪亮 sharp eyes');
  expect(readFileSync(path, 'utf8')).toBe(KEY_FILE);
});

test('a box opens what it sealed, also after a restart, and no two seals are alike', async () => {
  const sealed = (await openSecretBox(path)).seal('secret', 'a');
  const again = await openSecretBox(path);
  expect(again.open(sealed, 'a')).toBe('secret');
  expect(again.seal('secret', 'a')).not.toBe(sealed);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a seal of another context, of another key, or one that was changed or cut is not opened', async () => {
  const box = await openSecretBox(path);
  const sealed = box.seal('secret', 'a');
  const other = await openSecretBox(join(folder, 'other.key'));
  const bytes = Buffer.from(sealed, 'base64url');
  expect(box.open(sealed, 'b')).toBeNull();
  expect(other.open(sealed, 'a')).toBeNull();
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(box.open(changed.toString('base64url'), 'a')).toBeNull();
    expect(box.open(bytes.subarray(0, at).toString('base64url'), 'a')).toBeNull();
  }
});

test('a damaged key file is named and left as it is', async () => {
  writeFileSync(path, 'no key\n');
  await expect(openSecretBox(path)).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  expect(readFileSync(path, 'utf8')).toBe('no key\n');
});

test('a secret file that is not there is none; one that cannot be read is an error', async () => {
  expect(await readSecretFile(path)).toBeNull();
  mkdirSync(path);
  await expect(readSecretFile(path)).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
});
