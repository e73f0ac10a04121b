import type { Generated } from 'kysely';
import type { Lane } from '../../../contract/event.ts';
import type { IncidentEntry, IncidentState } from '../../../contract/incident.ts';

/** An incident. Names and the region are as they were when it was opened. */
export interface IncidentRow {
  incident_id: string;
  /** Running number of the centre. */
  number: number;
  kind: string;
  rule: string;
  priority: 1 | 2 | 3 | 4;
  state: IncidentState;
  edge_id: string;
  device_id: string;
  device_name: string;
  region_id: string | null;
  /** JSON list of region names from the top. */
  region_path: string;
  first_event_at_ms: number;
  last_event_at_ms: number;
  opened_at_ms: number;
  owner: string | null;
  event_count: number;
  /** JSON list of `IncidentCamera`. */
  cameras: string;
  version: number;
  /** Version after the newest step of a person. */
  step_version: number;
  closing_code: string | null;
}

/** Which incident an event belongs to; an event belongs to at most one. */
export interface IncidentEventRow {
  event_no: number;
  incident_id: string;
  device_name: string;
  region_id: string | null;
  /** JSON list of `Reason`. */
  reasons: string;
}

/** A line of an incident's history. */
export interface IncidentEntryRow {
  entry_no: Generated<number>;
  incident_id: string;
  at_ms: number;
  by: string | null;
  kind: IncidentEntry['kind'];
  text: string;
}

/** How far correlation is on each lane: every event up to `event_no` was decided on. */
export interface CorrelationMarkRow {
  lane: Lane;
  event_no: number;
}

/** Tables of `incidents/`. */
export interface IncidentTables {
  incidents: IncidentRow;
  incident_events: IncidentEventRow;
  incident_entries: IncidentEntryRow;
  correlation_marks: CorrelationMarkRow;
}
