import { SharpEyesError } from '../../contract/errors.ts';
import { type HubConnection, hubHttpStack } from './hub-http-stack.ts';
import type { SegmentFile } from './segment-file.ts';
import { type Pace, segmentReader } from './segment-reader.ts';
import { uploadSegment } from './upload-segment.ts';

/** What {@link uploadSegments} needs. */
export interface UploadOrder {
  /** Address of the hub's upload endpoint, e.g. `https://hub:8443/edge-api/uploads`. */
  endpoint: string;
  hub: HubConnection;
  /** From the hub's `footage.fetch`. */
  requestId: string;
  segments: readonly SegmentFile[];
  signal: AbortSignal;
  onProgress?: (progress: { bytesDone: number; bytesTotal: number }) => void;
  /** Waits until the line has room for so many bytes; footage goes after everything else. */
  pace?: Pace;
  /** Uploads at the same time; the second fills the first one's round trips. */
  parallel?: number;
  /** Waits between attempts after a failure; they begin anew whenever something got through. */
  retryDelaysMs?: readonly number[];
}

/** What came of it. */
export interface UploadOutcome {
  uploaded: number;
  /** Sequence numbers of segments whose bytes are not the recorded ones (any more). The hub knows. */
  damaged: number[];
}

/** About five minutes in all without a single byte getting through. */
const RETRY_DELAYS_MS = [500, 1000, 2000, 4000, 8000, 15_000, 30_000, 30_000, 30_000, 60_000, 60_000, 60_000];

/**
 * Uploads segments to the hub, resumably (tus 1.0), in order. A segment that cannot be read is offered empty, so that the hub
 * learns of it at once instead of waiting.
 * @throws SharpEyesError NOT_FOUND when the hub does not want them (any more), NOT_SIGNED_IN, EDGE_OFFLINE when the hub stayed
 *   out of reach; the signal's reason when it aborts
 */
export async function uploadSegments(order: UploadOrder): Promise<UploadOutcome> {
  const { segments, signal, parallel = 2, retryDelaysMs = RETRY_DELAYS_MS } = order;
  const bytesTotal = segments.reduce((sum, { record }) => sum + record.bytes, 0);
  const sent = segments.map(() => 0);
  const outcome: UploadOutcome = { uploaded: 0, damaged: [] };
  const failure = new AbortController();
  const stack = hubHttpStack(order.hub);
  const common = {
    endpoint: order.endpoint,
    stack,
    reader: segmentReader(order.pace),
    requestId: order.requestId,
    retryDelaysMs,
    signal: AbortSignal.any([signal, failure.signal]),
  };
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < segments.length; index = next++) {
      const segment = segments[index];
      if (segment === undefined) return;
      const onBytes = (bytes: number): void => {
        sent[index] = Math.min(bytes, segment.record.bytes);
        order.onProgress?.({ bytesDone: sent.reduce((sum, done) => sum + done, 0), bytesTotal });
      };
      const isAsRecorded = await uploadSegment(segment, { ...common, onBytes });
      onBytes(segment.record.bytes);
      if (isAsRecorded) outcome.uploaded++;
      else outcome.damaged.push(segment.record.sequence);
    }
  };
  const lanes = Array.from({ length: Math.min(parallel, segments.length) }, lane);
  try {
    await Promise.all(lanes);
  } catch (error) {
    failure.abort(new SharpEyesError('CONFLICT', 'Another upload of the same order failed.'));
    await Promise.allSettled(lanes);
    throw error;
  } finally {
    stack.close();
  }
  return outcome;
}
