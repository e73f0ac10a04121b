import { randomBytes } from 'node:crypto';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import { H264Packetizer } from '../../protocols/h264/packetizer.ts';
import { H265Packetizer } from '../../protocols/h265/packetizer.ts';
import { buildSenderReport } from '../../protocols/rtp/rtcp.ts';
import { type Clip, keyBefore } from './clip.ts';

const MTU = 1400;
const SENDER_REPORT_MS = 5000;
const PAYLOAD_TYPE = 96;

/** Where a playback sends its packets; `congested` makes it skip to the next key frame. */
export interface PlaybackTarget {
  sendRtp(packet: Uint8Array): void;
  sendRtcp(packet: Uint8Array): void;
  congested(): boolean;
}

/**
 * Plays a clip in a loop in real time for one session. It begins with the running group of pictures, as cameras do
 * that answer PLAY with a key frame, and keeps the clip's place common to all sessions of the camera.
 */
export class RtspPlayback {
  readonly #clip: Clip;
  readonly #clock: Clock;
  readonly #startedAtMs: number;
  readonly #target: PlaybackTarget;
  readonly #ssrc = randomBytes(4).readUInt32BE();
  readonly #timestampBase = randomBytes(4).readUInt32BE();
  readonly #packetizer: H264Packetizer | H265Packetizer;
  #next = 0;
  #waitsForKey = false;
  #timer: TimerHandle | null = null;
  #reportTimer: TimerHandle | null = null;

  /** @param startedAtMs monotonic time at which the camera showed frame 0 */
  constructor(clip: Clip, startedAtMs: number, clock: Clock, target: PlaybackTarget) {
    this.#clip = clip;
    this.#clock = clock;
    this.#startedAtMs = startedAtMs;
    this.#target = target;
    const firstSequence = randomBytes(2).readUInt16BE();
    const packets = { payloadType: PAYLOAD_TYPE, ssrc: this.#ssrc, mtu: MTU, firstSequence };
    this.#packetizer = clip.codec === 'h265' ? new H265Packetizer(packets) : new H264Packetizer(packets);
  }

  get ssrc(): number {
    return this.#ssrc;
  }

  /** Number of the first packet and its timestamp, for `RTP-Info`. */
  get start(): { sequence: number; timestamp: number } {
    return { sequence: this.#packetizer.nextSequence, timestamp: this.#timestampOf(this.#firstFrame()) };
  }

  play(): void {
    this.#next = this.#firstFrame();
    this.#tick();
    this.#sendReport();
    this.#timer = this.#clock.every(1000 / this.#clip.fps, () => this.#tick());
    this.#reportTimer = this.#clock.every(SENDER_REPORT_MS, () => this.#sendReport());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#reportTimer?.cancel();
    this.#timer = null;
    this.#reportTimer = null;
  }

  #due(): number {
    return Math.floor(((this.#clock.monotonicMs() - this.#startedAtMs) * this.#clip.fps) / 1000);
  }

  #firstFrame(): number {
    const due = this.#due();
    const length = this.#clip.frames.length;
    const inLoop = due % length;
    return due - inLoop + keyBefore(this.#clip, inLoop);
  }

  #timestampOf(frame: number): number {
    return (this.#timestampBase + Math.round((frame * 90_000) / this.#clip.fps)) >>> 0;
  }

  #tick(): void {
    const due = this.#due();
    for (; this.#next <= due; this.#next++) {
      const frame = this.#clip.frames[this.#next % this.#clip.frames.length];
      if (frame === undefined) continue;
      if (this.#target.congested()) this.#waitsForKey = true;
      if (this.#waitsForKey && !(frame.key && !this.#target.congested())) continue;
      this.#waitsForKey = false;
      for (const packet of this.#packetizer.packetize(frame.nals, this.#timestampOf(this.#next))) {
        this.#target.sendRtp(packet);
      }
    }
  }

  #sendReport(): void {
    const elapsed = this.#clock.monotonicMs() - this.#startedAtMs;
    const rtpTimestamp = (this.#timestampBase + Math.round(elapsed * 90)) >>> 0;
    const { packets, octets } = this.#packetizer;
    const report = { ssrc: this.#ssrc, unixMs: this.#clock.nowMs(), rtpTimestamp, packets, octets };
    this.#target.sendRtcp(buildSenderReport(report, 'camera'));
  }
}
