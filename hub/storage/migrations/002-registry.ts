/** The region tree, edges with their credentials, and devices with their places. */
export const REGISTRY_002 = `
CREATE TABLE regions (
  region_id TEXT PRIMARY KEY,
  parent_id TEXT REFERENCES regions (region_id),
  level TEXT NOT NULL,
  name TEXT NOT NULL,
  code TEXT
) STRICT;

CREATE TABLE edges (
  edge_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  region_id TEXT REFERENCES regions (region_id),
  enrolled_at_ms REAL NOT NULL,
  join_token_sha256 TEXT,
  join_expires_at_ms REAL,
  join_used_at_ms REAL,
  joined_at_ms REAL,
  verifier TEXT,
  sealing_key TEXT,
  signing_key TEXT
) STRICT;

CREATE TABLE devices (
  device_id TEXT PRIMARY KEY,
  edge_id TEXT NOT NULL REFERENCES edges (edge_id),
  candidate_id TEXT,
  type TEXT NOT NULL,
  driver TEXT NOT NULL,
  number INTEGER NOT NULL UNIQUE,
  name TEXT NOT NULL,
  region_id TEXT REFERENCES regions (region_id),
  latitude REAL,
  longitude REAL,
  bearing_deg REAL,
  view_distance_m REAL,
  view_angle_deg REAL,
  links TEXT NOT NULL,
  registered_at_ms REAL NOT NULL,
  removed_at_ms REAL,
  version INTEGER NOT NULL
) STRICT;
CREATE INDEX devices_by_edge ON devices (edge_id);
`;
