import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Clock } from '../../platform/clock.ts';
import { buildInterleaved, buildResponse, type HeaderList } from '../../protocols/rtsp/build.ts';
import { cseqOf, header, type RtspRequest } from '../../protocols/rtsp/message.ts';
import { RtspParser } from '../../protocols/rtsp/parser.ts';
import { parseTransport } from '../../protocols/rtsp/transport.ts';
import { buildSdp, h264Fmtp, h265Fmtp, type MediaToDescribe } from '../../protocols/sdp/build.ts';
import type { Clip } from './clip.ts';
import type { DigestGate } from './digest-gate.ts';
import { type PlaybackTarget, RtspPlayback } from './rtsp-playback.ts';
import { PCMU_PAYLOAD_TYPE, SoundPlayback } from './sound-playback.ts';
import type { VirtualLoudspeaker } from './virtual-loudspeaker.ts';

const SESSION_TIMEOUT_SECONDS = 60;
const CONGESTED_BYTES = 1_048_576;
const PUBLIC = 'OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN';
/** Tag of ONVIF's back channel (ONVIF Streaming, 5.3). */
const BACK_CHANNEL = 'www.onvif.org/ver20/backchannel';
const TRACKS = { video: 'track1', sound: 'track2', back: 'track3' } as const;
type Track = keyof typeof TRACKS;

/** A stream that a virtual camera serves, by the path of its URL. */
export interface ServedStream {
  path: string;
  clip: Clip;
  /** Whether the camera's microphone goes with it. */
  sound?: boolean;
}

/** What a connection needs of its server. */
export interface RtspConnectionContext {
  name: string;
  address: string;
  streams: readonly ServedStream[];
  gate: DigestGate;
  /** Null where there is no back channel. */
  loudspeaker: VirtualLoudspeaker | null;
  clock: Clock;
  startedAtMs: number;
}

interface Session {
  id: string;
  stream: ServedStream;
  /** RTP channel of each track that was set up. */
  channels: Map<Track, number>;
  isPlaying: boolean;
  playbacks: { stop(): void }[];
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
      onInterleaved: (channel, bytes, start, end) => this.#hear(bytes.subarray(start, end), channel),
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
      this.#endSession();
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
        this.#endSession();
        return this.#send(request, 200, []);
      default:
        return this.#send(request, 501, []);
    }
  }

  #targetOf(uri: string): { stream: ServedStream; track: Track | null } | null {
    const path = /^rtsps?:\/\/[^/]*(\/.*?)\/?$/i.exec(uri)?.[1] ?? '';
    for (const stream of this.#context.streams) {
      if (path === stream.path) return { stream, track: null };
      for (const track of this.#tracksOf(stream)) {
        if (path === `${stream.path}/${TRACKS[track]}`) return { stream, track };
      }
    }
    return null;
  }

  #tracksOf(stream: ServedStream): Track[] {
    const back = this.#context.loudspeaker === null ? [] : (['back'] as const);
    return ['video', ...(stream.sound === true ? (['sound'] as const) : []), ...back];
  }

  /** Whether the request wants a back channel; null when it requires something that there is not. */
  #wantsBackChannel(request: RtspRequest): boolean | null {
    const required = header(request, 'require')?.trim() ?? '';
    if (required === '') return false;
    return required === BACK_CHANNEL && this.#context.loudspeaker !== null ? true : null;
  }

  #describe(request: RtspRequest): void {
    const stream = this.#targetOf(request.uri)?.stream;
    if (stream === undefined) return this.#send(request, 404, []);
    const withBack = this.#wantsBackChannel(request);
    if (withBack === null) return this.#send(request, 551, [['Unsupported', header(request, 'require') ?? '']]);
    const sound = { kind: 'audio', payloadType: PCMU_PAYLOAD_TYPE, rtpmap: 'PCMU/8000' } as const;
    const described: Record<Track, MediaToDescribe> = {
      video: {
        kind: 'video',
        payloadType: 96,
        ...descriptionOf(stream.clip),
        control: TRACKS.video,
      },
      sound: { ...sound, control: TRACKS.sound, attributes: ['recvonly'] },
      back: { ...sound, control: TRACKS.back, attributes: ['sendonly'] },
    };
    const tracks = this.#tracksOf(stream).filter((track) => track !== 'back' || withBack);
    const medias = tracks.map((track) => described[track]);
    const { name, address } = this.#context;
    const sdp = buildSdp({ name, sessionId: 1, address, medias });
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
    const target = this.#targetOf(request.uri);
    if (target === null) return this.#send(request, 404, []);
    const { stream, track } = target;
    if (track === 'back' && this.#wantsBackChannel(request) !== true) return this.#send(request, 551, []);
    if (this.#session?.isPlaying === true) return this.#send(request, 455, []);
    const offered = parseTransport(header(request, 'transport') ?? '');
    const chosen = offered.find((transport) => transport.profile === 'RTP/AVP/TCP');
    if (chosen === undefined) return this.#send(request, 461, []);
    if (this.#session === null || this.#session.stream !== stream || !this.#isForSession(request)) {
      const id = randomBytes(8).toString('hex');
      this.#session = { id, stream, channels: new Map(), isPlaying: false, playbacks: [] };
    }
    const { channels } = this.#session;
    const rtpChannel = chosen.interleaved?.[0] ?? channels.size * 2;
    channels.set(track ?? 'video', rtpChannel);
    const transport = `RTP/AVP/TCP;unicast;interleaved=${rtpChannel}-${rtpChannel + 1}`;
    this.#send(request, 200, [['Transport', transport], ...this.#sessionHeader()]);
  }

  #isForSession(request: RtspRequest): boolean {
    return header(request, 'session')?.split(';')[0] === this.#session?.id;
  }

  #play(request: RtspRequest): void {
    const session = this.#session;
    if (session === null || !this.#isForSession(request)) return this.#send(request, 454, []);
    if (session.isPlaying) return this.#send(request, 200, this.#sessionHeader());
    session.isPlaying = true;
    const { clock, startedAtMs, loudspeaker } = this.#context;
    const toPlay: { play(): void }[] = [];
    const add = (playback: { play(): void; stop(): void }): void => {
      session.playbacks.push(playback);
      toPlay.push(playback);
    };
    const info: string[] = [];
    const video = session.channels.get('video');
    if (video !== undefined) {
      const playback = new RtspPlayback(session.stream.clip, startedAtMs, clock, this.#target(video));
      const { sequence, timestamp } = playback.start;
      info.push(`url=${request.uri.replace(/\/$/, '')}/${TRACKS.video};seq=${sequence};rtptime=${timestamp}`);
      add(playback);
    }
    const sound = session.channels.get('sound');
    if (sound !== undefined) add(new SoundPlayback(startedAtMs, clock, this.#target(sound)));
    if (session.channels.has('back') && loudspeaker !== null) {
      loudspeaker.opened += 1;
      loudspeaker.open += 1;
      session.playbacks.push({
        stop: () => {
          loudspeaker.open -= 1;
        },
      });
    }
    const rtpInfo: HeaderList = info.length === 0 ? [] : [['RTP-Info', info.join(',')]];
    this.#send(request, 200, [...this.#sessionHeader(), ['Range', 'npt=now-'], ...rtpInfo]);
    for (const playback of toPlay) playback.play();
  }

  #target(rtpChannel: number): PlaybackTarget {
    return {
      sendRtp: (packet) => this.#socket.write(buildInterleaved(rtpChannel, packet)),
      sendRtcp: (packet) => this.#socket.write(buildInterleaved(rtpChannel + 1, packet)),
      congested: () => this.#socket.writableLength > CONGESTED_BYTES,
    };
  }

  /** Sound for the loudspeaker, once the session plays; everything else that a client sends is its own affair. */
  #hear(packet: Uint8Array, channel: number): void {
    const { session, loudspeaker } = { session: this.#session, loudspeaker: this.#context.loudspeaker };
    if (session?.isPlaying !== true || session.channels.get('back') !== channel) return;
    this.#lastRequestMs = this.#context.clock.monotonicMs();
    loudspeaker?.take(packet);
  }

  #endSession(): void {
    for (const playback of this.#session?.playbacks.splice(0) ?? []) playback.stop();
    this.#session = null;
  }

  #sessionHeader(): HeaderList {
    return this.#session === null ? [] : [['Session', `${this.#session.id};timeout=${SESSION_TIMEOUT_SECONDS}`]];
  }

  #send(request: RtspRequest, status: number, headers: HeaderList, body = ''): void {
    this.#socket.write(buildResponse(status, [['CSeq', cseqOf(request) ?? 0], ...headers], body));
  }
}

function descriptionOf({ codec, vps, sps, pps }: Clip): { rtpmap: string; fmtp: string } {
  if (codec === 'h264') return { rtpmap: 'H264/90000', fmtp: h264Fmtp(sps, pps) };
  return { rtpmap: 'H265/90000', fmtp: h265Fmtp({ vps: vps === null ? [] : [vps], sps: [sps], pps: [pps] }) };
}
