import type { Wall } from '../../../contract/api/centre.ts';
import type { Device } from '../../../contract/api/devices.ts';
import { useChangeWall } from '../data/walls.ts';
import { type Cell, type Layout, layoutCells, resized } from './layouts.ts';

/** The wall's places, what stands on them, and the changes that everybody who looks at this wall will see. */
export interface WallTiles {
  cells: readonly Cell[];
  /** Camera of each place; null for an empty one. */
  tiles: readonly (Device | null)[];
  put: (at: number, deviceId: string | null) => void;
  setLayout: (layout: Layout) => void;
  setAutoFill: (autoFill: boolean) => void;
  error: Error | null;
}

export function useWallTiles(wall: Wall, cameras: readonly Device[]): WallTiles {
  const change = useChangeWall();
  const cells = layoutCells(wall.layout);
  return {
    cells,
    tiles: cells.map((_, at) => cameras.find((camera) => camera.deviceId === wall.tiles[at]) ?? null),
    put(at, deviceId) {
      const next = cells.map((_, index) => wall.tiles[index] ?? null);
      const from = deviceId === null ? -1 : next.indexOf(deviceId);
      // A camera that is on the wall already changes places instead of appearing twice.
      if (from >= 0) next[from] = next[at] ?? null;
      next[at] = deviceId;
      change.mutate({ ...wall, tiles: next });
    },
    setLayout(layout) {
      const inOrder = [...cameras].sort((a, b) => a.number - b.number).map((camera) => camera.deviceId);
      change.mutate({ ...wall, layout, tiles: resized(wall, layout, inOrder) });
    },
    setAutoFill: (autoFill) => change.mutate({ ...wall, autoFill }),
    error: change.error,
  };
}
