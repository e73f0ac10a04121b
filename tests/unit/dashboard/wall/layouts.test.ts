import { describe, expect, it } from 'vitest';
import { gridSize, layoutCells, neighbour, WALL_LAYOUTS } from '../../../../dashboard/src/wall/layouts.ts';

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

it('stays at the edge of the wall', () => {
  const cells = layoutCells('4');
  expect(neighbour(cells, 0, 'ArrowLeft')).toBe(0);
  expect(neighbour(cells, 0, 'ArrowRight')).toBe(1);
  expect(neighbour(cells, 1, 'ArrowDown')).toBe(3);
});
