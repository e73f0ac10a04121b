import type { Clock } from '../../platform/clock.ts';
import type { Depacketizer } from '../../protocols/rtp/depacketizer.ts';
import { emptyRtpHeader, readRtpHeader } from '../../protocols/rtp/packet.ts';
import { buildReceiverReport, parseRtcp, type SenderReport } from '../../protocols/rtp/rtcp.ts';
import { SequenceTracker } from '../../protocols/rtp/sequence.ts';

/** More packets in a row than this that are no RTP: the peer sends something else. */
const MAX_BAD_IN_A_ROW = 1_000;

/** What a receiver is for. */
export interface RtpReceiverOptions {
  clock: Clock;
  payloadType: number;
  /** Gets the packets of the track in order. */
  depacketizer: Depacketizer;
  /** A report of the track's source whose RTP time is near the last packet's. */
  onSenderReport?(report: SenderReport): void;
}

/** A report whose RTP time is further than this from the last packet's is nonsense, 32-bit ticks of any clock. */
const MAX_REPORT_DISTANCE_TICKS = 20 * 90_000;

/** Takes one track's RTP and RTCP: finds losses, puts access units together, and reports back to the sender. */
export class RtpReceiver {
  readonly #clock: Clock;
  readonly #payloadType: number;
  readonly #depacketizer: Depacketizer;
  readonly #onSenderReport: ((report: SenderReport) => void) | undefined;
  readonly #header = emptyRtpHeader();
  #sequence = new SequenceTracker();
  #ssrc = -1;
  #timestamp = 0;
  #lostBefore = 0;
  #reported = { received: 0, lost: 0 };
  #lastReport: { middle: number; atMs: number } | null = null;
  #badInARow = 0;
  /** Packets of the track so far. */
  packets = 0;

  constructor(options: RtpReceiverOptions) {
    this.#clock = options.clock;
    this.#payloadType = options.payloadType;
    this.#depacketizer = options.depacketizer;
    this.#onSenderReport = options.onSenderReport;
  }

  /** Packets that never came, and frames that came in vain. */
  get packetsLost(): number {
    return this.#lostBefore + this.#sequence.lost;
  }
  get framesDropped(): number {
    return this.#depacketizer.dropped;
  }

  /** One RTP packet; false once so many were none that the peer must be sending something else. */
  onRtp(bytes: Uint8Array, start: number, end: number): boolean {
    const header = this.#header;
    if (!readRtpHeader(bytes, start, end, header)) {
      this.#badInARow += 1;
      return this.#badInARow < MAX_BAD_IN_A_ROW;
    }
    this.#badInARow = 0;
    if (header.payloadType !== this.#payloadType) return true;
    this.packets += 1;
    if (header.ssrc !== this.#ssrc) this.#newSource(header.ssrc);
    const verdict = this.#sequence.push(header.sequence);
    if (verdict === 'late') return true;
    if (verdict !== 'next') this.#depacketizer.onGap();
    this.#timestamp = header.timestamp;
    if (header.extensionAt !== -1) this.#depacketizer.onExtension?.(bytes, header.extensionAt, header.payloadStart);
    this.#depacketizer.push(bytes, header.payloadStart, header.payloadEnd, header.timestamp, header.marker);
    return true;
  }

  /** One RTCP packet; true when the source says goodbye. */
  onRtcp(bytes: Uint8Array): boolean {
    const { senderReports, goodbyes } = parseRtcp(bytes);
    const report = senderReports.find(({ ssrc }) => ssrc === this.#ssrc);
    if (report !== undefined) {
      const middle = ((report.ntpSeconds & 0xffff) << 16) | (report.ntpFraction >>> 16);
      this.#lastReport = { middle: middle >>> 0, atMs: this.#clock.monotonicMs() };
      const distance = Math.abs((report.rtpTimestamp - this.#timestamp) | 0);
      if (distance <= MAX_REPORT_DISTANCE_TICKS) this.#onSenderReport?.(report);
    }
    return goodbyes.some((ssrc) => ssrc === this.#ssrc || this.#ssrc === -1);
  }

  /** A receiver report for the sender; over TCP it also keeps many devices' sessions alive. */
  report(ourSsrc: number): Uint8Array {
    if (this.#ssrc === -1) return buildReceiverReport(ourSsrc, null, 'edge');
    const { received, lost, extendedHighest } = this.#sequence;
    const expected = received - this.#reported.received + lost - this.#reported.lost;
    const missing = lost - this.#reported.lost;
    this.#reported = { received, lost };
    const sinceMs = this.#lastReport === null ? 0 : this.#clock.monotonicMs() - this.#lastReport.atMs;
    return buildReceiverReport(
      ourSsrc,
      {
        ssrc: this.#ssrc,
        fractionLost: expected > 0 ? Math.floor((missing * 256) / expected) : 0,
        totalLost: lost,
        highestSequence: extendedHighest,
        lastSenderReport: this.#lastReport?.middle ?? 0,
        delaySinceReport: Math.round(sinceMs * 65.536),
      },
      'edge',
    );
  }

  /** Hands on the last frame, which no packet follows. */
  flush(): void {
    this.#depacketizer.flush();
  }

  #newSource(ssrc: number): void {
    if (this.#ssrc !== -1) this.#depacketizer.onGap();
    this.#ssrc = ssrc;
    this.#lostBefore += this.#sequence.lost;
    this.#sequence = new SequenceTracker();
    this.#reported = { received: 0, lost: 0 };
    this.#lastReport = null;
  }
}
