import type { Selectable } from 'kysely';
import type { ClosingCode, IncidentCamera } from '../../contract/incident.ts';
import type { IncidentRow } from '../storage/tables/incidents.ts';
import type { IncidentRecord } from './incident-record.ts';

/** A record as a row. */
export function toRow(record: IncidentRecord): IncidentRow {
  return {
    incident_id: record.incidentId,
    number: record.number,
    kind: record.kind,
    rule: record.rule,
    priority: record.priority,
    state: record.state,
    edge_id: record.edgeId,
    device_id: record.deviceId,
    device_name: record.deviceName,
    region_id: record.regionId,
    region_path: JSON.stringify(record.regionPath),
    first_event_at_ms: record.firstEventAtMs,
    last_event_at_ms: record.lastEventAtMs,
    opened_at_ms: record.openedAtMs,
    owner: record.owner,
    event_count: record.eventCount,
    cameras: JSON.stringify(record.cameras),
    version: record.version,
    step_version: record.stepVersion,
    closing_code: record.closingCode,
  };
}

/** A row as a record. */
export function toRecord(row: Selectable<IncidentRow>): IncidentRecord {
  return {
    incidentId: row.incident_id,
    number: row.number,
    kind: row.kind,
    rule: row.rule,
    priority: row.priority,
    state: row.state,
    edgeId: row.edge_id,
    deviceId: row.device_id,
    deviceName: row.device_name,
    regionId: row.region_id,
    regionPath: JSON.parse(row.region_path) as string[],
    firstEventAtMs: row.first_event_at_ms,
    lastEventAtMs: row.last_event_at_ms,
    openedAtMs: row.opened_at_ms,
    owner: row.owner,
    eventCount: row.event_count,
    cameras: JSON.parse(row.cameras) as IncidentCamera[],
    version: row.version,
    stepVersion: row.step_version,
    closingCode: row.closing_code as ClosingCode | null,
  };
}
