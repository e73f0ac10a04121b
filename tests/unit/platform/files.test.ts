import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freeBytes, writeFileSafely } from '../../../platform/files.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a file is replaced whole, only its owner may read it, and nothing is left beside it', async () => {
  const path = join(folder, 'deep', 'secret.json');
  await writeFileSafely(path, 'one');
  await writeFileSafely(path, 'two');
  expect(readFileSync(path, 'utf8')).toBe('two');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(folder, 'deep'))).toEqual(['secret.json']);
});

test('free space is a number of bytes', async () => {
  expect(await freeBytes(folder)).toBeGreaterThan(0);
});
