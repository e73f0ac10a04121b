import type { CommandParams, CommandResult } from '../../contract/command.ts';
import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { EdgeIdentity } from '../identity/identity.ts';
import type { Recording } from '../recording/recording.ts';
import type { Pace } from '../upload/segment-reader.ts';
import { uploadSegments } from '../upload/upload-segments.ts';

/** Uploads run longer than the order that started them, but not for ever. */
const UPLOAD_TIMEOUT_MS = 6 * 3_600_000;
const UPLOADS_MAX = 4;
/** Orders that are carried out or wait for their turn. */
const ORDERS_MAX = 64;

/** What {@link FootageFetch} needs. */
export interface FootageFetchParts {
  recording: Pick<Recording, 'segmentsBetween' | 'timeline'>;
  identity: Pick<EdgeIdentity, 'edgeId' | 'secret' | 'hubUrl' | 'caPem'>;
  clock: Clock;
  log: Log;
  /** Waits until the line has room for so many bytes. */
  pace?: Pace;
}

/** Answers `footage.fetch`: says what will come, then sends it. */
export class FootageFetch {
  readonly #parts: FootageFetchParts;
  /** By request, also those that wait. */
  readonly #orders = new Map<string, AbortController>();
  readonly #waiting: (() => void)[] = [];
  #active = 0;

  constructor(parts: FootageFetchParts) {
    this.#parts = parts;
  }

  /** Ends all uploads; the hub asks again for what it still wants. */
  stop(): void {
    for (const abort of this.#orders.values()) abort.abort(new Error('the edge is being stopped'));
    for (const start of this.#waiting.splice(0)) start();
  }

  /** @throws SharpEyesError LIMIT_REACHED, and what the recording throws */
  async fetch(params: CommandParams<'footage.fetch'>): Promise<CommandResult<'footage.fetch'>> {
    const { requestId, deviceId, stream, fromMs, toMs, uploadPath } = params;
    const { recording } = this.#parts;
    const segments = await recording.segmentsBetween({ deviceId, stream }, fromMs, toMs);
    const { gaps } = await recording.timeline({ deviceId, stream }, fromMs, toMs);
    if (segments.length > 0 && !this.#orders.has(requestId)) {
      if (this.#orders.size >= ORDERS_MAX) {
        throw new SharpEyesError('LIMIT_REACHED', `${ORDERS_MAX} requests for footage already wait at this edge`);
      }
      void this.#upload(requestId, uploadPath, segments);
    }
    return { segments: segments.map(({ record }) => record), gaps: gaps.slice(0, 1000) };
  }

  async #upload(
    requestId: string,
    uploadPath: string,
    segments: Awaited<ReturnType<Recording['segmentsBetween']>>,
  ): Promise<void> {
    const { identity, clock, log, pace } = this.#parts;
    const abort = new AbortController();
    this.#orders.set(requestId, abort);
    await this.#enter();
    const timer = clock.after(UPLOAD_TIMEOUT_MS, () => abort.abort(new Error('the upload took too long')));
    try {
      const authorization = `Basic ${Buffer.from(`${identity.edgeId}:${identity.secret}`).toString('base64')}`;
      const outcome = await uploadSegments({
        endpoint: new URL(uploadPath, identity.hubUrl).href,
        hub: { authorization, caPem: identity.caPem },
        requestId,
        segments,
        signal: abort.signal,
        ...(pace === undefined ? {} : { pace }),
      });
      log.info({ requestId, ...outcome, damaged: outcome.damaged.length }, 'footage was sent to the hub');
    } catch (error) {
      log.warn({ requestId, segments: segments.length }, `footage could not be sent: ${messageOf(error)}`);
    } finally {
      timer.cancel();
      this.#leave();
      this.#orders.delete(requestId);
    }
  }

  async #enter(): Promise<void> {
    while (this.#active >= UPLOADS_MAX) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#active += 1;
  }

  #leave(): void {
    this.#active -= 1;
    this.#waiting.shift()?.();
  }
}
