import type { TileReason } from '../../../contract/live.ts';
import type { MediaMessage, SentStream } from '../../../contract/media-frame.ts';
import { LastPicture } from './last-picture.ts';
import { makePipeline, pathFor } from './make-pipeline.ts';
import type { Pipeline, PipelineFault, PipelinePath, StreamInit, Surface } from './pipeline.ts';
import type { PlayerClock } from './player-clock.ts';
import type { PlayerTicker } from './player-ticker.ts';
import { SequenceGate } from './sequence-gate.ts';
import { SignalWatch } from './signal-watch.ts';
import { parseDescription } from './stream-description.ts';
import { RateMeter, type TileFacts } from './tile-facts.ts';
import type { TileSink } from './tile-sink.ts';
import { FIRST_SNAPSHOT, sameSnapshot, type TileSnapshot } from './tile-snapshot.ts';
import { Watchdog } from './watchdog.ts';

const ASK_AGAIN_AFTER_MS = 10_000;

/** What a {@link TilePlayer} is built from. */
export interface TilePlayerOptions {
  surface: Surface;
  /** Where the last picture stands until the next source has painted. */
  still: HTMLCanvasElement;
  ticker: PlayerTicker;
  clock: PlayerClock;
  /** Now, by the hub's clock. */
  hubNow: () => number;
  /** Whether somebody looks at this very tile. */
  isEnlarged: () => boolean;
  /** Asks the live socket for the stream from its last key frame. */
  askAgain: () => void;
}

/**
 * Plays one tile. Data comes through {@link TileSink}; what shows it is a {@link Pipeline}, chosen for each init segment.
 * Every change of pipeline keeps the last picture on a canvas until the new one has painted its first frame, so that a
 * tile is never black between two pictures.
 *
 * starting -first frame painted-> live -no fragments or the hub says so-> stalled -frame painted-> live;
 * starting -the hub refuses, or the codec cannot be decoded-> failed -anything arrives-> starting.
 */
export class TilePlayer implements TileSink {
  readonly #options: TilePlayerOptions;
  readonly #lastPicture: LastPicture;
  readonly #listeners = new Set<() => void>();
  readonly #gate = new SequenceGate();
  readonly #rates = new RateMeter();
  readonly #signal = new SignalWatch();
  readonly #watchdog = new Watchdog();
  #pipeline: Pipeline | null = null;
  #onAudio: ((message: MediaMessage) => void) | null = null;
  #init: StreamInit | null = null;
  #failed = new Set<PipelinePath>();
  #snapshot: TileSnapshot = FIRST_SNAPSHOT;
  #removeTick: (() => void) | null = null;
  /** When something was last heard or asked for. */
  #heardAtMs = 0;
  #framesBefore = 0;
  #appended = 0;
  #bytes = 0;
  #restarts = 0;
  #expectsInit = true;
  /** Frames seen at the last tick, and fragments appended when the hub last gave a reason against a picture. */
  #framesAtTick = 0;
  #appendedAtReason = 0;

  constructor(options: TilePlayerOptions) {
    this.#options = options;
    this.#lastPicture = new LastPicture(options.still);
  }

  start(): void {
    this.#removeTick = this.#options.ticker.add(() => this.#tick());
  }

  stop(): void {
    this.#removeTick?.();
    this.#removeTick = null;
    this.#closePipeline();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): TileSnapshot => this.#snapshot;

  /** Frames painted since the tile exists. */
  get presentedFrames(): number {
    return this.#framesBefore + (this.#pipeline?.presentedFrames ?? 0);
  }

  /** Nothing is asked for any more, by our own wish: silence is no fault, and the picture of now not a live one later. */
  rest(): void {
    this.#appendedAtReason = this.#appended;
    this.#set({ state: 'starting', reason: 'starting', sinceMs: null });
  }

  /** Keeps what another element showed on this tile until there is a picture here again. */
  keep(element: HTMLVideoElement): void {
    if (this.#snapshot.state !== 'live') this.#lastPicture.keep(element);
  }

  facts(): TileFacts {
    const { codec = null, width = null, height = null } = this.#init?.description ?? {};
    const { fps, bitrate } = this.#rates;
    const shownAtMs = this.#snapshot.state === 'live' ? (this.#pipeline?.shownEdgeAtMs() ?? null) : null;
    const delayMs = shownAtMs === null ? null : this.#options.hubNow() - shownAtMs;
    return { codec, width, height, fps, bitrate, delayMs, lost: this.#gate.lost, restarts: this.#restarts };
  }

  onChoice(choice: Pick<SentStream, 'stream' | 'why'>): void {
    this.#set({ sent: { ...choice, keyFramesOnly: false } });
  }

  /** Edge's time of the picture on the screen; null while there is none. */
  shownEdgeAtMs(): number | null {
    return this.#pipeline?.shownEdgeAtMs() ?? null;
  }

  /** Hands the stream's sound on; null for nobody. What is shown does not change. */
  listen(onAudio: ((message: MediaMessage) => void) | null): void {
    this.#onAudio = onAudio;
  }

  onAudio(message: MediaMessage): void {
    this.#onAudio?.(message);
  }

  onRestart(): void {
    this.#gate.rewind();
    this.#expectsInit = true;
    this.#heardAtMs = this.#options.clock.nowMs();
  }

  onReason(reason: TileReason, sinceMs: number): void {
    const { state } = this.#snapshot;
    if (reason === 'live' || reason === 'starting') {
      if (state === 'failed') this.#set({ state: 'starting', reason, sinceMs: null });
      return;
    }
    this.#appendedAtReason = this.#appended;
    this.#set({ state: this.presentedFrames > 0 ? 'stalled' : 'failed', reason, sinceMs });
  }

  onMedia(message: MediaMessage): void {
    if (message.type === 'init') this.#onInit(message);
    else if (message.type === 'fragment') this.#onFragment(message);
    // The hub says the true reason right after; it must not be overwritten when it came first.
    else if (message.type === 'end' && this.#snapshot.state === 'live') this.onReason('no-signal', message.edgeAtMs);
  }

  #onInit(message: MediaMessage): void {
    const description = parseDescription(message.description);
    if (description === null) return;
    // The hub repeats the beginning when a second tile joins the same stream; this one is already playing it.
    if (!this.#expectsInit && this.#pipeline !== null && message.epoch === this.#gate.epoch) return;
    this.#expectsInit = false;
    if (description.codec !== this.#init?.description.codec) this.#failed = new Set();
    this.#gate.open(message.epoch);
    this.#signal.restart();
    this.#init = { description, body: message.body };
    if (description.sent !== undefined) this.#set({ sent: description.sent });
    this.#show(this.#init);
  }

  #onFragment(message: MediaMessage): void {
    this.#bytes += message.body.length;
    if (this.#pipeline === null || !this.#gate.admit(message)) return;
    this.#heardAtMs = this.#options.clock.nowMs();
    this.#signal.frame(this.#heardAtMs, message.edgeAtMs);
    this.#appended += 1;
    this.#pipeline.append(message);
  }

  /** The pipeline that is there goes on where it can; else the best one for the stream is made. */
  #show(init: StreamInit): void {
    const path = pathFor(init.description, this.#failed, this.#options.isEnlarged());
    if (path === null) {
      this.#closePipeline();
      this.onReason('unsupported-codec', this.#options.hubNow());
    } else if (this.#pipeline?.path === path) this.#pipeline.reopen(init);
    else this.#openPipeline(path, init);
  }

  #openPipeline(path: PipelinePath, init: StreamInit): void {
    this.#closePipeline();
    const { surface, clock } = this.#options;
    const pipeline = makePipeline(path, {
      surface,
      init,
      clock,
      onFirstFrame: () => this.#painted(),
      onFault: (fault) => {
        if (this.#pipeline === pipeline) this.#fault(fault);
      },
    });
    this.#pipeline = pipeline;
    if (pipeline === null) return;
    for (const element of [surface.video, surface.canvas]) element.hidden = element !== pipeline.element;
    this.#set({ path });
    pipeline.start();
  }

  #closePipeline(): void {
    if (this.#pipeline === null) return;
    this.#lastPicture.keep(this.#pipeline.element);
    this.#framesBefore += this.#pipeline.presentedFrames;
    this.#pipeline.stop();
    this.#pipeline = null;
  }

  /** The browser's own player is tried again; any other gives way to the next best. */
  #fault(fault: PipelineFault): void {
    const path = this.#pipeline?.path;
    if (path !== undefined && path !== 'mse' && (fault === 'unsupported' || fault === 'decode')) this.#failed.add(path);
    this.#recreate();
  }

  /** Throws the decoder away and begins at the next key frame. */
  #recreate(): void {
    this.#restarts += 1;
    this.#gate.rewind();
    this.#closePipeline();
    if (this.#init !== null) this.#show(this.#init);
    this.#options.askAgain();
  }

  #tick(): void {
    const nowMs = this.#options.clock.nowMs();
    this.#pipeline?.tick();
    this.#rates.observe(nowMs, this.presentedFrames, this.#bytes);
    const advice = this.#watchdog.observe({
      nowMs,
      presentedFrames: this.presentedFrames,
      appended: this.#appended,
      visible: document.visibilityState === 'visible',
    });
    if (advice === 'nudge') this.#pipeline?.nudge();
    else if (advice === 'recreate') this.#recreate();
    this.#noticeMotion();
    this.#noticeSilence(nowMs);
  }

  /** Pictures move again on the same pipeline, from fragments that came after the reason against them. */
  #noticeMotion(): void {
    const frames = this.presentedFrames;
    const moved = frames > this.#framesAtTick;
    this.#framesAtTick = frames;
    if (moved && this.#snapshot.state !== 'live' && this.#appended > this.#appendedAtReason) this.#painted();
  }

  #noticeSilence(nowMs: number): void {
    if (this.#signal.isSilent(nowMs) && this.#snapshot.state === 'live') {
      this.onReason('no-signal', this.#signal.lastEdgeAtMs ?? this.#options.hubNow());
    }
    // The hub believes we are being served and we are not: ask from the beginning.
    if (this.#snapshot.reason !== 'no-signal' || nowMs - this.#heardAtMs <= ASK_AGAIN_AFTER_MS) return;
    this.#heardAtMs = nowMs;
    this.#options.askAgain();
  }

  #painted(): void {
    this.#lastPicture.drop();
    this.#set({ state: 'live', reason: 'live', sinceMs: null });
  }

  #set(change: Partial<TileSnapshot>): void {
    const snapshot = { ...this.#snapshot, ...change };
    if (sameSnapshot(this.#snapshot, snapshot)) return;
    this.#snapshot = snapshot;
    for (const listener of this.#listeners) listener();
  }
}
