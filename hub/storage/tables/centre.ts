/** A wall and what it shows. */
export interface WallRow {
  wall_id: string;
  name: string;
  /** One of `WALL_LAYOUTS`. */
  layout: string;
  /** JSON list of device ids and nulls, one per tile. */
  tiles: string;
  /** 1 when new cameras fill empty tiles. */
  auto_fill: number;
  /** Counts up with each change. */
  version: number;
}

/** A sensor's sample. */
export interface SampleRow {
  device_id: string;
  /** What is measured, e.g. `water-level`. */
  quantity: string;
  /** Edge time. */
  edge_at_ms: number;
  value: number;
  /** Unit of `value`, e.g. `m`. */
  unit: string;
}

/** Tables of `walls/` and `telemetry/`. */
export interface CentreTables {
  walls: WallRow;
  samples: SampleRow;
}
