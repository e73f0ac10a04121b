import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import type { ReadFacts } from './host.ts';
import type { PublishedStream } from './published-stream.ts';
import type { PublishedTrack } from './published-track.ts';
import { Reader, type TrackCarrier } from './reader.ts';
import { TcpCarrier } from './tcp-carrier.ts';
import type { ChosenTransport } from './transport-choice.ts';
import { UdpCarrier, UdpPacer } from './udp-carrier.ts';
import type { UdpPorts } from './udp-ports.ts';

/** What a session needs of its connection. */
export interface SessionContext {
  socket: Socket;
  address: string;
  udp: UdpPorts | null;
  clock: Clock;
  maxBytes: number;
}

/** An RTSP session (RFC 2326 section 12.37): the tracks that were set up, and their reader once it plays. */
export class Session {
  readonly id = randomBytes(12).toString('hex');
  readonly user: string;
  readonly stream: PublishedStream;
  readonly #context: SessionContext;
  readonly #pacer: UdpPacer;
  readonly #carriers = new Map<number, TrackCarrier>();
  readonly #channels = new Set<number>();
  /** Client's RTCP ports, for knowing its signs of life. */
  readonly rtcpPorts = new Set<number>();
  #video: number | null = null;
  #reader: Reader | null = null;
  #leave: (() => void) | null = null;
  #playingSinceMs = 0;

  constructor(user: string, stream: PublishedStream, context: SessionContext) {
    this.user = user;
    this.stream = stream;
    this.#context = context;
    this.#pacer = new UdpPacer(context.clock);
  }

  get isPlaying(): boolean {
    return this.#reader !== null;
  }

  /** It does not keep up. */
  get isBehind(): boolean {
    return this.#backlogBytes() > this.#context.maxBytes / 2;
  }

  get takenChannels(): ReadonlySet<number> {
    return this.#channels;
  }

  has(track: PublishedTrack): boolean {
    return this.#carriers.has(track.index);
  }

  setUp(track: PublishedTrack, chosen: ChosenTransport): void {
    if (track.kind === 'video') this.#video = track.index;
    const { socket, udp, address } = this.#context;
    if (chosen.kind === 'tcp') {
      for (const channel of chosen.channels) this.#channels.add(channel);
      this.#carriers.set(track.index, new TcpCarrier(socket, chosen.channels));
    } else if (udp !== null) {
      this.rtcpPorts.add(chosen.clientPorts[1]);
      this.#carriers.set(track.index, new UdpCarrier(udp, this.#pacer, address, chosen.clientPorts));
    }
  }

  /** Begins with the last key frame. @param onEnd the stream is over */
  play(onEnd: () => void): void {
    const reader = new Reader(this.#carriers, {
      backlogBytes: () => this.#backlogBytes(),
      maxBytes: this.#context.maxBytes,
      videoTrack: this.#video,
      onEnd,
    });
    this.#reader = reader;
    this.#playingSinceMs = this.#context.clock.monotonicMs();
    this.#leave = this.stream.join(reader);
  }

  /**
   * Ends it; gives what was read, or null when it never played.
   * @param rest what becomes of datagrams that wait: `send` when the stream is over, `discard` when the reader is
   */
  end(rest: 'send' | 'discard'): ReadFacts | null {
    this.#leave?.();
    this.#leave = null;
    if (rest === 'send') this.#pacer.flush();
    else this.#pacer.stop();
    const reader = this.#reader;
    this.#reader = null;
    if (reader === null) return null;
    const seconds = Math.round((this.#context.clock.monotonicMs() - this.#playingSinceMs) / 1000);
    return { seconds, sent: reader.sent, skipped: reader.skipped };
  }

  #backlogBytes(): number {
    return this.#context.socket.writableLength + this.#pacer.bytes;
  }
}
