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
  /** After so long without a byte the edge is asked again for what is missing: it may have been restarted. */
  stallTimeoutMs?: number;
  /** Times in a row that nothing came although it was asked again; then the transfer is given up. */
  stallsMax?: number;
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
      const ask = (from: number, to: number): Promise<CommandResult<'footage.fetch'>> => {
        const params = { ...range, fromMs: from, toMs: to, requestId, uploadPath: UPLOAD_PATH };
        return abortable(commands.send(edgeId, 'footage.fetch', params, { timeoutMs: answerTimeoutMs }), signal);
      };
      const { segments: links, gaps } = await ask(range.fromMs, range.toMs);
      await this.#arrived(expected, links, { ask, onProgress, signal });
      return collect(expected, links, gaps);
    } catch (error) {
      await expected.release();
      throw error;
    }
  }

  async #arrived(expected: ExpectedSegments, links: readonly SegmentRecord[], transfer: Transfer): Promise<void> {
    const { stallTimeoutMs = 60_000, stallsMax = 5 } = this.#options;
    const bytesTotal = links.reduce((sum, { bytes }) => sum + bytes, 0);
    let stalls = 0;
    for (;;) {
      transfer.onProgress({ bytesDone: Math.min(expected.receivedBytes, bytesTotal), bytesTotal });
      const missing = links.filter((link) => expected.arrivalOf(link) === undefined);
      if (missing.length === 0) return;
      if (expected.isReleased) throw new SharpEyesError('EDGE_OFFLINE', 'The hub stops; the footage did not arrive.');
      if (await expected.change(stallTimeoutMs, transfer.signal)) stalls = 0;
      else if (++stalls < stallsMax) await askAgain(missing, transfer);
      else throw stalled(expected.edgeId, missing.length, links.length, (stallsMax * stallTimeoutMs) / 1000);
    }
  }
}

interface Transfer {
  ask(fromMs: number, toMs: number): Promise<unknown>;
  onProgress: (progress: TransferProgress) => void;
  signal: AbortSignal;
}

/** An edge that is away now may be back before the next time. */
async function askAgain(missing: readonly SegmentRecord[], { ask, signal }: Transfer): Promise<void> {
  const fromMs = Math.min(...missing.map((record) => record.startAtMs));
  const toMs = Math.max(...missing.map((record) => record.endAtMs));
  try {
    await ask(fromMs, toMs);
  } catch (error) {
    const isAway = error instanceof SharpEyesError && (error.code === 'EDGE_OFFLINE' || error.code === 'TIMEOUT');
    if (signal.aborted || !isAway) throw error;
  }
}

function stalled(edgeId: string, missing: number, of: number, seconds: number): SharpEyesError {
  const message = `For ${seconds} s nothing arrived from ${edgeId}; ${missing} of ${of} segments are missing.`;
  return new SharpEyesError('TIMEOUT', message, { context: { edgeId, missing } });
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
