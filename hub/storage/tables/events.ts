import type { Generated } from 'kysely';
import type { Lane } from '../../../contract/event.ts';

/** An event as its edge sent it. */
export interface EventRow {
  /** Order of commits. */
  event_no: Generated<number>;
  edge_id: string;
  epoch: string;
  lane: Lane;
  sequence: number;
  device_id: string;
  kind: string;
  edge_at_ms: number;
  hub_at_ms: number;
  /** JSON of the `EdgeEvent`. */
  event: string;
}

/** How far a lane of an epoch is: all numbers up to `highest` are there. */
export interface IngestMarkRow {
  edge_id: string;
  epoch: string;
  lane: Lane;
  highest: number;
}

/** Something that could not be used. */
export interface SetAsideRow {
  entry_no: Generated<number>;
  edge_id: string;
  /** Topic's end, with the sequence number where there is one. */
  source: string;
  at_ms: number;
  reason: string;
  /** The beginning of its text. */
  raw: string;
}

/** Tables of `ingest/`. */
export interface EventTables {
  events: EventRow;
  ingest_marks: IngestMarkRow;
  set_aside: SetAsideRow;
}
