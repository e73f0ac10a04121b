import { ntpToUnixMs, type SenderReport } from './rtcp.ts';
import { TimestampUnwrapper } from './timestamp.ts';

/** A report that differs more than this from what the ones before lead to expect means that the clock was set. */
const STEP_MS = 1000;
/** Share of a smaller difference that is taken over: reports of cameras tremble by some milliseconds. */
const SLEW = 1 / 8;

/**
 * The sender's wall clock at each RTP timestamp, from its sender reports (RFC 3550 section 6.4.1), so that the tracks of
 * one sender can be put side by side. The timestamps are followed over their wraps, however seldom reports come; where
 * the sender sets its clock, times go on from the new one. That clock may be wrong: never take it for true time.
 */
export class SenderClock {
  readonly #msPerTick: number;
  readonly #unwrapper = new TimestampUnwrapper();
  /** Wall clock at timestamp 0; null before the first report. */
  #originUnixMs: number | null = null;
  /** How often the clock was set. */
  steps = 0;

  /** @param clockRate of the RTP timestamps, above 0 */
  constructor(clockRate: number) {
    this.#msPerTick = 1000 / clockRate;
  }

  /** A report of this source. One without a wall clock (zeros) says nothing. */
  onReport(report: Pick<SenderReport, 'ntpSeconds' | 'ntpFraction' | 'rtpTimestamp'>): void {
    if (report.ntpSeconds === 0 && report.ntpFraction === 0) return;
    const origin = ntpToUnixMs(report) - this.#unwrapper.unwrap(report.rtpTimestamp) * this.#msPerTick;
    const difference = this.#originUnixMs === null ? 0 : origin - this.#originUnixMs;
    const stepped = Math.abs(difference) > STEP_MS;
    if (stepped) this.steps += 1;
    this.#originUnixMs = this.#originUnixMs === null || stepped ? origin : this.#originUnixMs + difference * SLEW;
  }

  /**
   * Sender's milliseconds since 1970 at a timestamp; null before the first report. Call it for every frame, also before:
   * so wraps are seen.
   */
  unixMsAt(rtpTimestamp: number): number | null {
    const ticks = this.#unwrapper.unwrap(rtpTimestamp);
    return this.#originUnixMs === null ? null : this.#originUnixMs + ticks * this.#msPerTick;
  }
}
