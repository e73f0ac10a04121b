import { METERS_PER_DEGREE, type Point } from './place.ts';

/**
 * Cuts the map into square cells so that what is near a point is found without looking at the rest. Each row of cells
 * has its own scale of longitude, therefore neighbours are computed row by row.
 */
export class GeoGrid {
  readonly #cellMeters: number;

  constructor(cellMeters: number) {
    this.#cellMeters = cellMeters;
  }

  /** Key of the cell of a point. */
  cellOf(point: Point): number {
    const row = this.#row(point.latitude);
    return key(row, this.#column(row, point.longitude));
  }

  /** Keys of all cells that may hold something within `meters` of a point. */
  cellsAround(point: Point, meters: number): number[] {
    const reach = Math.ceil(meters / this.#cellMeters);
    const middle = this.#row(point.latitude);
    const cells: number[] = [];
    for (let row = middle - reach; row <= middle + reach; row++) {
      const column = this.#column(row, point.longitude);
      for (let i = column - reach; i <= column + reach; i++) cells.push(key(row, i));
    }
    return cells;
  }

  #row(latitude: number): number {
    return Math.floor((latitude * METERS_PER_DEGREE) / this.#cellMeters);
  }

  #column(row: number, longitude: number): number {
    const latitude = ((row + 0.5) * this.#cellMeters) / METERS_PER_DEGREE;
    const scale = Math.max(0.01, Math.cos(latitude * (Math.PI / 180)));
    return Math.floor((longitude * METERS_PER_DEGREE * scale) / this.#cellMeters);
  }
}

/** Rows and columns stay below 2^25 for cells of a metre and more, so that a key is an exact number. */
function key(row: number, column: number): number {
  return row * 2 ** 26 + column;
}
