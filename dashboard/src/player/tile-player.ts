import type { TileReason } from '../../../contract/live.ts';
import type { InitDescription, MediaMessage } from '../../../contract/media-frame.ts';
import { FrameCounter } from './frame-counter.ts';
import { EdgeTarget, followLiveEdge, LagMeter } from './live-edge.ts';
import { canDecode, MsePipeline } from './mse-pipeline.ts';
import type { PlayerClock } from './player-clock.ts';
import type { PlayerTicker } from './player-ticker.ts';
import { SequenceGate } from './sequence-gate.ts';
import { RateMeter, type TileFacts } from './tile-facts.ts';
import type { TileSink } from './tile-sink.ts';
import { Watchdog } from './watchdog.ts';

/** `starting`: no picture yet. `live`: pictures move. `stalled`: the last picture stands. `failed`: there never was one. */
export type TileState = 'starting' | 'live' | 'stalled' | 'failed';

/** What React shows around the picture; a new object only when something in it changed. */
export interface TileSnapshot {
  state: TileState;
  reason: TileReason;
  /** Since when there is no moving picture, hub's clock; null when unknown. */
  sinceMs: number | null;
}

const STALE_AFTER_MS = 4000;
const SETTLE_MS = 2500;
const ASK_AGAIN_AFTER_MS = 10_000;

/**
 * Plays one tile. Data comes through {@link TileSink}; every source change keeps the last picture on a canvas until the
 * new source has painted its first frame, so that a tile is never black between two pictures.
 *
 * starting -first frame painted-> live -no fragments or the hub says so-> stalled -frame painted-> live;
 * starting -the hub refuses, or the codec cannot be decoded-> failed -anything arrives-> starting.
 */
export class TilePlayer implements TileSink {
  readonly #video: HTMLVideoElement;
  readonly #still: HTMLCanvasElement;
  readonly #ticker: PlayerTicker;
  readonly #clock: PlayerClock;
  readonly #hubNow: () => number;
  readonly #askAgain: () => void;
  readonly #listeners = new Set<() => void>();
  readonly #gate = new SequenceGate();
  readonly #rates = new RateMeter();
  readonly #frames: FrameCounter;
  readonly #lag = new LagMeter();
  #target = new EdgeTarget();
  #watchdog = new Watchdog();
  #pipeline: MsePipeline | null = null;
  #init: { description: InitDescription; body: Uint8Array } | null = null;
  #snapshot: TileSnapshot = { state: 'starting', reason: 'starting', sinceMs: null };
  #removeTick: (() => void) | null = null;
  #sourceAtMs = 0;
  #lastMediaAtMs = 0;
  #lastEdgeAtMs: number | null = null;
  #appended = 0;
  #bytes = 0;
  #restarts = 0;
  #seeked = false;
  #expectsInit = true;
  /** Frames seen at the last tick, and fragments appended when the hub last gave a reason against a picture. */
  #framesAtTick = 0;
  #appendedAtReason = 0;

  constructor(options: {
    video: HTMLVideoElement;
    still: HTMLCanvasElement;
    ticker: PlayerTicker;
    clock: PlayerClock;
    /** Now, by the hub's clock. */
    hubNow: () => number;
    /** Asks the live socket for the stream from its last key frame. */
    askAgain: () => void;
  }) {
    this.#video = options.video;
    this.#still = options.still;
    this.#ticker = options.ticker;
    this.#clock = options.clock;
    this.#hubNow = options.hubNow;
    this.#askAgain = options.askAgain;
    this.#frames = new FrameCounter(options.video, () => this.#painted());
  }

  start(): void {
    this.#video.muted = true;
    this.#video.addEventListener('waiting', this.#onWaiting);
    this.#removeTick = this.#ticker.add(() => this.#tick());
  }

  stop(): void {
    this.#removeTick?.();
    this.#removeTick = null;
    this.#video.removeEventListener('waiting', this.#onWaiting);
    this.#frames.newSource();
    this.#pipeline?.stop();
    this.#pipeline = null;
    this.#video.removeAttribute('src');
    this.#video.load();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): TileSnapshot => this.#snapshot;

  /** Frames painted since the tile exists. */
  get presentedFrames(): number {
    return this.#frames.total;
  }

  facts(): TileFacts {
    return {
      codec: this.#init?.description.codec ?? null,
      width: this.#init?.description.width ?? null,
      height: this.#init?.description.height ?? null,
      fps: this.#rates.fps,
      bitrate: this.#rates.bitrate,
      delayMs: this.#snapshot.state === 'live' ? this.#delayMs() : null,
      lost: this.#gate.lost,
      restarts: this.#restarts,
    };
  }

  onRestart(): void {
    this.#gate.rewind();
    this.#expectsInit = true;
    this.#lastMediaAtMs = this.#clock.nowMs();
  }

  onReason(reason: TileReason, sinceMs: number): void {
    if (reason === 'live' || reason === 'starting') {
      if (this.#snapshot.state === 'failed') this.#set({ state: 'starting', reason, sinceMs: null });
      return;
    }
    this.#appendedAtReason = this.#appended;
    const state = this.#snapshot.state === 'live' || this.#snapshot.state === 'stalled' ? 'stalled' : 'failed';
    this.#set({ state, reason, sinceMs });
  }

  onMedia(message: MediaMessage): void {
    if (message.type === 'init') this.#onInit(message);
    else if (message.type === 'end') this.#onEnd(message.edgeAtMs);
    else this.#onFragment(message);
  }

  /** The hub says the true reason right after; it must not be overwritten when it came first. */
  #onEnd(edgeAtMs: number): void {
    if (this.#snapshot.state === 'live') this.onReason('no-signal', edgeAtMs);
  }

  #onInit(message: MediaMessage): void {
    const description = parseDescription(message.description);
    if (description === null) return;
    // The hub repeats the beginning when a second tile joins the same stream; this one is already playing it.
    if (!this.#expectsInit && this.#pipeline !== null && message.epoch === this.#gate.epoch) return;
    this.#expectsInit = false;
    this.#gate.open(message.epoch);
    this.#init = { description, body: message.body };
    if (canDecode(description.codec)) this.#openSource();
    else this.onReason('unsupported-codec', this.#hubNow());
  }

  #onFragment(message: MediaMessage): void {
    this.#bytes += message.body.length;
    if (this.#pipeline === null || !this.#gate.admit(message)) return;
    this.#lastMediaAtMs = this.#clock.nowMs();
    this.#lastEdgeAtMs = message.edgeAtMs;
    this.#appended += 1;
    this.#pipeline.append(message.body);
    if (!this.#seeked) this.#follow();
  }

  #openSource(): void {
    if (this.#init === null) return;
    this.#keepStill();
    this.#closeSource();
    this.#sourceAtMs = this.#clock.nowMs();
    this.#seeked = false;
    this.#target = new EdgeTarget();
    const pipeline = new MsePipeline(this.#video, this.#init.description.codec, () => {
      if (this.#pipeline === pipeline) this.#recreate();
    });
    this.#pipeline = pipeline;
    pipeline.start();
    pipeline.append(this.#init.body);
    this.#frames.look();
  }

  #closeSource(): void {
    this.#frames.newSource();
    this.#pipeline?.stop();
    this.#pipeline = null;
  }

  /** Throws the media element's source away and begins at the next key frame. */
  #recreate(): void {
    this.#restarts += 1;
    this.#gate.rewind();
    this.#openSource();
    this.#askAgain();
  }

  #tick(): void {
    const nowMs = this.#clock.nowMs();
    this.#frames.look();
    this.#rates.observe(nowMs, this.#frames.total, this.#bytes);
    this.#follow();
    const visible = document.visibilityState === 'visible';
    const advice = this.#watchdog.observe({
      nowMs,
      presentedFrames: this.#frames.total,
      appended: this.#appended,
      visible,
    });
    if (advice === 'nudge') this.#play();
    else if (advice === 'recreate') this.#recreate();
    this.#noticeMotion();
    this.#noticeSilence(nowMs);
  }

  /** Pictures move again on the same source, from fragments that came after the reason against them. */
  #noticeMotion(): void {
    const moved = this.#frames.total > this.#framesAtTick;
    this.#framesAtTick = this.#frames.total;
    if (moved && this.#snapshot.state !== 'live' && this.#appended > this.#appendedAtReason) this.#painted();
  }

  #noticeSilence(nowMs: number): void {
    if (this.#lastMediaAtMs === 0) return;
    const silentMs = nowMs - this.#lastMediaAtMs;
    if (silentMs > STALE_AFTER_MS && this.#snapshot.state === 'live') {
      this.#appendedAtReason = this.#appended;
      this.#set({ state: 'stalled', reason: 'no-signal', sinceMs: this.#lastEdgeAtMs });
    }
    // The hub believes we are being served and we are not: ask from the beginning.
    if (silentMs > ASK_AGAIN_AFTER_MS && this.#snapshot.reason === 'no-signal') {
      this.#lastMediaAtMs = nowMs;
      this.#askAgain();
    }
  }

  #follow(): void {
    const pipeline = this.#pipeline;
    if (pipeline === null) return;
    const ranges = pipeline.ranges();
    const newest = ranges.at(-1)?.end;
    const step = followLiveEdge({
      ranges,
      leastBehindS: newest === undefined ? null : this.#lag.observe(newest - this.#video.currentTime),
      currentTime: this.#video.currentTime,
      targetS: this.#target.seconds,
      settling: this.#clock.nowMs() - this.#sourceAtMs < SETTLE_MS,
    });
    if (step.seekTo !== null) {
      this.#seeked = true;
      this.#lag.reset();
      this.#video.currentTime = step.seekTo;
      this.#play();
    } else if (this.#video.paused && ranges.length > 0) {
      this.#play();
    }
    if (this.#video.playbackRate !== step.rate) this.#video.playbackRate = step.rate;
    if (step.trimBefore !== null) pipeline.trim(step.trimBefore);
    this.#target.smooth();
  }

  #play(): void {
    // Refused while a new source loads or before the page may play; the next tick tries again.
    this.#video.play().catch(() => undefined);
  }

  readonly #onWaiting = (): void => {
    if (this.#snapshot.state === 'live') this.#target.stalled();
  };

  #painted(): void {
    this.#hideStill();
    this.#set({ state: 'live', reason: 'live', sinceMs: null });
  }

  #set(snapshot: TileSnapshot): void {
    const before = this.#snapshot;
    if (before.state === snapshot.state && before.reason === snapshot.reason && before.sinceMs === snapshot.sinceMs) {
      return;
    }
    this.#snapshot = snapshot;
    for (const listener of this.#listeners) listener();
  }

  #delayMs(): number | null {
    const newest = this.#pipeline?.ranges().at(-1)?.end;
    if (newest === undefined || this.#lastEdgeAtMs === null) return null;
    // The buffer ends where the newest frame ends, and the frame on screen began half a frame ago on average.
    const frameS = this.#rates.fps > 0 ? 1 / this.#rates.fps : 0;
    const shownS = Math.max(0, newest - this.#video.currentTime - frameS / 2);
    return this.#hubNow() - (this.#lastEdgeAtMs - shownS * 1000);
  }

  #keepStill(): void {
    if (this.#video.readyState < 2 || this.#video.videoWidth === 0) return;
    this.#still.width = Math.min(this.#video.videoWidth, 1280);
    this.#still.height = Math.round((this.#still.width * this.#video.videoHeight) / this.#video.videoWidth);
    this.#still.getContext('2d')?.drawImage(this.#video, 0, 0, this.#still.width, this.#still.height);
    this.#still.hidden = false;
  }

  #hideStill(): void {
    this.#still.hidden = true;
    this.#still.width = 0;
    this.#still.height = 0;
  }
}

/** Reads the JSON of an init message; null when it lacks a codec. */
export function parseDescription(text: string): InitDescription | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return null;
    const { codec, width, height } = value as Record<string, unknown>;
    if (typeof codec !== 'string' || codec === '') return null;
    return { codec, width: typeof width === 'number' ? width : 0, height: typeof height === 'number' ? height : 0 };
  } catch {
    return null;
  }
}
