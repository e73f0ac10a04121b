import { describe, expect, it } from 'vitest';
import { gridSize, layoutCells, neighbour, resized, WALL_LAYOUTS } from '../../../../dashboard/src/wall/layouts.ts';

describe.each(WALL_LAYOUTS)('layout %s', (layout) => {
  const cells = layoutCells(layout);

  it('has as many tiles as its name says, and they cover the grid once', () => {
    expect(cells).toHaveLength(Number(layout));
    const covered = cells.flatMap((cell) =>
      Array.from({ length: cell.span ** 2 }, (_, at) => {
        const column = cell.column + (at % cell.span);
        return `${column},${cell.row + Math.floor(at / cell.span)}`;
      }),
    );
    expect(new Set(covered).size).toBe(gridSize(layout) ** 2);
    expect(covered).toHaveLength(gridSize(layout) ** 2);
  });

  it('lets the arrows reach every tile', () => {
    const reached = new Set([0]);
    for (const from of reached) {
      for (const key of ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown']) reached.add(neighbour(cells, from, key));
    }
    expect(reached.size).toBe(cells.length);
  });
});

describe('resized', () => {
  const wall = { tiles: ['a', null, 'c', 'd'], autoFill: true };

  it('leaves out what does not fit: the hub refuses more tiles than the layout has', () => {
    expect(resized({ ...wall, autoFill: false }, '1', ['x'])).toEqual(['a']);
  });

  it('fills new places with cameras that are not shown yet, only where the wall fills itself', () => {
    expect(resized(wall, '6', ['a', 'b', 'c', 'd', 'e'])).toEqual(['a', 'b', 'c', 'd', 'e', null]);
    expect(resized({ ...wall, autoFill: false }, '6', ['b'])).toEqual(['a', null, 'c', 'd', null, null]);
  });
});

it('stays at the edge of the wall', () => {
  const cells = layoutCells('4');
  expect(neighbour(cells, 0, 'ArrowLeft')).toBe(0);
  expect(neighbour(cells, 0, 'ArrowRight')).toBe(1);
  expect(neighbour(cells, 1, 'ArrowDown')).toBe(3);
});
