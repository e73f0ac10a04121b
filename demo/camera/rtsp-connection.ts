import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Clock } from '../../platform/clock.ts';
import { buildInterleaved, buildResponse, type HeaderList } from '../../protocols/rtsp/build.ts';
import { cseqOf, header, type RtspRequest } from '../../protocols/rtsp/message.ts';
import { RtspParser } from '../../protocols/rtsp/parser.ts';
import { parseTransport } from '../../protocols/rtsp/transport.ts';
import { buildSdp, h264Fmtp } from '../../protocols/sdp/build.ts';
import type { Clip } from './clip.ts';
import type { DigestGate } from './digest-gate.ts';
import { RtspPlayback } from './rtsp-playback.ts';

const SESSION_TIMEOUT_SECONDS = 60;
const CONGESTED_BYTES = 1_048_576;
const PUBLIC = 'OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN';
const TRACK = 'track1';

/** A stream that a virtual camera serves, by the path of its URL. */
export interface ServedStream {
  path: string;
  clip: Clip;
}

/** What a connection needs of its server. */
export interface RtspConnectionContext {
  name: string;
  address: string;
  streams: readonly ServedStream[];
  gate: DigestGate;
  clock: Clock;
  startedAtMs: number;
}

interface Session {
  id: string;
  stream: ServedStream;
  rtpChannel: number;
  playback: RtspPlayback | null;
}

/** One client's RTSP connection to a virtual camera (RFC 2326, RTP interleaved in TCP only). */
export class RtspConnection {
  readonly #socket: Socket;
  readonly #context: RtspConnectionContext;
  #session: Session | null = null;
  #lastRequestMs: number;

  constructor(socket: Socket, context: RtspConnectionContext) {
    this.#socket = socket;
    this.#context = context;
    this.#lastRequestMs = context.clock.monotonicMs();
  }

  start(): void {
    const parser = new RtspParser({
      onInterleaved: () => undefined,
      onMessage: (message) => {
        if (message.kind === 'request') this.#answer(message);
      },
    });
    const idle = this.#context.clock.every(5000, () => {
      const silentMs = this.#context.clock.monotonicMs() - this.#lastRequestMs;
      if (silentMs > SESSION_TIMEOUT_SECONDS * 1000) this.#socket.destroy();
    });
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (chunk) => {
      try {
        parser.push(chunk);
      } catch {
        // What is not RTSP ends the connection, as on a real camera.
        this.#socket.destroy();
      }
    });
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('close', () => {
      idle.cancel();
      this.#session?.playback?.stop();
    });
  }

  #answer(request: RtspRequest): void {
    this.#lastRequestMs = this.#context.clock.monotonicMs();
    if (request.method === 'OPTIONS') return this.#send(request, 200, [['Public', PUBLIC]]);
    const challenge = this.#context.gate.challenge(request.method, request.uri, header(request, 'authorization'));
    if (challenge !== null) return this.#send(request, 401, [['WWW-Authenticate', challenge]]);
    switch (request.method) {
      case 'DESCRIBE':
        return this.#describe(request);
      case 'SETUP':
        return this.#setUp(request);
      case 'PLAY':
        return this.#play(request);
      case 'GET_PARAMETER':
        return this.#send(request, 200, this.#sessionHeader());
      case 'TEARDOWN':
        this.#session?.playback?.stop();
        this.#session = null;
        return this.#send(request, 200, []);
      default:
        return this.#send(request, 501, []);
    }
  }

  #streamOf(uri: string): ServedStream | undefined {
    const path = /^rtsps?:\/\/[^/]*(\/.*?)\/?$/i.exec(uri)?.[1] ?? '';
    return this.#context.streams.find((stream) => path === stream.path || path === `${stream.path}/${TRACK}`);
  }

  #describe(request: RtspRequest): void {
    const stream = this.#streamOf(request.uri);
    if (stream === undefined) return this.#send(request, 404, []);
    const sdp = buildSdp({
      name: this.#context.name,
      sessionId: 1,
      address: this.#context.address,
      medias: [
        {
          kind: 'video',
          payloadType: 96,
          rtpmap: 'H264/90000',
          fmtp: h264Fmtp(stream.clip.sps, stream.clip.pps),
          control: TRACK,
        },
      ],
    });
    const base = request.uri.endsWith('/') ? request.uri : `${request.uri}/`;
    this.#send(
      request,
      200,
      [
        ['Content-Type', 'application/sdp'],
        ['Content-Base', base],
      ],
      sdp,
    );
  }

  #setUp(request: RtspRequest): void {
    const stream = this.#streamOf(request.uri);
    if (stream === undefined) return this.#send(request, 404, []);
    if (this.#session?.playback != null) return this.#send(request, 455, []);
    const offered = parseTransport(header(request, 'transport') ?? '');
    const chosen = offered.find((transport) => transport.profile === 'RTP/AVP/TCP');
    if (chosen === undefined) return this.#send(request, 461, []);
    const rtpChannel = chosen.interleaved?.[0] ?? 0;
    this.#session = { id: randomBytes(8).toString('hex'), stream, rtpChannel, playback: null };
    const transport = `RTP/AVP/TCP;unicast;interleaved=${rtpChannel}-${rtpChannel + 1}`;
    this.#send(request, 200, [['Transport', transport], ...this.#sessionHeader()]);
  }

  #play(request: RtspRequest): void {
    const session = this.#session;
    if (session === null || header(request, 'session')?.split(';')[0] !== session.id) {
      return this.#send(request, 454, []);
    }
    if (session.playback !== null) return this.#send(request, 200, this.#sessionHeader());
    const { clock, startedAtMs } = this.#context;
    const playback = new RtspPlayback(session.stream.clip, startedAtMs, clock, {
      sendRtp: (packet) => this.#socket.write(buildInterleaved(session.rtpChannel, packet)),
      sendRtcp: (packet) => this.#socket.write(buildInterleaved(session.rtpChannel + 1, packet)),
      congested: () => this.#socket.writableLength > CONGESTED_BYTES,
    });
    session.playback = playback;
    const { sequence, timestamp } = playback.start;
    const info = `url=${request.uri.replace(/\/$/, '')}/${TRACK};seq=${sequence};rtptime=${timestamp}`;
    this.#send(request, 200, [...this.#sessionHeader(), ['Range', 'npt=now-'], ['RTP-Info', info]]);
    playback.play();
  }

  #sessionHeader(): HeaderList {
    return this.#session === null ? [] : [['Session', `${this.#session.id};timeout=${SESSION_TIMEOUT_SECONDS}`]];
  }

  #send(request: RtspRequest, status: number, headers: HeaderList, body = ''): void {
    this.#socket.write(buildResponse(status, [['CSeq', cseqOf(request) ?? 0], ...headers], body));
  }
}
