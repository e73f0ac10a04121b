import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findFfmpeg } from '../../../../platform/ffmpeg/find.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'find-'));
  for (const name of ['packaged', 'first', 'second']) mkdirSync(join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(folderName: string, name = 'ffmpeg', mode = 0o755): string {
  const file = join(folder, folderName, name);
  writeFileSync(file, '', { mode });
  return file;
}
const find = (chosen?: string, packaged: string | null = join(folder, 'packaged', 'ffmpeg')): string | null =>
  findFfmpeg({ chosen, packaged, path: `${join(folder, 'first')}:${join(folder, 'second')}` });

test('the chosen one, else the packaged one, else the first on the path', () => {
  expect(find()).toBeNull();
  const second = program('second');
  expect(find()).toBe(second);
  const first = program('first');
  expect(find()).toBe(first);
  const packaged = program('packaged');
  expect(find()).toBe(packaged);
  expect(find(undefined, null)).toBe(first);
  expect(find(second)).toBe(second);
  expect(find('ffmpeg')).toBe(first);
});

test('a choice that does not exist is not replaced by another', () => {
  program('first');
  expect(find(join(folder, 'nowhere'))).toBeNull();
});

test('what cannot be executed is none', () => {
  program('first', 'ffmpeg', 0o644);
  mkdirSync(join(folder, 'second', 'ffmpeg'));
  expect(find()).toBeNull();
});
