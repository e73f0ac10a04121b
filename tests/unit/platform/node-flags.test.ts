import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NODE_FLAGS } from '../../../platform/node-flags.ts';
import { PACKAGE_ROOT } from '../../../platform/version.ts';

test('the pinned Node takes every flag', () => {
  expect(execFileSync(process.execPath, [...NODE_FLAGS, '-p', '6 * 7'], { encoding: 'utf8' }).trim()).toBe('42');
});

test('the installed program starts Node with the same flags', () => {
  const entry = readFileSync(join(PACKAGE_ROOT, 'bin', 'sharp-eyes.mjs'), 'utf8');
  const named = /const flags = \[([^\]]*)\]/.exec(entry)?.[1] ?? '';
  expect([...named.matchAll(/'([^']+)'/g)].map(([, flag]) => flag)).toEqual([...NODE_FLAGS]);
});
