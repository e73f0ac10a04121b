import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EDGE_FLAGS, NODE_FLAGS, nodeFlagsFor } from '../../../platform/node-flags.ts';
import { PACKAGE_ROOT } from '../../../platform/version.ts';

test('the pinned Node takes every flag', () => {
  const flags = [...NODE_FLAGS, ...EDGE_FLAGS];
  expect(execFileSync(process.execPath, [...flags, '-p', '6 * 7'], { encoding: 'utf8' }).trim()).toBe('42');
});

test('the installed program starts Node with the same flags', () => {
  const entry = readFileSync(join(PACKAGE_ROOT, 'bin', 'sharp-eyes.mjs'), 'utf8');
  const named = (pattern: RegExp): string[] =>
    [...(pattern.exec(entry)?.[1] ?? '').matchAll(/'([^']+)'/g)].map(([, flag]) => flag ?? '');
  expect(named(/const flags = \[([^\]]*)\]/)).toEqual([...NODE_FLAGS]);
  expect(named(/const edgeFlags = \[([^\]]*)\]/)).toEqual([...EDGE_FLAGS]);
});

test.each([
  { args: ['edge/main.ts', '--config', 'x'], edge: true },
  { args: ['/opt/x/cli/main.js', 'edge', '--config', 'x'], edge: true },
  { args: ['/opt/x/cli/main.ts', 'hub', '--name', 'edge'], edge: false },
  { args: ['hub/main.ts', 'edge'], edge: false },
])('an edge, and nothing else, is started as one: $args', ({ args, edge }) => {
  expect(nodeFlagsFor(args).includes('--expose-gc')).toBe(edge);
});
