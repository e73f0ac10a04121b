/**
 * Events as edges sent them, how far each lane is, and what could not be used. `event_no` is the order
 * of commits; correlation walks along it. The unique key is the second guard against doubles, after the marks.
 */
export const EVENTS_100 = `
CREATE TABLE events (
  event_no INTEGER PRIMARY KEY,
  edge_id TEXT NOT NULL,
  epoch TEXT NOT NULL,
  lane TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  device_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  edge_at_ms REAL NOT NULL,
  hub_at_ms REAL NOT NULL,
  event TEXT NOT NULL,
  UNIQUE (edge_id, epoch, lane, sequence)
) STRICT;
CREATE INDEX events_by_device ON events (device_id, event_no);
CREATE INDEX events_alarm ON events (event_no) WHERE lane = 'alarm';

CREATE TABLE ingest_marks (
  edge_id TEXT NOT NULL,
  epoch TEXT NOT NULL,
  lane TEXT NOT NULL,
  highest INTEGER NOT NULL,
  PRIMARY KEY (edge_id, epoch, lane)
) STRICT;

CREATE TABLE set_aside (
  entry_no INTEGER PRIMARY KEY,
  edge_id TEXT NOT NULL,
  source TEXT NOT NULL,
  at_ms REAL NOT NULL,
  reason TEXT NOT NULL,
  raw TEXT NOT NULL
) STRICT;
`;
