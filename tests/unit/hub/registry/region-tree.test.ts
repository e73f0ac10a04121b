import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RegionTree } from '../../../../hub/registry/region-tree.ts';

function build(parents: readonly (number | null)[]): RegionTree {
  const tree = new RegionTree();
  for (const [index, parent] of parents.entries()) {
    const parentId = parent === null ? null : `r${parent}`;
    tree.set({ regionId: `r${index}`, parentId, level: 'county', name: `region ${index}`, code: null });
  }
  return tree;
}

describe('region tree', () => {
  test('a path reads from the top', () => {
    const tree = build([null, 0, 1]);
    expect(tree.path('r2')).toEqual(['region 0', 'region 1', 'region 2']);
    expect(tree.path(null)).toEqual([]);
    expect(tree.path('unknown')).toEqual([]);
  });

  test('what is below an area is exactly what is within it, also when the tree is damaged by a cycle', () => {
    const parent = fc.option(fc.integer({ min: 0, max: 9 }));
    fc.assert(
      fc.property(
        fc.array(parent, { minLength: 1, maxLength: 10 }),
        fc.integer({ min: 0, max: 9 }),
        (parents, area) => {
          const tree = build(parents);
          const below = tree.below([`r${area}`]);
          for (const { regionId } of tree.all()) {
            expect(tree.isWithin(regionId, [`r${area}`])).toBe(below.includes(regionId));
          }
          expect(below.includes(`r${area}`)).toBe(area < parents.length);
        },
      ),
    );
  });
});
