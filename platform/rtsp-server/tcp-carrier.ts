import type { Socket } from 'node:net';
import { buildInterleaved } from '../../protocols/rtsp/build.ts';
import { channelOf, type PublishedUnit, withChannel } from './published-unit.ts';
import type { TrackCarrier } from './reader.ts';

/** A track inside the RTSP connection (RFC 2326 section 10.12). */
export class TcpCarrier implements TrackCarrier {
  readonly #socket: Socket;
  readonly #channels: readonly [rtp: number, rtcp: number];

  constructor(socket: Socket, channels: readonly [rtp: number, rtcp: number]) {
    this.#socket = socket;
    this.#channels = channels;
  }

  rtp({ framed, track }: PublishedUnit): void {
    const [channel] = this.#channels;
    this.#socket.write(channel === channelOf(track) ? framed : withChannel(framed, channel));
  }

  rtcp(packet: Uint8Array): void {
    this.#socket.write(buildInterleaved(this.#channels[1], packet));
  }

  goodbye(packet: Uint8Array): void {
    this.rtcp(packet);
  }
}
