import type { SegmentRecord } from '../../contract/footage.ts';

/** A recorded segment on the edge's disk. */
export interface SegmentFile {
  path: string;
  record: SegmentRecord;
}
