import type { EdgeEvent, HubEvent, Lane } from '../../contract/event.ts';

/** An event of a batch after the check: either good, or set aside with the reason. Both use up their sequence number. */
export type CheckedEvent = { ok: true; event: EdgeEvent } | { ok: false; reason: string; raw: string };

/** A batch whose envelope is good; `events[i]` has the sequence number `first + i`. */
export interface CheckedBatch {
  epoch: string;
  first: number;
  events: CheckedEvent[];
}

/** What one epoch gains by a turn: numbers up to `highest` are then complete. */
export interface Gain {
  epoch: string;
  highest: number;
  events: { sequence: number; event: EdgeEvent }[];
}

/** Something that could not be used, kept for a person to look at. */
export interface SetAside {
  edgeId: string;
  /** Lane or topic that it came on. */
  from: string;
  atMs: number;
  reason: string;
  /** The beginning of the text. */
  raw: string;
}

/**
 * One pass of the pipeline over everything that waited on one lane of one edge. Each stage fills the next field; only
 * one turn per lane runs at a time.
 */
export interface Turn {
  readonly edgeId: string;
  readonly lane: Lane;
  readonly payloads: readonly Uint8Array[];
  /** By `validate`. */
  batches: CheckedBatch[];
  /** By `validate` and `deduplicate`. */
  setAside: SetAside[];
  /** By `deduplicate`: what is new, by epoch. */
  gains: Map<string, Gain>;
  /** By `deduplicate`: epochs whose edge has to hear how far the hub is, be it by a gap, a repetition or a commit. */
  epochs: Set<string>;
  /** By `persist`. */
  committed: HubEvent[];
}

/** A turn before its first stage. */
export function newTurn(edgeId: string, lane: Lane, payloads: readonly Uint8Array[]): Turn {
  return { edgeId, lane, payloads, batches: [], setAside: [], gains: new Map(), epochs: new Set(), committed: [] };
}
