import { WALL_LAYOUTS } from '../../../contract/api/centre.ts';

export type Layout = (typeof WALL_LAYOUTS)[number];
export { WALL_LAYOUTS };

/** Place of a tile on the grid: column, row (from 1) and how many cells it spans each way. */
export interface Cell {
  column: number;
  row: number;
  span: number;
}

/** A square grid whose first tile is larger: its place and size; the others fill the rest in reading order. */
const GRIDS: Readonly<Record<Layout, { size: number; large: Cell | null }>> = {
  '1': { size: 1, large: null },
  '4': { size: 2, large: null },
  '6': { size: 3, large: { column: 1, row: 1, span: 2 } },
  '8': { size: 4, large: { column: 1, row: 1, span: 3 } },
  '9': { size: 3, large: null },
  '13': { size: 4, large: { column: 2, row: 2, span: 2 } },
  '16': { size: 4, large: null },
  '25': { size: 5, large: null },
  '36': { size: 6, large: null },
};

/** Cells per side of a layout. */
export function gridSize(layout: Layout): number {
  return GRIDS[layout].size;
}

/** The place of every tile of a layout; the large tile, where there is one, comes first. */
export function layoutCells(layout: Layout): Cell[] {
  const { size, large } = GRIDS[layout];
  const cells: Cell[] = large === null ? [] : [large];
  for (let row = 1; row <= size; row++) {
    for (let column = 1; column <= size; column++) {
      if (large !== null && covers(large, column, row)) continue;
      cells.push({ column, row, span: 1 });
    }
  }
  return cells;
}

function covers(cell: Cell, column: number, row: number): boolean {
  return column >= cell.column && column < cell.column + cell.span && row >= cell.row && row < cell.row + cell.span;
}

/**
 * The tiles of a wall with another layout: what no longer fits is left out; on a wall that fills itself, new places get
 * the cameras that are not shown yet.
 */
export function resized(
  wall: { tiles: readonly (string | null)[]; autoFill: boolean },
  layout: Layout,
  cameraIds: readonly string[],
): (string | null)[] {
  const count = layoutCells(layout).length;
  const kept = Array.from({ length: count }, (_, at) => wall.tiles[at] ?? null);
  if (!wall.autoFill) return kept;
  const unseen = cameraIds.filter((deviceId) => !kept.includes(deviceId));
  return kept.map((tile) => tile ?? unseen.shift() ?? null);
}

/** The tile next to another one in a direction; the same one at the edge of the wall. */
export function neighbour(cells: readonly Cell[], from: number, key: string): number {
  const here = cells[from];
  if (here === undefined) return 0;
  const [dx, dy] = STEPS[key] ?? [0, 0];
  const column = dx > 0 ? here.column + here.span : here.column + dx;
  const row = dy > 0 ? here.row + here.span : here.row + dy;
  const to = cells.findIndex((cell) => covers(cell, column, row));
  return to < 0 ? from : to;
}

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
