/** Incidents, the events and history of each, and how far correlation is along the events. */
export const INCIDENTS_101 = `
CREATE TABLE incidents (
  incident_id TEXT PRIMARY KEY,
  number INTEGER NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  rule TEXT NOT NULL,
  priority INTEGER NOT NULL,
  state TEXT NOT NULL,
  edge_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  device_name TEXT NOT NULL,
  region_id TEXT,
  region_path TEXT NOT NULL,
  first_event_at_ms REAL NOT NULL,
  last_event_at_ms REAL NOT NULL,
  opened_at_ms REAL NOT NULL,
  owner TEXT,
  event_count INTEGER NOT NULL,
  cameras TEXT NOT NULL,
  version INTEGER NOT NULL,
  step_version INTEGER NOT NULL,
  closing_code TEXT
) STRICT;
CREATE INDEX incidents_open ON incidents (number) WHERE state <> 'closed';

CREATE TABLE incident_events (
  event_no INTEGER PRIMARY KEY REFERENCES events (event_no),
  incident_id TEXT NOT NULL REFERENCES incidents (incident_id),
  device_name TEXT NOT NULL,
  region_id TEXT,
  reasons TEXT NOT NULL
) STRICT;
CREATE INDEX incident_events_of ON incident_events (incident_id, event_no);

CREATE TABLE incident_entries (
  entry_no INTEGER PRIMARY KEY,
  incident_id TEXT NOT NULL REFERENCES incidents (incident_id),
  at_ms REAL NOT NULL,
  "by" TEXT,
  kind TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX incident_entries_of ON incident_entries (incident_id, entry_no);

CREATE TABLE correlation_marks (
  lane TEXT PRIMARY KEY,
  event_no INTEGER NOT NULL
) STRICT;
`;
