import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { DialLimit } from './dial-limit.ts';
import type { MediaLimits } from './limits.ts';
import { MediaStream, type StreamSource } from './stream.ts';

/** `${deviceId}/${streamName}` */
export type StreamKey = `${string}/${string}`;

/** What all streams have in common. */
export interface MediaStreamsOptions {
  clock: Clock;
  log: Log;
  limits?: Partial<MediaLimits>;
  /** How many streams may be connecting at the same moment, default 16. */
  maxDials?: number;
  /** Whether an IP address may be dialled. */
  isAllowed?: (address: string) => boolean;
}

/** Every stream that an edge pulls, one pull each, whoever asks for it. */
export class MediaStreams {
  readonly #options: MediaStreamsOptions;
  readonly #streams = new Map<StreamKey, { stream: MediaStream; source: StreamSource }>();
  /** Shared by all streams, so that a street of cameras coming back does not dial at once. */
  readonly dials: DialLimit;

  constructor(options: MediaStreamsOptions) {
    this.#options = options;
    this.dials = new DialLimit(options.maxDials ?? 16);
  }

  /**
   * The stream under `key`, started. A source other than before stops the old pull and starts a new one; its
   * consumers have to subscribe again.
   */
  ensure(key: StreamKey, source: StreamSource): MediaStream {
    const known = this.#streams.get(key);
    if (known !== undefined && sameSource(known.source, source)) return known.stream;
    void known?.stream.stop();
    const { clock, log, limits, isAllowed } = this.#options;
    const stream = new MediaStream({
      ...source,
      clock,
      log: log.child({ stream: key }),
      dials: this.dials,
      ...(limits === undefined ? {} : { limits }),
      ...(isAllowed === undefined ? {} : { isAllowed }),
    });
    this.#streams.set(key, { stream, source });
    stream.start();
    return stream;
  }

  get(key: StreamKey): MediaStream | undefined {
    return this.#streams.get(key)?.stream;
  }

  /** Stops and forgets a stream; resolves when its session has ended. */
  async remove(key: StreamKey): Promise<void> {
    const known = this.#streams.get(key);
    this.#streams.delete(key);
    await known?.stream.stop();
  }

  all(): readonly { key: StreamKey; stream: MediaStream }[] {
    return [...this.#streams].map(([key, { stream }]) => ({ key, stream }));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#streams.keys()].map((key) => this.remove(key)));
  }
}

function sameSource(a: StreamSource, b: StreamSource): boolean {
  return isDeepStrictEqual(a, b);
}
