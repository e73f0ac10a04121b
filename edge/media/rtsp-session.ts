import { randomInt } from 'node:crypto';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { AccessUnit, AccessUnitSink } from '../../protocols/rtp/depacketizer.ts';
import type { SenderReport } from '../../protocols/rtp/rtcp.ts';
import { makeDepacketizer } from './depacketizers.ts';
import type { MediaLimits } from './limits.ts';
import { checkRedirect, type Dial } from './redirect.ts';
import { RtpReceiver } from './rtp-receiver.ts';
import { RtspConnection, type TlsTrust } from './rtsp-connection.ts';
import { type Described, RtspDialogue } from './rtsp-dialogue.ts';
import { reasonOf, streamError } from './stream-error.ts';
import { type TrackLink, TrackLinks, type TransportChoice } from './track-links.ts';
import { type ChosenTracks, chooseTracks, namesBackChannel, type Track } from './tracks.ts';

/** Where one session's tracks go. */
export interface SessionSinks {
  video: AccessUnitSink;
  audio: AccessUnitSink;
  metadata: AccessUnitSink;
  onSenderReport(kind: Track['kind'], report: SenderReport): void;
}

/** What one session needs. */
export interface RtspSessionOptions {
  dial: Dial;
  trust: TlsTrust;
  transport: TransportChoice;
  isAllowed?: ((address: string) => boolean) | undefined;
  /** Asks for the picture alone: the last session failed over another track. */
  videoOnly: boolean;
  clock: Clock;
  log: Log;
  limits: MediaLimits;
  /** Once, before the first access unit. */
  onTracks(tracks: ChosenTracks, about: { backChannel: boolean }): void;
  /** The device agreed to play. */
  onPlaying(): void;
  sinks: SessionSinks;
}

interface ActiveTrack {
  track: Track;
  receiver: RtpReceiver;
  link: TrackLink;
}

const TICK_MS = 1_000;
/** A goodbye may overtake the last packets inside the device. */
const GOODBYE_GRACE_MS = 250;

/** One RTSP session at one address, from connecting to its end: no retry, no memory of the session before. */
export class RtspSession {
  readonly #options: RtspSessionOptions;
  readonly #ssrc = randomInt(1, 2 ** 32);
  readonly #connection: RtspConnection;
  readonly #dialogue: RtspDialogue;
  readonly #links: TrackLinks;
  #tracks: ActiveTrack[] = [];
  #finish: (error: Error | null) => void = () => undefined;
  #timers: TimerHandle[] = [];
  #keepingAlive = false;
  #over = false;
  #playing = false;
  #setsUpSides = false;
  #pictures = 0;
  #heardPictures = 0;
  #heardAtMs = 0;
  #reportedAtMs = 0;
  #keptAliveAtMs = 0;

  constructor(options: RtspSessionOptions) {
    const { dial, limits, clock, trust, isAllowed } = options;
    const { target } = dial;
    this.#options = options;
    this.#connection = new RtspConnection({
      target,
      trust,
      clock,
      connectTimeoutMs: limits.connectTimeoutMs,
      responseTimeoutMs: limits.responseTimeoutMs,
      isAllowed,
      onInterleaved: (channel, bytes, start, end) => {
        if (!this.#over) this.#links.onInterleaved(channel, bytes, start, end);
      },
      onRequest: (request) => {
        if (request.method === 'TEARDOWN') this.#finish(null);
        else if (request.method === 'REDIRECT') this.#try(() => checkRedirect(request));
      },
      onClosed: (error) => this.#finish(error ?? this.#closedEarly()),
    });
    this.#dialogue = new RtspDialogue(this.#connection, dial, { allowBasic: target.secure && trust !== 'any' });
    const { transport } = options;
    const [connection, dialogue, ssrc] = [this.#connection, this.#dialogue, this.#ssrc];
    this.#links = new TrackLinks({ connection, dialogue, transport, ssrc, clock });
  }

  /** Counters for the stream's statistics. Losses are the picture's: sound is not missed by anybody who watches. */
  get counters(): { bytes: number; packetsLost: number; framesDropped: number } {
    const video = this.#tracks[0]?.receiver;
    return {
      bytes: this.#connection.bytesRead + this.#links.udpBytes,
      packetsLost: video?.packetsLost ?? 0,
      framesDropped: video?.framesDropped ?? 0,
    };
  }

  /** How the pictures come; null before the device agreed to it. */
  get transport(): 'tcp' | 'udp' | null {
    return this.#tracks.length === 0 || this.#links.transport === 'auto' ? null : this.#links.transport;
  }

  /** The device agreed to play. */
  get hasPlayed(): boolean {
    return this.#playing;
  }

  /** It failed, if it did, between setting further tracks up and playing: they may be the reason. */
  get failedOverSides(): boolean {
    return this.#setsUpSides && !this.#playing;
  }

  /**
   * Runs until the device ends the stream in order (resolves), something fails (throws a SharpEyesError whose reason
   * `reasonOf` tells), the device sends us elsewhere (throws Redirected), or `signal` aborts (resolves). The last
   * frame is handed on in every case.
   */
  async run(signal: AbortSignal): Promise<void> {
    const over = new Promise<void>((resolve, reject) => {
      this.#finish = (error) => (error === null ? resolve() : reject(error));
    });
    // It may fail while the dialogue below fails first: then nobody else looks at it.
    over.catch(() => undefined);
    const onAbort = (): void => this.#finish(null);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      await Promise.race([over, this.#open(signal)]);
      await over;
    } finally {
      signal.removeEventListener('abort', onAbort);
      for (const timer of this.#timers.splice(0)) timer.cancel();
      this.#links.flush();
      for (const { receiver } of this.#tracks) this.#try(() => receiver.flush());
      this.#over = true;
      await this.#dialogue.tearDown();
      this.#connection.close();
      this.#links.stop();
    }
  }

  async #open(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await this.#connection.connect();
    const described = await this.#dialogue.describe();
    const chosen = this.#choose(described);
    this.#options.onTracks(chosen, { backChannel: namesBackChannel(described.sdp) });
    for (const nal of chosen.video.parameterSets) this.#options.sinks.video.onParameterSet(nal);
    await this.#setUp(chosen.video);
    for (const track of [chosen.audio, chosen.metadata]) if (track !== null) await this.#setUpSide(track);
    if (signal.aborted || this.#over) return;
    await this.#dialogue.play();
    this.#playing = true;
    this.#options.onPlaying();
    const nowMs = this.#options.clock.monotonicMs();
    [this.#heardAtMs, this.#reportedAtMs, this.#keptAliveAtMs] = [nowMs, nowMs, nowMs];
    if (!signal.aborted && !this.#over) this.#timers.push(this.#options.clock.every(TICK_MS, () => this.#tick()));
  }

  #choose({ sdp, base }: Described): ChosenTracks {
    const tracks = chooseTracks(sdp, base);
    return this.#options.videoOnly ? { ...tracks, audio: null, metadata: null } : tracks;
  }

  async #setUp(track: Track): Promise<void> {
    const { clock, limits, sinks } = this.#options;
    const sink = track.kind === 'video' ? this.#counting(sinks.video) : sinks[track.kind];
    const depacketizer = makeDepacketizer(track, sink, limits.frameBytes);
    const onSenderReport = (report: SenderReport): void => sinks.onSenderReport(track.kind, report);
    const receiver = new RtpReceiver({ clock, payloadType: track.payloadType, depacketizer, onSenderReport });
    const isVideo = track.kind === 'video';
    const link = await this.#links.add(track.controlUrl, {
      // What fails here ends the session whatever called it: a TCP or UDP socket, a timer, or the end itself.
      onRtp: (bytes, start, end) => {
        try {
          if (this.#over || receiver.onRtp(bytes, start, end) || !isVideo) return;
          this.#finish(streamError('garbage', `${this.#options.dial.target.host} sends no RTP`));
        } catch (error) {
          this.#fail(error);
        }
      },
      onRtcp: (bytes) => {
        try {
          if (!this.#over && receiver.onRtcp(bytes) && isVideo) this.#onGoodbye();
        } catch (error) {
          this.#fail(error);
        }
      },
    });
    this.#tracks.push({ track, receiver, link });
  }

  /** Without sound there is still a picture: whatever the device says to a further track, we go on. */
  async #setUpSide(track: Track): Promise<void> {
    this.#setsUpSides = true;
    try {
      await this.#setUp(track);
    } catch (error) {
      if (reasonOf(error) !== 'refused') throw error;
      this.#options.log.info({ track: track.kind }, 'the device does not send this track');
    }
  }

  #counting(sink: AccessUnitSink): AccessUnitSink {
    return {
      onParameterSet: (nal) => sink.onParameterSet(nal),
      onAccessUnit: (unit: AccessUnit) => {
        this.#pictures += 1;
        sink.onAccessUnit(unit);
      },
    };
  }

  /** A device that closes before it plays has not ended a stream: it does not give one. */
  #closedEarly(): Error | null {
    if (this.#playing) return null;
    return streamError('no-answer', `${this.#options.dial.target.host} closed the connection instead of answering`);
  }

  #onGoodbye(): void {
    this.#timers.push(this.#options.clock.after(GOODBYE_GRACE_MS, () => this.#finish(null)));
  }

  #try(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#finish(error instanceof Error ? error : new Error(String(error)));
  }

  #tick(): void {
    const { clock, limits, dial } = this.#options;
    const nowMs = clock.monotonicMs();
    this.#links.tick();
    // Also pictures that are dropped: waiting for a key frame is no silence. Sound without pictures is.
    const pictures = this.#pictures + (this.#tracks[0]?.receiver.framesDropped ?? 0);
    if (pictures !== this.#heardPictures) {
      this.#heardPictures = pictures;
      this.#heardAtMs = nowMs;
    } else if (nowMs - this.#heardAtMs >= limits.silenceMs) {
      this.#finish(streamError('silent', `${dial.target.host} has sent no picture for ${limits.silenceMs / 1000} s`));
      return;
    }
    if (nowMs - this.#reportedAtMs >= limits.reportPeriodMs) {
      this.#reportedAtMs = nowMs;
      for (const { receiver, link } of this.#tracks) link.sendRtcp(receiver.report(this.#ssrc));
    }
    const keepAlivePeriodMs = this.#dialogue.sessionTimeoutMs / 2 - TICK_MS;
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
      else this.#fail(error);
    } finally {
      this.#keepingAlive = false;
    }
  }
}
