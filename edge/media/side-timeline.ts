import type { Clock } from '../../platform/clock.ts';
import type { SenderReport } from '../../protocols/rtp/rtcp.ts';
import type { Timeline } from './timeline.ts';

/** A sender report and the placing of the pictures that it belongs to. */
interface Heard {
  report: SenderReport;
  generation: number;
}

const RATE_90K = 90_000;
const TICKS_PER_MS = 90;
/** Without reports: further than this from the pictures that arrive now, and it is placed anew. */
const MAX_AWAY_90K = 45_000;
/** With reports: the pictures may be on their way for longer than the sound, but not for hours. */
const MAX_REPORTED_AWAY_90K = 3 * RATE_90K;
/** What two reports said holds for this long; from then on it goes by the pictures that arrive again. */
const REPORTED_FOR_MS = 60_000;
/** Smaller differences are not heard and not mended. */
const STEP_90K = 2_700;
/** Differences up to this are mended little by little, so that nothing is left out and nothing jumps. */
const MAX_SLEW_90K = 45_000;
/** Share of each frame's length by which it may be moved. */
const SLEW = 1 / 20;

/**
 * Places a further track of a session (sound, metadata) on the timeline of its pictures. Until both tracks' sender
 * reports are there, what arrives together belongs together; then their common clock decides. A report that would move
 * it far from what arrives is not believed; one that moves it a little has to be borne out by the other track's next,
 * since a device that sets its clock tells the two tracks one after the other.
 */
export class SideTimeline {
  readonly #clock: Clock;
  readonly #video: Timeline;
  #scale = 1;
  #generation = -1;
  #lastRtp: number | null = null;
  /** Own time without wraps, in ticks of the track's clock. */
  #lastTicks = 0;
  /** Added to own times in 90 kHz; null before the first frame. */
  #offset: number | null = null;
  /** Where the offset is going to. */
  #target = 0;
  #reported = false;
  #reportedAtMs = 0;
  /** How far it came from the pictures that arrived with it, when reports last said that this is right. */
  #usualAway90k = 0;
  #suspect: { offset: number; by: 'video' | 'own' } | null = null;
  #videoReport: Heard | null = null;
  #ownReport: Heard | null = null;
  #end90k = Number.NEGATIVE_INFINITY;
  #lastAtMs = 0;

  constructor(clock: Clock, video: Timeline) {
    this.#clock = clock;
    this.#video = video;
  }

  /** A new session. @param clockRate of the track's RTP timestamps */
  begin(clockRate: number): void {
    this.#scale = RATE_90K / clockRate;
    this.#lastRtp = null;
    this.#videoReport = null;
    this.#ownReport = null;
    this.#placeAnew();
  }

  /**
   * Time of a frame, 90 kHz; null before the first picture, and for what would play while the frame before still does
   * (only after the sender's clock jumped back).
   * @param ticks length of the frame by the track's own clock
   */
  place(rtpTimestamp: number, ticks: number): number | null {
    const now90k = this.#video.presentNow();
    if (now90k === null) return null;
    if (this.#generation !== this.#video.generation) this.#placeAnew();
    this.#generation = this.#video.generation;
    this.#lastTicks = this.#unwrapped(rtpTimestamp);
    this.#lastRtp = rtpTimestamp;
    const own90k = this.#lastTicks * this.#scale;
    const length90k = ticks * this.#scale;
    this.#lastAtMs = this.#clock.monotonicMs();
    if (this.#offset === null || this.#isAstray(own90k + this.#target - now90k)) {
      this.#target = now90k - own90k + this.#usualAway90k;
      this.#reported = false;
    }
    this.#offset = moved(this.#offset, this.#target, length90k);
    const pts90k = own90k + this.#offset;
    // Half a frame: senders round their timestamps.
    if (pts90k < this.#end90k - length90k / 2) return null;
    this.#end90k = pts90k + length90k;
    return pts90k;
  }

  /** Whether it is too far from the pictures that arrive now. */
  #isAstray(away90k: number): boolean {
    if (this.#reported && this.#lastAtMs - this.#reportedAtMs > REPORTED_FOR_MS) this.#reported = false;
    if (Math.abs(away90k) > MAX_REPORTED_AWAY_90K) {
      this.#usualAway90k = 0;
      return true;
    }
    return !this.#reported && Math.abs(away90k - this.#usualAway90k) > MAX_AWAY_90K;
  }

  onVideoReport(report: SenderReport): void {
    this.#videoReport = { report, generation: this.#video.generation };
    this.#compare('video');
  }

  onOwnReport(report: SenderReport): void {
    this.#ownReport = { report, generation: this.#video.generation };
    this.#compare('own');
  }

  #compare(by: 'video' | 'own'): void {
    const reported = this.#reportedOffset();
    if (reported === null || this.#offset === null) return;
    if (Math.abs(reported - this.#target) <= STEP_90K) {
      this.#believe();
      return;
    }
    const suspect = this.#suspect;
    this.#suspect = { offset: reported, by };
    const borneOut = suspect !== null && suspect.by !== by && Math.abs(suspect.offset - reported) <= STEP_90K;
    if (this.#reported && !borneOut) return;
    this.#target = reported;
    this.#believe();
  }

  /** The present target is what the reports say. */
  #believe(): void {
    this.#reported = true;
    this.#reportedAtMs = this.#clock.monotonicMs();
    this.#usualAway90k = this.#awayBy(this.#target);
    this.#suspect = null;
  }

  /** How far from the pictures that arrive now it would be with this offset. */
  #awayBy(offset: number): number {
    const since90k = (this.#clock.monotonicMs() - this.#lastAtMs) * TICKS_PER_MS;
    return this.#lastTicks * this.#scale + offset + since90k - (this.#video.presentNow() ?? 0);
  }

  /** What the two reports say; null where one is missing, out of date or not to be believed. */
  #reportedOffset(): number | null {
    const [video, own] = [this.#videoReport, this.#ownReport];
    const { generation } = this.#video;
    if (video === null || own === null || video.generation !== generation || own.generation !== generation) return null;
    if (this.#generation !== generation || this.#lastRtp === null) return null;
    const video90k = this.#video.presentAt(video.report.rtpTimestamp);
    if (video90k === null || isUnset(video.report) || isUnset(own.report)) return null;
    const at90k = video90k + secondsBetween(video.report, own.report) * RATE_90K;
    const offset = at90k - this.#unwrapped(own.report.rtpTimestamp) * this.#scale;
    return Math.abs(this.#awayBy(offset)) <= MAX_REPORTED_AWAY_90K ? offset : null;
  }

  #unwrapped(rtpTimestamp: number): number {
    return this.#lastRtp === null ? rtpTimestamp : this.#lastTicks + ((rtpTimestamp - this.#lastRtp) | 0);
  }

  #placeAnew(): void {
    this.#offset = null;
    this.#reported = false;
    this.#usualAway90k = 0;
    this.#suspect = null;
  }
}

/** The offset one frame of `length90k` later. */
function moved(offset: number | null, target: number, length90k: number): number {
  if (offset === null || length90k === 0 || Math.abs(target - offset) > MAX_SLEW_90K) return target;
  const step = length90k * SLEW;
  return offset + Math.min(step, Math.max(-step, target - offset));
}

function isUnset({ ntpSeconds }: SenderReport): boolean {
  return ntpSeconds === 0;
}

function secondsBetween(from: SenderReport, to: SenderReport): number {
  return to.ntpSeconds - from.ntpSeconds + (to.ntpFraction - from.ntpFraction) / 2 ** 32;
}
