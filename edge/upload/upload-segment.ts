import { DetailedError, type HttpStack, Upload } from 'tus-js-client';
import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import type { SegmentFile } from './segment-file.ts';
import type { SegmentReader } from './segment-reader.ts';

/** One upload's surroundings. */
export interface SegmentUploadContext {
  endpoint: string;
  stack: HttpStack;
  reader: SegmentReader;
  requestId: string;
  retryDelaysMs: readonly number[];
  signal: AbortSignal;
  /** Bytes of this segment that were sent so far. */
  onBytes: (bytes: number) => void;
}

/** One request carries no more, so that a slow line ends each well within the hub's time limit. */
const CHUNK_BYTES = 8 * 1024 * 1024;

/** The hub compared the hash and says that these are not the recorded bytes. */
const NOT_AS_RECORDED = 422;

/** Uploads one segment; false when the hub found that it is not what was recorded. */
export function uploadSegment(segment: SegmentFile, context: SegmentUploadContext): Promise<boolean> {
  const { endpoint, stack, reader, requestId, retryDelaysMs, signal, onBytes } = context;
  const { deviceId, stream, sequence, sha256 } = segment.record;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const end = (settle: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    // The types know browsers only; the reader takes the path of the file.
    const upload = new Upload(segment as unknown as Blob, {
      endpoint,
      httpStack: stack,
      fileReader: reader,
      metadata: { requestId, deviceId, stream, sequence: String(sequence), sha256 },
      chunkSize: CHUNK_BYTES,
      retryDelays: [...retryDelaysMs],
      storeFingerprintForResuming: false,
      onShouldRetry: (error) => isWorthRetrying(statusOf(error)),
      onProgress: onBytes,
      onSuccess: () => end(() => resolve(true)),
      onError: (error) => {
        const status = statusOf(error);
        end(() => (status === NOT_AS_RECORDED ? resolve(false) : reject(refusal(status, error, endpoint))));
      },
    });
    const onAbort = (): void => {
      end(() => reject(signal.reason));
      upload.abort().catch(() => undefined);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    upload.start();
  });
}

function statusOf(error: unknown): number | null {
  return error instanceof DetailedError ? (error.originalResponse?.getStatus() ?? null) : null;
}

/** No answer, a conflict of offsets, a lock, too many requests, or a fault of the hub: the next attempt may succeed. */
function isWorthRetrying(status: number | null): boolean {
  return status === null || status >= 500 || status === 409 || status === 423 || status === 429;
}

function refusal(status: number | null, error: unknown, endpoint: string): SharpEyesError {
  const context = { endpoint, status };
  if (status === 401 || status === 403) {
    return new SharpEyesError('NOT_SIGNED_IN', 'The hub refuses the credential of this edge.', {
      context,
      cause: error,
    });
  }
  if (status === 404 || status === 410) {
    return new SharpEyesError('NOT_FOUND', 'The hub does not ask for this footage any more.', {
      context,
      cause: error,
    });
  }
  if (status !== null && status < 500) {
    return new SharpEyesError('LIMIT_REACHED', `The hub refuses the upload (HTTP ${status}).`, {
      context,
      cause: error,
    });
  }
  return new SharpEyesError('EDGE_OFFLINE', `The hub is out of reach: ${messageOf(error)}`, { context, cause: error });
}
