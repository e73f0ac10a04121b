import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { H264Packetizer } from '../../protocols/h264/packetizer.ts';
import { buildChallenge, verifyAuthorization } from '../../protocols/http-digest/server.ts';
import { buildInterleaved, buildResponse, type HeaderList } from '../../protocols/rtsp/build.ts';
import { cseqOf, header, type RtspRequest } from '../../protocols/rtsp/message.ts';
import { RtspParser } from '../../protocols/rtsp/parser.ts';
import { parseTransport } from '../../protocols/rtsp/transport.ts';
import { buildSdp, h264Fmtp } from '../../protocols/sdp/build.ts';
import { PPS, SPS_360P } from './h264.ts';

/** One client's connection, as a test's script sees it. */
export interface ScriptedClient {
  socket: Socket;
  /** Every request so far, in order. */
  requests: RtspRequest[];
  /** Interleaved frames that came from the client. */
  frames: { channel: number; bytes: Buffer }[];
  /** Sends one access unit as RTP on channel 0. */
  frame(nals: readonly Uint8Array[], timestamp: number): void;
  packetizer: H264Packetizer;
  /** Where the client wants its packets, once it has set up a track over UDP. */
  udp: ScriptedUdp | null;
}

/** The server's side of a track over UDP. */
export interface ScriptedUdp {
  /** Sends to the client's RTP port. */
  send(packet: Uint8Array): void;
  sendRtcp(packet: Uint8Array): void;
  /** What came to the server's RTP and RTCP port. */
  rtp: Buffer[];
  rtcp: Buffer[];
  clientPort: number;
}

/** How the server behaves; everything left out behaves well. */
export interface Script {
  auth?: { algorithm: 'MD5' | 'SHA-256'; qop: boolean; user: string; password: string; nonce?: () => string };
  /** Serves `rtsps`. */
  tls?: { cert: string; key: string };
  sdp?: string;
  sessionTimeoutSeconds?: number;
  publicMethods?: string;
  /** Refuses interleaved frames with 461 and sends over UDP. */
  udp?: boolean;
  /** Answers a request in its own way; true when it did. */
  onRequest?(request: RtspRequest, client: ScriptedClient): boolean;
  onPlay?(client: ScriptedClient): void;
  onConnection?(client: ScriptedClient): void;
}

export const H264_SDP = buildSdp({
  name: 'scripted',
  sessionId: 1,
  address: '127.0.0.1',
  medias: [{ kind: 'video', payloadType: 96, rtpmap: 'H264/90000', fmtp: h264Fmtp(SPS_360P, PPS), control: 'track1' }],
});

/** An RTSP server on 127.0.0.1 that does what a test tells it, faults included. */
export class ScriptedRtspServer {
  readonly #server: Server;
  readonly script: Script;
  readonly clients: ScriptedClient[] = [];
  readonly #udpSockets: UdpSocket[] = [];

  constructor(script: Script) {
    this.script = script;
    const serve = (socket: Socket): void => this.#serve(socket);
    this.#server = script.tls === undefined ? createServer(serve) : createTlsServer(script.tls, serve);
  }

  start(port = 0): Promise<void> {
    return new Promise((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.script.tls === undefined ? 'rtsp' : 'rtsps'}://127.0.0.1:${this.port}/cam?channel=1`;
  }

  /** Requests of all clients by method. */
  methods(): string[] {
    return this.clients.flatMap(({ requests }) => requests.map(({ method }) => method));
  }

  async stop(): Promise<void> {
    for (const { socket } of this.clients) socket.destroy();
    for (const socket of this.#udpSockets) socket.close();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    const packetizer = new H264Packetizer({ payloadType: 96, ssrc: 0x1234, mtu: 1200, firstSequence: 65_000 });
    const client: ScriptedClient = {
      socket,
      requests: [],
      frames: [],
      packetizer,
      udp: null,
      frame: (nals, timestamp) => {
        for (const packet of packetizer.packetize(nals, timestamp)) {
          if (client.udp === null) socket.write(buildInterleaved(0, packet));
          else client.udp.send(packet);
        }
      },
    };
    this.clients.push(client);
    const parser = new RtspParser({
      onInterleaved: (channel, bytes, start, end) =>
        client.frames.push({ channel, bytes: Buffer.from(bytes.subarray(start, end)) }),
      onMessage: (message) => {
        if (message.kind !== 'request') return;
        client.requests.push(message);
        if (this.script.onRequest?.(message, client) !== true) this.#answer(message, client);
      },
    });
    socket.on('data', (chunk) => parser.push(chunk));
    socket.on('error', () => socket.destroy());
    this.script.onConnection?.(client);
  }

  #answer(request: RtspRequest, client: ScriptedClient): void {
    const challenge = this.#challenge(request);
    if (challenge !== null) {
      reply(client, request, 401, [['WWW-Authenticate', challenge]]);
      return;
    }
    const session = `s1;timeout=${this.script.sessionTimeoutSeconds ?? 60}`;
    const { method } = request;
    if (method === 'OPTIONS') {
      reply(client, request, 200, [
        ['Public', this.script.publicMethods ?? 'DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER'],
      ]);
    } else if (method === 'DESCRIBE') {
      const headers: HeaderList = [
        ['Content-Base', `${request.uri}/`],
        ['Content-Type', 'application/sdp'],
      ];
      reply(client, request, 200, headers, this.script.sdp ?? H264_SDP);
    } else if (method === 'SETUP') {
      const transport = header(request, 'transport') ?? '';
      if (this.script.udp === true) {
        void this.#setUpUdp(request, client, session);
        return;
      }
      reply(client, request, 200, [
        ['Session', session],
        ['Transport', transport],
      ]);
    } else if (method === 'PLAY') {
      reply(client, request, 200, [['Session', session]]);
      this.script.onPlay?.(client);
    } else {
      reply(client, request, 200, [['Session', session]]);
    }
  }

  async #setUpUdp(request: RtspRequest, client: ScriptedClient, session: string): Promise<void> {
    const [wanted] = parseTransport(header(request, 'transport') ?? '');
    const ports = wanted?.clientPort ?? null;
    if (ports === null) {
      reply(client, request, 461);
      return;
    }
    const [rtp, rtcp] = [await this.#bind(), await this.#bind()];
    const udp: ScriptedUdp = {
      send: (packet) => rtp.send(packet, ports[0], '127.0.0.1'),
      sendRtcp: (packet) => rtcp.send(packet, ports[1], '127.0.0.1'),
      rtp: [],
      rtcp: [],
      clientPort: ports[0],
    };
    rtp.on('message', (message) => udp.rtp.push(message));
    rtcp.on('message', (message) => udp.rtcp.push(message));
    client.udp ??= udp;
    reply(client, request, 200, [
      ['Session', session],
      [
        'Transport',
        `RTP/AVP;unicast;client_port=${ports[0]}-${ports[1]};server_port=${rtp.address().port}-${rtcp.address().port}`,
      ],
    ]);
  }

  #bind(): Promise<UdpSocket> {
    const socket = createSocket('udp4');
    this.#udpSockets.push(socket);
    return new Promise((resolve) => socket.bind(0, '127.0.0.1', () => resolve(socket)));
  }

  #challenge(request: RtspRequest): string | null {
    const { auth } = this.script;
    if (auth === undefined) return null;
    const nonce = auth.nonce?.() ?? 'nonce-1';
    const text = header(request, 'authorization');
    const verdict =
      text === null
        ? null
        : verifyAuthorization(text, {
            realm: 'scripted',
            method: request.method,
            uri: request.uri,
            passwordOf: (name) => (name === auth.user ? auth.password : undefined),
            isNonceFresh: (known) => known === nonce,
          });
    if (verdict?.ok === true) return null;
    const stale = verdict?.reason === 'stale-nonce';
    return buildChallenge({ realm: 'scripted', nonce, algorithm: auth.algorithm, qop: auth.qop, stale });
  }
}

/** Answers a request. */
export function reply(
  client: ScriptedClient,
  request: RtspRequest,
  status: number,
  headers: HeaderList = [],
  body = '',
): void {
  const cseq = cseqOf(request);
  client.socket.write(buildResponse(status, [...(cseq === null ? [] : [['CSeq', cseq] as const]), ...headers], body));
}
