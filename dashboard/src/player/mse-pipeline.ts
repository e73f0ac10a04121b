import type { MediaMessage } from '../../../contract/media-frame.ts';
import { FrameCounter } from './frame-counter.ts';
import { EdgeTarget, followLiveEdge, LagMeter } from './live-edge.ts';
import type { Pipeline, PipelineOptions, StreamInit } from './pipeline.ts';
import { SourceFeed } from './source-feed.ts';

const SETTLE_MS = 2500;
/** In a background tab ticks come once a minute, but fragments keep coming: the buffer is looked after all the same. */
const FOLLOW_AT_LEAST_MS = 2000;

/** The browser's own player: a media source behind a video element, kept at the newest frame. */
export class MsePipeline implements Pipeline {
  readonly path = 'mse';
  readonly element: HTMLVideoElement;
  readonly #options: PipelineOptions;
  readonly #feed: SourceFeed;
  readonly #frames: FrameCounter;
  readonly #lag = new LagMeter();
  #target = new EdgeTarget();
  #startedAtMs = 0;
  #followedAtMs = 0;
  #lastEdgeAtMs: number | null = null;
  #frameS = 0;
  #seeked = false;
  #painted = false;

  constructor(options: PipelineOptions) {
    const { surface, init, onFault, onFirstFrame } = options;
    this.#options = options;
    this.element = surface.video;
    this.#feed = new SourceFeed(surface.video, init.description.codec, onFault);
    this.#frames = new FrameCounter(surface.video, () => {
      this.#painted = true;
      onFirstFrame();
    });
  }

  get presentedFrames(): number {
    return this.#frames.total;
  }

  start(): void {
    this.#startedAtMs = this.#options.clock.nowMs();
    this.element.muted = true;
    this.element.addEventListener('waiting', this.#onWaiting);
    this.#feed.start();
    this.#feed.append(this.#options.init.body);
    this.#frames.look();
  }

  reopen({ body, description }: StreamInit): void {
    this.#startedAtMs = this.#options.clock.nowMs();
    this.#seeked = false;
    this.#lastEdgeAtMs = null;
    this.#lag.reset();
    this.#target = new EdgeTarget();
    this.#feed.reopen(description.codec, body);
  }

  stop(): void {
    this.element.removeEventListener('waiting', this.#onWaiting);
    this.#frames.stop();
    this.#feed.stop();
    this.element.removeAttribute('src');
    this.element.load();
  }

  append(fragment: MediaMessage): void {
    this.#observeFrame(fragment.edgeAtMs);
    this.#feed.append(fragment.body);
    if (!this.#seeked || this.#options.clock.nowMs() - this.#followedAtMs > FOLLOW_AT_LEAST_MS) this.#follow();
  }

  tick(): void {
    this.#frames.look();
    this.#follow();
  }

  nudge(): void {
    this.#play();
  }

  shownEdgeAtMs(): number | null {
    const newest = this.#feed.ranges().at(-1)?.end;
    if (newest === undefined || this.#lastEdgeAtMs === null) return null;
    // The buffer ends where the newest frame ends, and the frame on screen began half a frame ago on average.
    const behindS = Math.max(0, newest - this.element.currentTime - this.#frameS / 2);
    return this.#lastEdgeAtMs - behindS * 1000;
  }

  #observeFrame(edgeAtMs: number): void {
    const gapS = this.#lastEdgeAtMs === null ? 0 : (edgeAtMs - this.#lastEdgeAtMs) / 1000;
    if (gapS > 0 && gapS < 2) this.#frameS += (gapS - this.#frameS) / 8;
    this.#lastEdgeAtMs = edgeAtMs;
  }

  #follow(): void {
    const video = this.element;
    const nowMs = this.#options.clock.nowMs();
    this.#followedAtMs = nowMs;
    const ranges = this.#feed.ranges();
    const newest = ranges.at(-1)?.end;
    const step = followLiveEdge({
      ranges,
      leastBehindS: newest === undefined ? null : this.#lag.observe(newest - video.currentTime),
      currentTime: video.currentTime,
      targetS: this.#target.seconds,
      settling: nowMs - this.#startedAtMs < SETTLE_MS,
    });
    if (step.seekTo !== null) {
      this.#seeked = true;
      this.#lag.reset();
      video.currentTime = step.seekTo;
      this.#play();
    } else if (video.paused && ranges.length > 0) {
      this.#play();
    }
    if (video.playbackRate !== step.rate) video.playbackRate = step.rate;
    if (step.trimBefore !== null) this.#feed.trim(step.trimBefore);
    this.#target.smooth();
  }

  #play(): void {
    // Refused while a new source loads or before the page may play; the next tick tries again.
    this.element.play().catch(() => undefined);
  }

  readonly #onWaiting = (): void => {
    if (this.#painted) this.#target.stalled();
  };
}
