import type { IncidentEntry, IncidentSummary, Reason } from '../../contract/incident.ts';

/** An incident as the hub keeps it: what lists show, and what linking and steps need. */
export interface IncidentRecord extends IncidentSummary {
  /** Edge and device that started it. */
  edgeId: string;
  deviceId: string;
  /** Version after the newest step of a person. */
  stepVersion: number;
}

/** An event's place in an incident. */
export interface EventLink {
  eventNo: number;
  incidentId: string;
  deviceName: string;
  regionId: string | null;
  reasons: Reason[];
}

/** A line of history that has to be written. */
export interface NewEntry extends IncidentEntry {
  incidentId: string;
}

/** Everything that decisions and steps change; stored in one transaction. */
export interface ChangeSet {
  opened: Map<string, IncidentRecord>;
  changed: Map<string, IncidentRecord>;
  links: EventLink[];
  entries: NewEntry[];
}

export function newChangeSet(): ChangeSet {
  return { opened: new Map(), changed: new Map(), links: [], entries: [] };
}

/** What leaves the hub of a record. */
export function summaryOf(record: IncidentRecord): IncidentSummary {
  const { edgeId: _edge, deviceId: _device, stepVersion: _step, ...summary } = record;
  return { ...summary };
}
