import type { CommandName, CommandParams, CommandResult } from '../../contract/command.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import type { RecordingGap, SegmentRecord } from '../../contract/footage.ts';
import type { ExpectedSegments } from './expected-segments.ts';
import type { FetchedFootage, FootageRange, FootageSource, LocalSegmentFile, TransferProgress } from './ports.ts';
import { type SegmentUploads, UPLOAD_PATH } from './segment-uploads.ts';

/** How the hub gives orders to an edge. */
export interface EdgeCommands {
  send<N extends CommandName>(
    edgeId: string,
    name: N,
    params: CommandParams<N>,
    options: { timeoutMs: number },
  ): Promise<CommandResult<N>>;
}

/** Settings and ports of {@link EdgeFootageSource}. */
export interface EdgeFootageSourceOptions {
  commands: EdgeCommands;
  uploads: SegmentUploads;
  /** Edge of a device. @throws SharpEyesError DEVICE_UNKNOWN */
  edgeOf(deviceId: string): Promise<string>;
  newId(): string;
  /** How long the edge may take to answer; it closes a segment first. */
  answerTimeoutMs?: number;
  /** How long nothing may arrive before the transfer is given up. Edges come back after short outages and go on. */
  stallTimeoutMs?: number;
}

/** Has edges upload what they recorded. */
export class EdgeFootageSource implements FootageSource {
  readonly #options: EdgeFootageSourceOptions;

  constructor(options: EdgeFootageSourceOptions) {
    this.#options = options;
  }

  async fetch(
    range: FootageRange,
    onProgress: (progress: TransferProgress) => void,
    signal: AbortSignal,
  ): Promise<FetchedFootage> {
    const { commands, uploads, edgeOf, newId, answerTimeoutMs = 30_000 } = this.#options;
    const edgeId = await edgeOf(range.deviceId);
    const requestId = newId();
    const expected = uploads.expect(requestId, edgeId);
    try {
      const params = { ...range, requestId, uploadPath: UPLOAD_PATH };
      const answer = commands.send(edgeId, 'footage.fetch', params, { timeoutMs: answerTimeoutMs });
      const { segments: links, gaps } = await abortable(answer, signal);
      await this.#arrived(expected, links, onProgress, signal);
      return collect(expected, links, gaps);
    } catch (error) {
      await expected.release();
      throw error;
    }
  }

  async #arrived(
    expected: ExpectedSegments,
    links: readonly SegmentRecord[],
    onProgress: (progress: TransferProgress) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { stallTimeoutMs = 120_000 } = this.#options;
    const bytesTotal = links.reduce((sum, { bytes }) => sum + bytes, 0);
    for (;;) {
      onProgress({ bytesDone: Math.min(expected.receivedBytes, bytesTotal), bytesTotal });
      const missing = links.filter((link) => expected.arrivalOf(link) === undefined).length;
      if (missing === 0) return;
      if (expected.isReleased) throw new SharpEyesError('EDGE_OFFLINE', 'The hub stops; the footage did not arrive.');
      if (await expected.change(stallTimeoutMs, signal)) continue;
      throw new SharpEyesError(
        'TIMEOUT',
        `For ${stallTimeoutMs / 1000} s nothing arrived from ${expected.edgeId}; ${missing} of ${links.length} segments are missing.`,
        { context: { edgeId: expected.edgeId, missing } },
      );
    }
  }
}

function collect(
  expected: ExpectedSegments,
  links: readonly SegmentRecord[],
  gaps: readonly RecordingGap[],
): FetchedFootage {
  const segments: LocalSegmentFile[] = [];
  const damaged: RecordingGap[] = [];
  for (const record of links) {
    const arrival = expected.arrivalOf(record);
    if (arrival !== undefined && arrival !== 'damaged') segments.push({ path: arrival.path, record });
    else damaged.push({ fromMs: record.startAtMs, toMs: record.endAtMs, cause: 'disk-failed' });
  }
  return { segments, gaps: [...gaps, ...damaged], links: [...links], release: () => expected.release() };
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
