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
/** A step of a camera's clock larger than this, unless ours agrees, means that it was set anew. */
const JUMP_90K = 900_000;

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
  #duration90k = DEFAULT_DURATION_90K;
  /** From the frame before to the last one. */
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
    if (this.#offset !== null && jumped(pts - this.#lastPts, elapsed90k)) {
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
      this.#delta90k = delta;
    }
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
    this.generation += 1;
  }
}

function jumped(delta90k: number, elapsed90k: number): boolean {
  return Math.abs(delta90k) > JUMP_90K && Math.abs(delta90k - elapsed90k) > JUMP_90K;
}
