import { isId } from '../../contract/ids.ts';

/** What an edge says of a segment that it uploads: the upload's tus metadata. */
export interface SegmentMetadata {
  requestId: string;
  deviceId: string;
  stream: string;
  sequence: number;
  sha256: string;
}

/** An answer to a tus request that is no success; the shape is that of `@tus/server`. */
export class UploadRefusal extends Error {
  readonly status_code: number;
  readonly body: string;

  constructor(status: number, sentence: string) {
    super(sentence);
    this.status_code = status;
    this.body = `${sentence}\n`;
  }
}

/** @throws UploadRefusal 400 when something is missing or of another shape */
export function readSegmentMetadata(metadata: Record<string, string | null> | undefined): SegmentMetadata {
  const { requestId, deviceId, stream, sequence, sha256 } = metadata ?? {};
  const valid =
    isId(requestId ?? '') &&
    isId(deviceId ?? '') &&
    (stream === 'main' || stream === 'sub') &&
    /^\d{1,15}$/.test(sequence ?? '') &&
    /^[0-9a-f]{64}$/.test(sha256 ?? '');
  if (!valid || !requestId || !deviceId || !sha256) {
    throw new UploadRefusal(400, 'requestId, deviceId, stream, sequence and sha256 are needed as metadata');
  }
  return { requestId, deviceId, stream, sequence: Number(sequence), sha256 };
}
