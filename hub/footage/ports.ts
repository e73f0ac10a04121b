import type { RecordingGap, SegmentRecord } from '../../contract/footage.ts';

/** A recorded segment on the hub's disk whose SHA-256 was compared with its record on arrival. */
export interface LocalSegmentFile {
  path: string;
  record: SegmentRecord;
}

/** What an edge had of an asked interval. */
export interface FetchedFootage {
  /** In order of recording. Empty when nothing was recorded. */
  segments: LocalSegmentFile[];
  gaps: RecordingGap[];
  /** Every record the edge listed, also of segments that arrived damaged. */
  links: SegmentRecord[];
  /** Removes the files. */
  release(): Promise<void>;
}

/** How far a transfer is. */
export interface TransferProgress {
  bytesDone: number;
  /** Null until the edge has said how much there is. */
  bytesTotal: number | null;
}

/** One stream and an interval [fromMs, toMs) of edge time. */
export interface FootageRange {
  deviceId: string;
  stream: 'main' | 'sub';
  fromMs: number;
  toMs: number;
}

/** Gets recorded segments from where they are. */
export interface FootageSource {
  /**
   * Brings every segment that overlaps the range onto the hub's disk.
   * @throws SharpEyesError EDGE_OFFLINE, DEVICE_UNKNOWN, TIMEOUT when nothing arrives any more, or what the edge answered;
   *   the signal's reason when it aborts
   */
  fetch(
    range: FootageRange,
    onProgress: (progress: TransferProgress) => void,
    signal: AbortSignal,
  ): Promise<FetchedFootage>;
}
