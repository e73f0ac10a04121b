import { type Clock, delay } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { Supervisor } from '../../platform/supervisor.ts';
import { parseRtspUrl } from '../../protocols/rtsp/url.ts';
import type { DialLimit } from './dial-limit.ts';
import { FanOut } from './fan-out.ts';
import { Fragmenter } from './fragmenter.ts';
import { GopCache } from './gop-cache.ts';
import { DEFAULT_MEDIA_LIMITS, type MediaLimits } from './limits.ts';
import { RateMeter } from './rate-meter.ts';
import { type Dial, followRedirects } from './redirect.ts';
import type { TlsTrust } from './rtsp-connection.ts';
import { RtspSession } from './rtsp-session.ts';
import { SideTracks } from './side-tracks.ts';
import { reasonOf, streamError } from './stream-error.ts';
import type { TransportChoice } from './track-links.ts';
import type { MediaConsumer, MediaFragment, StreamReason, StreamState, StreamStats } from './types.ts';

/** Where a stream comes from. */
export interface StreamSource {
  /** `rtsp://` or `rtsps://`; user information in it is used where `username` is not given. */
  url: string;
  username?: string;
  password?: string;
  /** For `rtsps`; default `system`. */
  trust?: TlsTrust;
  /** How RTP comes; default `auto`. */
  transport?: TransportChoice;
}

/** What a stream needs. */
export interface MediaStreamOptions extends StreamSource {
  clock: Clock;
  log: Log;
  limits?: Partial<MediaLimits>;
  /** Shared by all streams of an edge. */
  dials?: DialLimit;
  /** Whether an IP address may be dialled; asked at each dial, also for what names mean and for redirects. */
  isAllowed?: (address: string) => boolean;
  random?: () => number;
}

/** Refusals that another attempt right away cannot change. */
const LASTING: ReadonlySet<StreamReason> = new Set(['refused', 'unsupported-codec', 'address-not-allowed']);
/** A camera that starts knows no stream at first: one that has played here may refuse so often before that lasts. */
const REFUSALS_WHILE_STARTING = 12;
/** A session that played for this long worked: the next failure waits only shortly. */
const ESTABLISHED_MS = 10_000;

/**
 * One camera stream: one RTSP session at a time, kept up by a supervisor, however many consumers watch. Frames are
 * put together once and shared.
 */
export class MediaStream {
  readonly #options: MediaStreamOptions;
  readonly #limits: MediaLimits;
  readonly #fanOut: FanOut;
  readonly #gop: GopCache;
  readonly #meter: RateMeter;
  readonly #fragmenter: Fragmenter;
  readonly #sides: SideTracks;
  readonly #supervisor: Supervisor;
  #session: RtspSession | null = null;
  #onFirstFragment: (() => void) | null = null;
  #release: () => void = () => undefined;
  /** Further tracks seem to be why the last session failed: the next one goes without. */
  #videoOnly = false;
  #hasBackChannel = false;
  #hasPlayed = false;
  #refusals = 0;
  #state: StreamState = 'stopped';
  #reason: StreamReason = 'stopped';
  #sinceMs = 0;
  #framesTotal = 0;
  /** Of the sessions that are over. */
  #past = { bytes: 0, packetsLost: 0, framesDropped: 0 };

  constructor(options: MediaStreamOptions) {
    const { clock, log } = options;
    this.#options = options;
    this.#limits = { ...DEFAULT_MEDIA_LIMITS, ...options.limits };
    this.#fanOut = new FanOut(log, this.#limits.consumers);
    this.#gop = new GopCache(this.#limits);
    this.#meter = new RateMeter(clock);
    this.#fragmenter = new Fragmenter(clock, (fragment) => this.#onFragment(fragment));
    this.#sides = new SideTracks(clock, this.#fragmenter.timeline, this.#fanOut);
    this.#supervisor = new Supervisor({
      name: 'stream',
      clock,
      log,
      backoff: this.#limits.backoff,
      ...(options.random === undefined ? {} : { random: options.random }),
      runOnce: (signal, established) => this.#runOnce(signal, established),
    });
  }

  start(): void {
    this.#supervisor.start();
  }

  /** Ends the session and waits for its end. Consumers stay and see `stopped`. */
  async stop(): Promise<void> {
    await this.#supervisor.stop();
    this.#gop.clear();
    this.#setState('stopped', 'stopped');
  }

  /**
   * Adds a consumer. With `withLastGop` it gets the init segment and everything since the last key frame at once,
   * before this returns; else, and when that group is too large to be kept, it begins with the next key frame.
   * @returns the function that removes it
   * @throws SharpEyesError LIMIT_REACHED
   */
  subscribe(consumer: MediaConsumer, options: { withLastGop?: boolean } = {}): () => void {
    const backlog = options.withLastGop === true ? this.#gop.fragments : [];
    return this.#fanOut.add(consumer, this.#state, this.#reason, backlog);
  }

  get consumers(): number {
    return this.#fanOut.size;
  }

  stats(): StreamStats {
    const now = this.#session?.counters ?? { bytes: 0, packetsLost: 0, framesDropped: 0 };
    const init = this.#fragmenter.init;
    const sound = this.#sides.init;
    return {
      state: this.#state,
      reason: this.#reason,
      sinceMs: this.#sinceMs,
      framesTotal: this.#framesTotal,
      packetsLost: this.#past.packetsLost + now.packetsLost,
      framesDropped: this.#past.framesDropped + now.framesDropped + this.#fragmenter.dropped,
      bytesTotal: this.#past.bytes + now.bytes,
      ...this.#meter.rates(),
      codec: init?.codec ?? null,
      width: init?.width ?? null,
      height: init?.height ?? null,
      transport: this.#session?.transport ?? null,
      audio: sound === null ? null : { codec: sound.codec, clockRate: sound.clockRate, channels: sound.channels },
      metadata: this.#sides.hasMetadata,
      backChannel: this.#hasBackChannel ? true : null,
    };
  }

  async #runOnce(signal: AbortSignal, established: () => void): Promise<void> {
    const { clock } = this.#options;
    this.#setState('connecting', this.#reason === 'stopped' ? 'ok' : this.#reason);
    let liveAtMs: number | null = null;
    try {
      this.#release = (await this.#options.dials?.acquire(signal)) ?? (() => undefined);
      try {
        this.#onFirstFragment = () => {
          liveAtMs = clock.monotonicMs();
          this.#setState('live', 'ok');
        };
        await this.#play(signal);
      } finally {
        this.#onFirstFragment = null;
        this.#release();
      }
      throw streamError('ended', `the device ended the stream`);
    } catch (error) {
      if (signal.aborted) return;
      if (liveAtMs !== null) this.#refusals = 0;
      if (liveAtMs !== null && clock.monotonicMs() - liveAtMs >= ESTABLISHED_MS) established();
      const reason = reasonOf(error);
      this.#setState('failed', reason);
      const waitMs = this.#waitMs(reason);
      if (waitMs > 0) await delay(clock, waitMs, signal).catch(() => undefined);
      throw error;
    }
  }

  #waitMs(reason: StreamReason): number {
    if (reason === 'refused-credentials') return this.#limits.refusedPasswordWaitMs;
    if (!LASTING.has(reason)) return 0;
    this.#refusals += 1;
    return this.#hasPlayed && this.#refusals <= REFUSALS_WHILE_STARTING ? 0 : this.#limits.refusedWaitMs;
  }

  async #play(signal: AbortSignal): Promise<void> {
    const { url, username, password } = this.#options;
    const target = parseRtspUrl(url);
    const credentials = username === undefined ? target.credentials : { username, password: password ?? '' };
    await followRedirects({ target, credentials }, (dial) => this.#playAt(dial, signal));
  }

  async #playAt(dial: Dial, signal: AbortSignal): Promise<void> {
    const { trust, transport, clock, log, isAllowed } = this.#options;
    const session = new RtspSession({
      dial,
      trust: trust ?? 'system',
      transport: transport ?? 'auto',
      isAllowed,
      videoOnly: this.#videoOnly,
      clock,
      log,
      limits: this.#limits,
      onTracks: (tracks, { backChannel }) => {
        this.#hasBackChannel = backChannel;
        this.#fragmenter.beginSession(tracks.video.family, tracks.video.clockRate);
        this.#sides.begin(tracks);
      },
      // Waiting for the first key frame costs nobody anything.
      onPlaying: () => this.#release(),
      sinks: {
        video: this.#fragmenter,
        audio: this.#sides.audio,
        metadata: this.#sides.metadata,
        onSenderReport: (kind, report) => this.#sides.onSenderReport(kind, report),
      },
    });
    this.#session = session;
    try {
      await session.run(signal);
    } finally {
      // Without sound it failed as well: then sound was not the reason.
      this.#videoOnly = session.failedOverSides || (this.#videoOnly && session.hasPlayed);
      const { bytes, packetsLost, framesDropped } = session.counters;
      this.#past.bytes += bytes;
      this.#past.packetsLost += packetsLost;
      this.#past.framesDropped += framesDropped;
      this.#session = null;
    }
  }

  #onFragment(fragment: MediaFragment): void {
    this.#framesTotal += 1;
    this.#meter.add(fragment.bytes.length);
    if (this.#onFirstFragment !== null) {
      this.#hasPlayed = true;
      this.#onFirstFragment();
      this.#onFirstFragment = null;
    }
    this.#gop.push(fragment);
    this.#fanOut.deliver(fragment);
  }

  #setState(state: StreamState, reason: StreamReason): void {
    if (state === this.#state && reason === this.#reason) return;
    this.#state = state;
    this.#reason = reason;
    this.#sinceMs = this.#options.clock.nowMs();
    this.#fanOut.state(state, reason);
  }
}
