import type { Clock } from '../../platform/clock.ts';
import { i32, u16 } from '../../protocols/big-endian.ts';
import { RTP_HEADER_BYTES } from '../../protocols/rtp/packet.ts';
import { ReorderBuffer } from '../../protocols/rtp/reorder.ts';
import { buildInterleaved } from '../../protocols/rtsp/build.ts';
import { interleavedTransport, udpTransport } from '../../protocols/rtsp/transport.ts';
import type { RtspConnection } from './rtsp-connection.ts';
import type { RtspDialogue, SetUpAnswer } from './rtsp-dialogue.ts';
import { streamError } from './stream-error.ts';
import { UdpPair } from './udp-pair.ts';

/** How RTP comes: `auto` is interleaved in the RTSP connection and, where the device refuses that, UDP. */
export type TransportChoice = 'auto' | 'tcp' | 'udp';

/** Takes one track's packets; the bytes are valid during the call only. */
export interface PacketSink {
  onRtp(bytes: Uint8Array, start: number, end: number): void;
  onRtcp(bytes: Uint8Array): void;
}

/** One track on its way. */
export interface TrackLink {
  /** Whether there is a way to the device; over UDP some that only send do not say where they hear. */
  readonly canSend: boolean;
  /** Sends a packet of our own, where the track takes some (back channel). */
  sendRtp(packet: Uint8Array): void;
  sendRtcp(packet: Uint8Array): void;
}

/** Answers to SETUP that say something about the transport, not about the track. */
const TRANSPORT_REFUSED: ReadonlySet<number> = new Set([400, 405, 406, 415, 451, 461, 500, 501]);
const CHANNELS = 256;
/** UDP packets wait so long for one that is missing before them. */
const REORDER_MS = 100;

/** What the links of a session need. */
export interface TrackLinksOptions {
  connection: RtspConnection;
  dialogue: RtspDialogue;
  transport: TransportChoice;
  /** Ours. */
  ssrc: number;
  clock: Clock;
}

/** Sets the tracks of one session up, all by the transport that its first track got, and hands their packets out. */
export class TrackLinks {
  readonly #connection: RtspConnection;
  readonly #dialogue: RtspDialogue;
  readonly #ssrc: number;
  readonly #clock: Clock;
  readonly #byChannel: ({ sink: PacketSink; isRtcp: boolean } | undefined)[] = [];
  readonly #pairs: UdpPair[] = [];
  readonly #reorders: ReorderBuffer[] = [];
  #transport: TransportChoice;
  #tracks = 0;
  #stopped = false;

  constructor(options: TrackLinksOptions) {
    this.#connection = options.connection;
    this.#dialogue = options.dialogue;
    this.#transport = options.transport;
    this.#ssrc = options.ssrc;
    this.#clock = options.clock;
  }

  /** `udp` or `tcp` once the first track is set up. */
  get transport(): TransportChoice {
    return this.#transport;
  }

  /** Bytes that came by UDP. */
  get udpBytes(): number {
    return this.#pairs.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Hands on an interleaved frame. */
  onInterleaved(channel: number, bytes: Uint8Array, start: number, end: number): void {
    const entry = this.#byChannel[channel];
    if (entry === undefined) return;
    if (entry.isRtcp) entry.sink.onRtcp(bytes.subarray(start, end));
    else entry.sink.onRtp(bytes, start, end);
  }

  /** Sets a track up. @throws SharpEyesError STREAM_REFUSED when the device does not want to send it */
  async add(controlUrl: string, sink: PacketSink): Promise<TrackLink> {
    if (this.#transport !== 'udp') {
      const channel = this.#tracks * 2;
      const answer = await this.#dialogue.setUp(controlUrl, interleavedTransport(channel));
      const link = answer.ok ? this.#interleaved(answer, channel, sink) : null;
      if (link !== null) return this.#added(link, 'tcp');
      if (this.#transport === 'tcp' || (!answer.ok && !TRANSPORT_REFUSED.has(answer.status))) throw refused(answer);
    }
    return this.#added(await this.#udp(controlUrl, sink), 'udp');
  }

  /** Gives up waiting for packets that are missing for too long; to be called now and then. */
  tick(): void {
    const limitMs = this.#clock.monotonicMs() - REORDER_MS;
    for (const reorder of this.#reorders) reorder.flushOlderThan(limitMs);
  }

  /** Hands on what still waits: nothing comes any more. */
  flush(): void {
    for (const reorder of this.#reorders) reorder.flush();
  }

  stop(): void {
    this.#stopped = true;
    for (const pair of this.#pairs.splice(0)) pair.stop();
  }

  #added(link: TrackLink, transport: 'tcp' | 'udp'): TrackLink {
    this.#transport = transport;
    this.#tracks += 1;
    return link;
  }

  /** Null when the device answers with UDP although it was asked for TCP. */
  #interleaved(answer: SetUpAnswer, asked: number, sink: PacketSink): TrackLink | null {
    const { transport } = answer;
    if (transport !== null && transport.interleaved === null && transport.serverPort !== null) return null;
    const [rtp, rtcp] = this.#channels(transport?.interleaved ?? null) ?? [asked, asked + 1];
    this.#byChannel[rtp] = { sink, isRtcp: false };
    this.#byChannel[rtcp] = { sink, isRtcp: true };
    return {
      canSend: true,
      sendRtp: (packet) => this.#connection.send(buildInterleaved(rtp, packet)),
      sendRtcp: (packet) => this.#connection.send(buildInterleaved(rtcp, packet)),
    };
  }

  /** The device's choice, unless it names channels that carry another track already. */
  #channels(given: readonly [number, number] | null): readonly [number, number] | null {
    if (given === null) return null;
    const free = given.every((channel) => channel < CHANNELS && this.#byChannel[channel] === undefined);
    return free && given[0] !== given[1] ? given : null;
  }

  async #udp(controlUrl: string, sink: PacketSink): Promise<TrackLink> {
    const addresses = this.#connection.addresses;
    if (addresses === null) throw streamError('unreachable', 'the connection is gone');
    const reorder = new ReorderBuffer((packet) => sink.onRtp(packet, 0, packet.length));
    this.#reorders.push(reorder);
    const pair = new UdpPair({
      ...addresses,
      onRtp: (packet) => {
        const nowMs = this.#clock.monotonicMs();
        if (reorder.waiting > 0) reorder.flushOlderThan(nowMs - REORDER_MS);
        if (packet.length < RTP_HEADER_BYTES) sink.onRtp(packet, 0, packet.length);
        else reorder.push(u16(packet, 2), packet, nowMs, i32(packet, 8));
      },
      onRtcp: (packet) => sink.onRtcp(packet),
    });
    this.#pairs.push(pair);
    await pair.start();
    if (this.#stopped) {
      pair.stop();
      throw streamError('ended', 'the session is over');
    }
    const answer = await this.#dialogue.setUp(controlUrl, udpTransport(pair.port));
    if (!answer.ok || answer.transport?.multicast === true) throw refused(answer);
    const serverPorts = answer.transport?.serverPort ?? null;
    if (serverPorts !== null) pair.open(serverPorts, this.#ssrc);
    return {
      canSend: serverPorts !== null,
      sendRtp: (packet) => pair.sendRtp(packet),
      sendRtcp: (packet) => pair.sendRtcp(packet),
    };
  }
}

function refused({ ok, status, reason }: SetUpAnswer): Error {
  const why = ok ? 'it offers no transport that we can use' : `${status} ${reason}`;
  return streamError('refused', `the device refuses SETUP: ${why}`);
}
