import { expect, test } from 'vitest';
import { SOURCES, SUPPORT } from './sources.ts';

/** Groups of files that import each other, directly or around corners (strongly connected components, Tarjan). */
function cycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (node: string): number => {
    const own = index.size;
    let lowest = own;
    index.set(node, own);
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!graph.has(next)) continue;
      if (!index.has(next)) lowest = Math.min(lowest, visit(next));
      else if (stack.includes(next)) lowest = Math.min(lowest, index.get(next) ?? own);
    }
    low.set(node, lowest);
    if (lowest === own) {
      const group = stack.splice(stack.indexOf(node));
      if (group.length > 1 || (graph.get(node) ?? []).includes(node)) found.push(group.sort());
    }
    return lowest;
  };
  for (const node of graph.keys()) if (!index.has(node)) visit(node);
  return found;
}

test('the search finds a cycle around a corner and a file that imports itself', () => {
  const graph = new Map([
    ['a', ['b']],
    ['b', ['c']],
    ['c', ['a', 'd']],
    ['d', []],
    ['e', ['e']],
  ]);
  expect(cycles(graph)).toEqual([['a', 'b', 'c'], ['e']]);
});

test('no files import each other, not even for types', () => {
  expect(SOURCES.length).toBeGreaterThan(100);
  expect(cycles(new Map([...SOURCES, ...SUPPORT].map(({ path, imports }) => [path, imports])))).toEqual([]);
});

test('every imported file is there', () => {
  const known = new Set([...SOURCES, ...SUPPORT].map(({ path }) => path));
  const missing = SOURCES.flatMap(({ path, imports }) =>
    imports
      .filter((target) => /\.tsx?$/.test(target) && !known.has(target))
      .map((target) => `${path} imports ${target}`),
  );
  expect(missing).toEqual([]);
});
