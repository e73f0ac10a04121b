import { randomInt } from 'node:crypto';
import { SharpEyesError } from '../../contract/errors.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { muLawToALaw } from '../../protocols/g711/companding.ts';
import type { Credentials } from '../../protocols/http-digest/client.ts';
import { RTP_HEADER_BYTES, writeRtpHeader } from '../../protocols/rtp/packet.ts';
import { buildSenderReport } from '../../protocols/rtp/rtcp.ts';
import { parseRtspUrl } from '../../protocols/rtsp/url.ts';
import { DEFAULT_MEDIA_LIMITS, type MediaLimits } from './limits.ts';
import { type Dial, followRedirects } from './redirect.ts';
import { RtspConnection, type TlsTrust } from './rtsp-connection.ts';
import { RtspDialogue } from './rtsp-dialogue.ts';
import { reasonOf, streamError } from './stream-error.ts';
import { type TrackLink, TrackLinks } from './track-links.ts';
import { type AudioTrack, chooseBackChannel } from './tracks.ts';

/** Whom to talk through. */
export interface BackChannelOptions {
  /** Of any stream of the device; user information in it is used where `credentials` is null. */
  url: string;
  credentials: Credentials | null;
  trust: TlsTrust;
  clock: Clock;
  log: Log;
  limits?: Partial<MediaLimits>;
  /** Whether an IP address may be dialled. */
  isAllowed?: (address: string) => boolean;
  /** Once, when an open channel ended without {@link BackChannel.close}. */
  onClosed?: (error: Error) => void;
}

const REQUIRE = 'www.onvif.org/ver20/backchannel';
/** 20 ms at 8 kHz. */
const PACKET_SAMPLES = 160;
const SAMPLES_PER_MS = 8;
/** Nothing sent for so long: the next packet begins a new talk spurt (RFC 3551 section 4.1). */
const PAUSE_MS = 200;
const TICK_MS = 1_000;

/** What stands while a channel is open. */
interface OpenChannel {
  connection: RtspConnection;
  dialogue: RtspDialogue;
  links: TrackLinks;
  link: TrackLink;
  track: AudioTrack;
}

/**
 * Sends sound to a device's loudspeaker (ONVIF Streaming section 5.3): an RTSP session of its own whose only track goes
 * towards the device. Used once: after it closed, make a new one.
 */
export class BackChannel {
  readonly #options: BackChannelOptions;
  readonly #limits: MediaLimits;
  readonly #ssrc = randomInt(1, 2 ** 32);
  #open: OpenChannel | null = null;
  #opening: RtspConnection | null = null;
  #closed = false;
  #timer: TimerHandle | null = null;
  #keptAliveAtMs = 0;
  #reportedAtMs = 0;
  #sequence = randomInt(0, 2 ** 16);
  #timestamp = randomInt(0, 2 ** 32);
  #sentAtMs: number | null = null;
  #rest: Uint8Array = new Uint8Array(0);
  #sent = { packets: 0, octets: 0 };

  constructor(options: BackChannelOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_MEDIA_LIMITS, ...options.limits };
  }

  /**
   * Opens the channel; sound may be sent once this resolves.
   * @throws SharpEyesError DEVICE_UNSUPPORTED when the device has no back channel for G.711 or does not say where it
   * hears; otherwise as a stream
   */
  async open(): Promise<{ codec: 'pcmu' | 'pcma' }> {
    const target = parseRtspUrl(this.#options.url);
    const credentials = this.#options.credentials ?? target.credentials;
    await followRedirects({ target, credentials }, (dial) => this.#openAt(dial));
    if (this.#open === null || this.#closed) throw streamError('ended', 'the back channel was closed');
    const nowMs = this.#options.clock.monotonicMs();
    [this.#keptAliveAtMs, this.#reportedAtMs] = [nowMs, nowMs];
    this.#timer = this.#options.clock.every(TICK_MS, () => this.#tick());
    return { codec: this.#open.track.codec === 'pcma' ? 'pcma' : 'pcmu' };
  }

  /**
   * Sends µ-law samples, 8 kHz, one channel, in packets of 20 ms; what is left over goes with the next call. Send them as
   * they are spoken: they are not slowed down here. Before opening and after closing nothing happens.
   */
  send(samples: Uint8Array): void {
    const open = this.#open;
    if (open === null || this.#closed || samples.length === 0) return;
    const nowMs = this.#options.clock.monotonicMs();
    const pausedMs = this.#sentAtMs === null ? 0 : nowMs - this.#sentAtMs;
    const begins = this.#sentAtMs === null || pausedMs > PAUSE_MS;
    if (begins) {
      this.#timestamp = (this.#timestamp + Math.round(pausedMs * SAMPLES_PER_MS)) >>> 0;
      this.#rest = new Uint8Array(0);
    }
    this.#sentAtMs = nowMs;
    const all = this.#rest.length === 0 ? samples : Buffer.concat([this.#rest, samples]);
    let at = 0;
    for (; at + PACKET_SAMPLES <= all.length; at += PACKET_SAMPLES) {
      this.#packet(open, all.subarray(at, at + PACKET_SAMPLES), begins && at === 0);
    }
    this.#rest = all.slice(at);
  }

  /** Ends the session. May be called at any time, more than once. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#end();
    this.#opening?.close();
  }

  async #openAt(dial: Dial): Promise<void> {
    const { trust, clock, isAllowed } = this.#options;
    const { connectTimeoutMs, responseTimeoutMs } = this.#limits;
    const connection = new RtspConnection({
      target: dial.target,
      trust,
      clock,
      connectTimeoutMs,
      responseTimeoutMs,
      isAllowed,
      onInterleaved: () => undefined,
      onRequest: ({ method }) => {
        if (method === 'TEARDOWN') this.#lost(streamError('ended', 'the device ended the back channel'));
      },
      onClosed: (error) => this.#lost(error ?? streamError('ended', 'the device ended the back channel')),
    });
    this.#opening = connection;
    const allowBasic = dial.target.secure && trust !== 'any';
    const dialogue = new RtspDialogue(connection, dial, { allowBasic, require: REQUIRE });
    const links = new TrackLinks({ connection, dialogue, transport: 'auto', ssrc: this.#ssrc, clock });
    try {
      await connection.connect();
      const { sdp, base } = await dialogue.describe();
      const track = chooseBackChannel(sdp, base);
      const link = await links.add(track.controlUrl, { onRtp: () => undefined, onRtcp: () => undefined });
      if (!link.canSend) throw unheard(dial.target.host);
      await dialogue.play();
      if (this.#closed) throw streamError('ended', 'the back channel was closed while it opened');
      this.#open = { connection, dialogue, links, link, track };
    } catch (error) {
      await dialogue.tearDown();
      links.stop();
      connection.close();
      throw error;
    }
  }

  #packet({ link, track }: OpenChannel, samples: Uint8Array, marker: boolean): void {
    const packet = new Uint8Array(RTP_HEADER_BYTES + samples.length);
    const { payloadType, codec } = track;
    const [ssrc, sequence, timestamp] = [this.#ssrc, this.#sequence, this.#timestamp];
    writeRtpHeader(packet, 0, { payloadType, marker, sequence, timestamp, ssrc });
    packet.set(codec === 'pcma' ? muLawToALaw(samples) : samples, RTP_HEADER_BYTES);
    this.#sequence = (sequence + 1) & 0xffff;
    this.#timestamp = (timestamp + samples.length) >>> 0;
    this.#sent.packets += 1;
    this.#sent.octets += samples.length;
    link.sendRtp(packet);
  }

  #tick(): void {
    const open = this.#open;
    if (open === null) return;
    const { clock } = this.#options;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#reportedAtMs >= this.#limits.reportPeriodMs && this.#sent.packets > 0) {
      this.#reportedAtMs = nowMs;
      const report = { ssrc: this.#ssrc, unixMs: clock.nowMs(), rtpTimestamp: this.#timestamp, ...this.#sent };
      open.link.sendRtcp(buildSenderReport(report, 'edge'));
    }
    if (nowMs - this.#keptAliveAtMs < open.dialogue.sessionTimeoutMs / 2 - TICK_MS) return;
    this.#keptAliveAtMs = nowMs;
    open.dialogue.keepAlive().catch((error: unknown) => {
      if (reasonOf(error) === 'no-answer') open.dialogue.switchKeepAlive();
      else this.#lost(error instanceof Error ? error : new Error(String(error)));
    });
  }

  #lost(error: Error): void {
    if (this.#closed || this.#open === null) return;
    this.#closed = true;
    void this.#end();
    this.#options.log.info({ reason: reasonOf(error) }, 'the back channel ended');
    this.#options.onClosed?.(error);
  }

  async #end(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    this.#timer?.cancel();
    if (open === null) return;
    await open.dialogue.tearDown();
    open.links.stop();
    open.connection.close();
  }
}

function unheard(host: string): SharpEyesError {
  return new SharpEyesError('DEVICE_UNSUPPORTED', `${host} takes sound by UDP but does not say at which port`);
}
