/** Walls and sensor series. */
export const CENTRE_003 = `
CREATE TABLE walls (
  wall_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  layout TEXT NOT NULL,
  tiles TEXT NOT NULL,
  auto_fill INTEGER NOT NULL,
  version INTEGER NOT NULL
) STRICT;

CREATE TABLE samples (
  device_id TEXT NOT NULL,
  quantity TEXT NOT NULL,
  edge_at_ms REAL NOT NULL,
  value REAL NOT NULL,
  unit TEXT NOT NULL,
  PRIMARY KEY (device_id, quantity, edge_at_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX samples_by_time ON samples (edge_at_ms);
`;
