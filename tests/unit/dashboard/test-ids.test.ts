import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const DASHBOARD = join(import.meta.dirname, '../../../dashboard');

/** Ids that are made from a variable, by their documented beginning. */
const MADE = ['nav-', 'layout-', 'pick-', 'export-camera-', 'place-', 'admin-'];

function inSource(): Set<string> {
  const names = readdirSync(join(DASHBOARD, 'src'), { recursive: true, encoding: 'utf8' });
  const ids = new Set<string>();
  for (const name of names.filter((each) => each.endsWith('.tsx'))) {
    const text = readFileSync(join(DASHBOARD, 'src', name), 'utf8');
    for (const match of text.matchAll(/(?:data-testid|testId)="([\w-]+)"/g)) ids.add(match[1] ?? '');
  }
  return ids;
}

it('every test id is documented, and every documented one exists', () => {
  const documented = readFileSync(join(DASHBOARD, 'TESTIDS.md'), 'utf8');
  const ids = inSource();
  expect(ids.size).toBeGreaterThan(100);
  const made = (id: string): boolean => MADE.some((prefix) => id.startsWith(prefix));
  expect([...ids].filter((id) => !documented.includes(`\`${id}\``) && !made(id))).toEqual([]);

  const firstCells = [...documented.matchAll(/^\| (`[^|]+) \|/gm)].map((match) => match[1] ?? '');
  const named = firstCells.flatMap((cell) => [...cell.matchAll(/`([a-z][\w-]*)`/g)].map((match) => match[1] ?? ''));
  expect(named.filter((id) => !ids.has(id) && !made(id))).toEqual([]);
});
