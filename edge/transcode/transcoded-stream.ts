import { Backoff } from '../../platform/backoff.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { buildFragment, FRAGMENT_HEADER_BYTES } from '../../protocols/fmp4/fragment.ts';
import { FanOut } from '../media/fan-out.ts';
import { GopCache } from '../media/gop-cache.ts';
import { DEFAULT_MEDIA_LIMITS } from '../media/limits.ts';
import type { InitSegment, MediaConsumer, MediaFragment, StreamReason, StreamState } from '../media/types.ts';
import { Encoder, type EncoderOptions } from './encoder.ts';

/** The camera's stream that pictures are taken from. */
export interface TranscodeSource {
  stream: 'main' | 'sub';
  subscribe(consumer: MediaConsumer, options: { withLastGop?: boolean }): () => void;
  /** Not needed any more. */
  release(): void;
}

/** How the pictures are made. */
export type TranscodeSettings = Pick<EncoderOptions, 'program' | 'maxWidth' | 'kbitPer720p'>;

/** After so many runs in a row that ended soon, viewers are told that it does not work. */
const FAILURES_TOLD = 3;
/** A run that lasted so long was a good one. */
const ESTABLISHED_MS = 30_000;
const BACKOFF = { firstMs: 1000, maxMs: 30_000 };

/**
 * A camera's stream encoded anew as H.264, for everybody who watches it: one encoder, started with the first picture,
 * started again (with growing waits) when it dies, and replaced when the camera's pictures change. Sound and metadata go
 * by it untouched; times are those of the camera's pictures, so a delay that is shown is the true one.
 */
export class TranscodedStream {
  readonly source: TranscodeSource;
  readonly #settings: TranscodeSettings;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #fanOut: FanOut;
  readonly #gop = new GopCache(DEFAULT_MEDIA_LIMITS);
  readonly #backoff = new Backoff(BACKOFF);
  readonly #ending = new Set<Promise<void>>();
  #unsubscribe: () => void = () => undefined;
  #sourceInit: InitSegment | null = null;
  #encoder: Encoder | null = null;
  #startedAtMs = 0;
  #failures = 0;
  /** No encoder is started before this, monotonic. */
  #waitUntilMs = 0;
  #init: InitSegment | null = null;
  #epoch = 0;
  #sequence = 0;
  #state: StreamState = 'connecting';
  #reason: StreamReason = 'ok';

  constructor(source: TranscodeSource, settings: TranscodeSettings, { clock, log }: { clock: Clock; log: Log }) {
    this.source = source;
    this.#settings = settings;
    this.#clock = clock;
    this.#log = log;
    this.#fanOut = new FanOut(log, DEFAULT_MEDIA_LIMITS.consumers);
  }

  start(): void {
    this.#unsubscribe = this.source.subscribe(
      {
        onInit: (init) => this.#renew(init),
        onFragment: (fragment) => this.#feed(fragment),
        onAudio: (frame) => this.#fanOut.audio(frame),
        onMetadata: (frame) => this.#fanOut.metadata(frame),
        onState: (state, reason) => this.#follow(state, reason),
      },
      { withLastGop: true },
    );
  }

  /** Ends the encoder and lets go of the source; consumers see `stopped`. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#endEncoder();
    this.#gop.clear();
    this.#setState('stopped', 'stopped');
    this.source.release();
    await Promise.all(this.#ending);
  }

  /** As of every stream: with `withLastGop` everything since the last key frame comes at once. */
  subscribe(consumer: MediaConsumer, options: { withLastGop?: boolean } = {}): () => void {
    const backlog = options.withLastGop === true ? this.#gop.fragments : [];
    return this.#fanOut.add(consumer, this.#state, this.#reason, backlog);
  }

  /** Other pictures than before need another encoder. */
  #renew(init: InitSegment): void {
    this.#endEncoder();
    this.#sourceInit = init;
  }

  #feed(fragment: MediaFragment): void {
    if (this.#encoder === null && fragment.key) this.#begin();
    this.#encoder?.feed(fragment);
  }

  #begin(): void {
    const init = this.#sourceInit;
    const nowMs = this.#clock.monotonicMs();
    if (init === null || nowMs < this.#waitUntilMs) return;
    const encoder = new Encoder({
      ...{ ...this.#settings, init, clock: this.#clock, log: this.#log },
      onInit: (made) => {
        if (this.#encoder === encoder) this.#newInit(made);
      },
      onPicture: (picture) => {
        if (this.#encoder === encoder) this.#deliver(picture);
      },
      onEnd: () => {
        if (this.#encoder === encoder) this.#died();
      },
    });
    this.#encoder = encoder;
    this.#startedAtMs = nowMs;
    encoder.start();
  }

  #endEncoder(): void {
    const ending = this.#encoder?.stop();
    this.#encoder = null;
    if (ending === undefined) return;
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
  }

  #died(): void {
    this.#encoder = null;
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#startedAtMs >= ESTABLISHED_MS) {
      this.#backoff.reset();
      this.#failures = 0;
    }
    this.#failures += 1;
    this.#waitUntilMs = nowMs + this.#backoff.nextMs();
    this.#log.warn({ failures: this.#failures }, 'the encoder ended; it is started again');
    this.#gop.clear();
    this.#setState('failed', this.#failures < FAILURES_TOLD ? 'ended' : 'transcoder-failed');
  }

  #newInit(made: Omit<InitSegment, 'epoch'>): void {
    // Grows over restarts of the program too, and stays within the 32 bits of the envelope.
    this.#epoch = Math.max(this.#epoch + 1, Math.floor(this.#clock.nowMs() / 1000));
    this.#init = { ...made, epoch: this.#epoch };
    this.#gop.clear();
  }

  #deliver({ key, bytes: sample, times }: Parameters<EncoderOptions['onPicture']>[0]): void {
    const init = this.#init;
    if (init === null) return;
    this.#sequence += 1;
    const { pts90k: decodeTime90k, duration90k, edgeAtMs } = times;
    const placed = { sequence: this.#sequence, key, decodeTime90k, duration90k, compositionOffset90k: 0 };
    const bytes = buildFragment(placed, sample);
    const fragment = { ...placed, init, bytes, sampleAt: FRAGMENT_HEADER_BYTES, edgeAtMs };
    this.#setState('live', 'ok');
    this.#gop.push(fragment);
    this.#fanOut.deliver(fragment);
  }

  /**
   * The camera's state is ours, except that pictures are there only when the encoder gives them. Without a camera the
   * encoder ends: its last pictures would say `live` again, and its silence would be taken for a fault of its own.
   */
  #follow(state: StreamState, reason: StreamReason): void {
    if (state === 'live') return;
    this.#endEncoder();
    this.#gop.clear();
    this.#setState(state, reason);
  }

  #setState(state: StreamState, reason: StreamReason): void {
    if (state === this.#state && reason === this.#reason) return;
    this.#state = state;
    this.#reason = reason;
    this.#fanOut.state(state, reason);
  }
}
