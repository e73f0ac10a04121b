/** What ingest counts since its start; shown in the state of the hub. */
export interface Counts {
  /** Events stored. */
  events: number;
  /** Events that were already there. */
  repeated: number;
  /** Batches that began after a hole and were asked for again. */
  gaps: number;
  /** Batches, events or messages that did not have the documented shape. */
  malformed: number;
  /** Malformed ones that were not even kept, because too many came. */
  notKept: number;
  /** Batches refused because too much waited; the edge sends them again. */
  refused: number;
  /** Turns that failed because the disk did; the edge sends them again. */
  failed: number;
  /** Acknowledgements that could not be sent; the next one repairs it. */
  acksFailed: number;
}

/** All zero. */
export function newCounts(): Counts {
  return {
    events: 0,
    repeated: 0,
    gaps: 0,
    malformed: 0,
    notKept: 0,
    refused: 0,
    failed: 0,
    acksFailed: 0,
  };
}
