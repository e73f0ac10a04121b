import type { Clock } from '../../platform/clock.ts';
import { DecodeTimes } from '../../protocols/h264/decode-time.ts';
import { TimestampUnwrapper } from '../../protocols/rtp/timestamp.ts';

/** Times of one frame, 90 kHz. */
export interface FrameTimes {
  decodeTime90k: number;
  compositionOffset90k: number;
  /** Estimate. */
  duration90k: number;
}

const TICKS_PER_MS = 90;
const DEFAULT_DURATION_90K = 3_600;
const MAX_DURATION_90K = 450_000;
/** A frame that is presented longer than this before the last one is no reordering: the camera's clock was set back. */
const MOST_BACK_90K = 45_000;
/** The same in frames, where frames come in another order than they are presented in. */
const MOST_REORDERED = 16;
/** A frame that comes earlier than this, beside those before it, means that the camera's clock was set forward. */
const MOST_EARLY_90K = 90_000;
/** What the camera's clock may lose to ours, or gain, in a second. */
const DRIFT = 1 / 1000;
/** However late the camera's frames have become, a step further than this beyond ours is one. */
const MOST_LATE_90K = 810_000;

/**
 * Places the frames of all sessions of a stream on one timeline that only moves forward. Inside a session it follows
 * the camera's RTP clock exactly; between sessions, and where that clock jumps, it goes on by our own.
 */
export class Timeline {
  readonly #clock: Clock;
  #unwrapper = new TimestampUnwrapper();
  #decodeTimes = new DecodeTimes(0);
  #scale = 1;
  #depth = 0;
  /** Added to the camera's times; null until the first frame of a session. */
  #offset: number | null = null;
  #lastPts = 0;
  #lastRtp = 0;
  #lastDecode90k = 0;
  #lastAtMs: number | null = null;
  /** How far the camera's clock is before ours, by the frames that came earliest. */
  #lead90k = Number.NEGATIVE_INFINITY;
  #duration90k = DEFAULT_DURATION_90K;
  /** From the frame before to the last one, unless that was one tick. */
  #delta90k: number | null = null;
  /** Another number whenever the camera's times are placed anew. */
  generation = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A new session. @param clockRate of the RTP timestamps */
  begin(clockRate: number, maxReorderFrames: number, frameDuration90k: number | null): void {
    this.#scale = clockRate > 0 ? 90_000 / clockRate : 1;
    this.#depth = maxReorderFrames;
    this.#duration90k = frameDuration90k ?? DEFAULT_DURATION_90K;
    this.#restart();
  }

  /** New parameters inside a session: the camera's clock goes on, unless frames now come in another order. */
  reshape(maxReorderFrames: number, frameDuration90k: number | null): void {
    this.#duration90k = frameDuration90k ?? this.#duration90k;
    if (maxReorderFrames === this.#depth) return;
    this.#depth = maxReorderFrames;
    this.#restart();
  }

  /** Presentation time, 90 kHz, of a camera's time near the last frame's; null before the first frame of a session. */
  presentAt(rtpTimestamp: number): number | null {
    if (this.#offset === null) return null;
    return this.#lastPts + ((rtpTimestamp - this.#lastRtp) | 0) * this.#scale + this.#offset;
  }

  /** Presentation time, 90 kHz, that a frame arriving now would have; null before the first frame of a session. */
  presentNow(): number | null {
    if (this.#offset === null || this.#lastAtMs === null) return null;
    return this.#lastPts + this.#offset + (this.#clock.monotonicMs() - this.#lastAtMs) * TICKS_PER_MS;
  }

  /** Times of the next frame in decode order. */
  place(rtpTimestamp: number, idr: boolean): FrameTimes {
    const nowMs = this.#clock.monotonicMs();
    let pts = Math.round(this.#unwrapper.unwrap(rtpTimestamp) * this.#scale);
    const elapsed90k = this.#lastAtMs === null ? 0 : Math.round((nowMs - this.#lastAtMs) * TICKS_PER_MS);
    if (this.#offset !== null && this.#jumped(pts, nowMs, elapsed90k)) {
      this.#restart();
      pts = Math.round(this.#unwrapper.unwrap(rtpTimestamp) * this.#scale);
    }
    const decode = this.#decodeTimes.next(pts, idr, this.#duration90k);
    if (this.#offset === null) {
      const start90k = this.#lastAtMs === null ? 0 : this.#lastDecode90k + Math.max(elapsed90k, this.#duration90k);
      this.#offset = start90k - decode;
    } else {
      const delta = decode + this.#offset - this.#lastDecode90k;
      // The smaller of two, so that the step over a lost frame is not taken for the length of the next.
      if (delta > 1 && delta < MAX_DURATION_90K) this.#duration90k = Math.min(delta, this.#delta90k ?? delta);
      // One tick is no length: decode times were pressed together until frames are in their order again.
      if (delta > 1) this.#delta90k = delta;
    }
    this.#lead90k = Math.max(this.#lead90k, pts - nowMs * TICKS_PER_MS);
    this.#lastPts = pts;
    this.#lastRtp = rtpTimestamp;
    this.#lastDecode90k = decode + this.#offset;
    this.#lastAtMs = nowMs;
    return {
      decodeTime90k: this.#lastDecode90k,
      compositionOffset90k: pts - decode,
      duration90k: this.#duration90k,
    };
  }

  #restart(): void {
    this.#unwrapper = new TimestampUnwrapper();
    this.#decodeTimes = new DecodeTimes(this.#depth);
    this.#offset = null;
    this.#delta90k = null;
    this.#lead90k = Number.NEGATIVE_INFINITY;
    this.generation += 1;
  }

  /**
   * Whether the camera's clock was set anew. Forward that shows beside the frames that came earliest and not beside the
   * last one: behind a stall a camera that left frames out is late no more.
   */
  #jumped(pts: number, nowMs: number, elapsed90k: number): boolean {
    const reordered90k = this.#depth > 0 ? MOST_REORDERED * this.#duration90k : 0;
    if (pts - this.#lastPts < -Math.max(MOST_BACK_90K, reordered90k)) return true;
    const lastLead90k = this.#lastPts - (nowMs * TICKS_PER_MS - elapsed90k);
    this.#lead90k = Math.min(this.#lead90k - elapsed90k * DRIFT, lastLead90k + MOST_LATE_90K);
    return pts - nowMs * TICKS_PER_MS - this.#lead90k > Math.max(MOST_EARLY_90K, reordered90k);
  }
}
