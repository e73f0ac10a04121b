import { randomBytes } from 'node:crypto';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import { RTP_HEADER_BYTES, writeRtpHeader } from '../../protocols/rtp/packet.ts';
import { buildSenderReport } from '../../protocols/rtp/rtcp.ts';
import type { PlaybackTarget } from './rtsp-playback.ts';
import { SOUND_RATE, soundAt } from './virtual-microphone.ts';

/** Static payload type of G.711 µ-law (RFC 3551). */
export const PCMU_PAYLOAD_TYPE = 0;

const PACKET_MS = 40;
const PACKET_SAMPLES = (SOUND_RATE * PACKET_MS) / 1000;
const SENDER_REPORT_MS = 5000;

/** Sends a virtual camera's sound in real time for one session. */
export class SoundPlayback {
  readonly #clock: Clock;
  readonly #startedAtMs: number;
  readonly #target: PlaybackTarget;
  readonly #ssrc = randomBytes(4).readUInt32BE();
  readonly #timestampBase = randomBytes(4).readUInt32BE();
  #sequence = randomBytes(2).readUInt16BE();
  #next = 0;
  #packets = 0;
  #timers: TimerHandle[] = [];

  /** @param startedAtMs monotonic time of sample 0, the same as of the pictures */
  constructor(startedAtMs: number, clock: Clock, target: PlaybackTarget) {
    this.#startedAtMs = startedAtMs;
    this.#clock = clock;
    this.#target = target;
  }

  play(): void {
    this.#next = this.#due();
    this.#report();
    this.#timers = [
      this.#clock.every(PACKET_MS, () => this.#tick()),
      this.#clock.every(SENDER_REPORT_MS, () => this.#report()),
    ];
  }

  stop(): void {
    for (const timer of this.#timers.splice(0)) timer.cancel();
  }

  /** Number of the packet whose last sample has been heard. */
  #due(): number {
    return Math.floor((this.#clock.monotonicMs() - this.#startedAtMs) / PACKET_MS);
  }

  #tick(): void {
    for (const due = this.#due(); this.#next < due; this.#next++) {
      if (!this.#target.congested()) this.#send(this.#next * PACKET_SAMPLES);
    }
  }

  #send(firstSample: number): void {
    const packet = new Uint8Array(RTP_HEADER_BYTES + PACKET_SAMPLES);
    writeRtpHeader(packet, 0, {
      payloadType: PCMU_PAYLOAD_TYPE,
      marker: this.#packets === 0,
      sequence: this.#sequence,
      timestamp: (this.#timestampBase + firstSample) >>> 0,
      ssrc: this.#ssrc,
    });
    packet.set(soundAt(firstSample, PACKET_SAMPLES), RTP_HEADER_BYTES);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#packets += 1;
    this.#target.sendRtp(packet);
  }

  #report(): void {
    const elapsedMs = this.#clock.monotonicMs() - this.#startedAtMs;
    const rtpTimestamp = (this.#timestampBase + Math.round((elapsedMs * SOUND_RATE) / 1000)) >>> 0;
    const octets = this.#packets * PACKET_SAMPLES;
    const report = { ssrc: this.#ssrc, unixMs: this.#clock.nowMs(), rtpTimestamp, packets: this.#packets, octets };
    this.#target.sendRtcp(buildSenderReport(report, 'camera'));
  }
}
