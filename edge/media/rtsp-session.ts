import { randomInt } from 'node:crypto';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { Credentials } from '../../protocols/http-digest/client.ts';
import type { AccessUnitSink } from '../../protocols/rtp/depacketizer.ts';
import { buildInterleaved } from '../../protocols/rtsp/build.ts';
import type { RtspTarget } from '../../protocols/rtsp/url.ts';
import type { MediaLimits } from './limits.ts';
import { RtpReceiver } from './rtp-receiver.ts';
import { RtspConnection, type TlsTrust } from './rtsp-connection.ts';
import { type H264Track, RtspDialogue, type RtspSetup } from './rtsp-dialogue.ts';
import { reasonOf, streamError } from './stream-error.ts';

/** What one session needs. */
export interface RtspSessionOptions {
  target: RtspTarget;
  credentials: Credentials | null;
  trust: TlsTrust;
  clock: Clock;
  log: Log;
  limits: MediaLimits;
  /** Once, before the first access unit. */
  onTrack(track: H264Track): void;
  sink: AccessUnitSink;
}

const TICK_MS = 1_000;
/** A goodbye may overtake the last packets inside the device. */
const GOODBYE_GRACE_MS = 250;

/** One RTSP session from connecting to its end: no retry, no memory of the session before. */
export class RtspSession {
  readonly #options: RtspSessionOptions;
  readonly #ssrc = randomInt(1, 2 ** 32);
  readonly #connection: RtspConnection;
  readonly #dialogue: RtspDialogue;
  #receiver: RtpReceiver | null = null;
  #setup: RtspSetup | null = null;
  #finish: (error: Error | null) => void = () => undefined;
  #timers: TimerHandle[] = [];
  #keepingAlive = false;
  #over = false;
  #playing = false;
  #heardPackets = 0;
  #heardAtMs = 0;
  #reportedAtMs = 0;
  #keptAliveAtMs = 0;

  constructor(options: RtspSessionOptions) {
    const { target, limits } = options;
    this.#options = options;
    this.#connection = new RtspConnection({
      target,
      trust: options.trust,
      clock: options.clock,
      connectTimeoutMs: limits.connectTimeoutMs,
      responseTimeoutMs: limits.responseTimeoutMs,
      onInterleaved: (channel, bytes, start, end) => this.#onInterleaved(channel, bytes, start, end),
      onTeardown: () => this.#finish(null),
      onClosed: (error) => this.#finish(error ?? this.#closedEarly()),
    });
    const allowBasic = target.secure && options.trust !== 'any';
    this.#dialogue = new RtspDialogue(this.#connection, target, options.credentials, allowBasic);
  }

  /** Counters for the stream's statistics. */
  get counters(): { bytes: number; packetsLost: number; framesDropped: number } {
    return {
      bytes: this.#connection.bytesRead,
      packetsLost: this.#receiver?.packetsLost ?? 0,
      framesDropped: this.#receiver?.framesDropped ?? 0,
    };
  }

  /**
   * Runs until the device ends the stream in order (resolves), something fails (throws a SharpEyesError whose reason
   * `reasonOf` tells), or `signal` aborts (resolves). The last frame is handed on in every case.
   */
  async run(signal: AbortSignal): Promise<void> {
    const over = new Promise<void>((resolve, reject) => {
      this.#finish = (error) => (error === null ? resolve() : reject(error));
    });
    // It may fail while the dialogue below fails first: then nobody else looks at it.
    over.catch(() => undefined);
    const onAbort = (): void => this.#finish(null);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await Promise.race([over, this.#open(signal)]);
      await over;
    } finally {
      signal.removeEventListener('abort', onAbort);
      for (const timer of this.#timers.splice(0)) timer.cancel();
      this.#receiver?.flush();
      this.#over = true;
      this.#connection.close(this.#dialogue.farewell());
    }
  }

  async #open(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await this.#connection.connect();
    const setup = await this.#dialogue.open();
    const { clock, limits, sink, onTrack } = this.#options;
    this.#setup = setup;
    onTrack(setup.track);
    for (const nal of setup.track.parameterSets) sink.onParameterSet(nal);
    const { payloadType } = setup.track;
    this.#receiver = new RtpReceiver({ clock, payloadType, maxFrameBytes: limits.frameBytes, sink });
    await this.#dialogue.play();
    this.#playing = true;
    const nowMs = clock.monotonicMs();
    [this.#heardAtMs, this.#reportedAtMs, this.#keptAliveAtMs] = [nowMs, nowMs, nowMs];
    if (!signal.aborted) this.#timers.push(clock.every(TICK_MS, () => this.#tick()));
  }

  /** A device that closes before it plays has not ended a stream: it does not give one. */
  #closedEarly(): Error | null {
    if (this.#playing) return null;
    return streamError('no-answer', `${this.#options.target.host} closed the connection instead of answering`);
  }

  #onInterleaved(channel: number, bytes: Uint8Array, start: number, end: number): void {
    const receiver = this.#receiver;
    if (receiver === null || this.#setup === null || this.#over) return;
    if (channel === this.#setup.rtpChannel) {
      if (receiver.onRtp(bytes, start, end)) return;
      this.#finish(streamError('garbage', `${this.#options.target.host} sends no RTP`));
    } else if (channel === this.#setup.rtcpChannel && receiver.onRtcp(bytes.subarray(start, end))) {
      this.#timers.push(this.#options.clock.after(GOODBYE_GRACE_MS, () => this.#finish(null)));
    }
  }

  #tick(): void {
    const { clock, limits, target } = this.#options;
    const nowMs = clock.monotonicMs();
    const packets = this.#receiver?.packets ?? 0;
    if (packets !== this.#heardPackets) {
      this.#heardPackets = packets;
      this.#heardAtMs = nowMs;
    } else if (nowMs - this.#heardAtMs >= limits.silenceMs) {
      this.#finish(streamError('silent', `${target.host} has sent no picture for ${limits.silenceMs / 1000} s`));
      return;
    }
    if (nowMs - this.#reportedAtMs >= limits.reportPeriodMs && this.#receiver !== null && this.#setup !== null) {
      this.#reportedAtMs = nowMs;
      this.#connection.send(buildInterleaved(this.#setup.rtcpChannel, this.#receiver.report(this.#ssrc)));
    }
    const keepAlivePeriodMs = (this.#setup?.sessionTimeoutMs ?? 60_000) / 2 - TICK_MS;
    if (!this.#keepingAlive && nowMs - this.#keptAliveAtMs >= keepAlivePeriodMs) {
      this.#keptAliveAtMs = nowMs;
      void this.#keepAlive();
    }
  }

  async #keepAlive(): Promise<void> {
    this.#keepingAlive = true;
    try {
      await this.#dialogue.keepAlive();
    } catch (error) {
      // A device that does not answer while its pictures flow is only asked differently next time.
      if (reasonOf(error) === 'no-answer') this.#dialogue.switchKeepAlive();
      else this.#finish(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#keepingAlive = false;
    }
  }
}
