import { SharpEyesError } from '../../contract/errors.ts';
import type { HeaderList } from '../../protocols/rtsp/build.ts';
import { header, headerValues, type RtspRequest } from '../../protocols/rtsp/message.ts';
import { parseSession } from '../../protocols/rtsp/session.ts';
import { buildSdp } from '../../protocols/sdp/build.ts';
import { baseOf, parseStreamAddress, type StreamAddress } from './address.ts';
import type { DigestGate } from './digest-gate.ts';
import type { ReadFacts, ReadRefusal, ReadRequest, RtspHost } from './host.ts';
import type { PublishedStream } from './published-stream.ts';
import type { PublishedStreams } from './published-streams.ts';
import type { PublishedTrack } from './published-track.ts';
import type { Reply } from './reply.ts';
import { Session, type SessionContext } from './session.ts';
import { chooseTransport } from './transport-choice.ts';

const PUBLIC = 'OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, SET_PARAMETER, TEARDOWN';
/** Of what a client required and is told that we do not have. */
const UNSUPPORTED_LETTERS = 256;

/** What the dialogue of one connection needs. */
export interface DialogueContext extends SessionContext {
  readerId: number;
  name: string;
  localAddress: string;
  sessionTimeoutMs: number;
  host: RtspHost;
  gate: DigestGate;
  streams: PublishedStreams;
  /** Whether one more stream may be read by this user; counts it when it may, until the function is called. */
  admit(user: string): (() => void) | null;
  /** Somebody was turned away. */
  refused(refusal: Omit<ReadRefusal, 'suppressedBefore'>): void;
  /** The stream ended while it was read. */
  onStreamEnd(): void;
}

interface Opened {
  request: ReadRequest;
  stream: PublishedStream;
  /** Lets go of the stream. */
  release(): void;
  /** Gives the place among the readers back. */
  leave(): void;
}

/** What one connection asks and is answered (RFC 2326). One stream and one session at a time. */
export class Dialogue {
  readonly #context: DialogueContext;
  #opened: Opened | null = null;
  #session: Session | null = null;
  #isSignedIn = false;

  constructor(context: DialogueContext) {
    this.#context = context;
  }

  get session(): Session | null {
    return this.#session;
  }

  /** A request with the right password came. */
  get isSignedIn(): boolean {
    return this.#isSignedIn;
  }

  /** Who reads what, once something was opened. */
  get request(): ReadRequest | null {
    return this.#opened?.request ?? null;
  }

  /** Ends the session and lets go of the stream. @param rest what becomes of pictures that wait to be sent */
  end(rest: 'send' | 'discard'): void {
    this.#endSession(rest);
    this.#opened?.release();
    this.#opened?.leave();
    this.#opened = null;
  }

  async answer(request: RtspRequest): Promise<Reply> {
    const required = headerValues(request, 'require');
    if (required.length > 0) {
      return { status: 551, headers: [['Unsupported', required.join(', ').slice(0, UNSUPPORTED_LETTERS)]] };
    }
    switch (request.method) {
      case 'OPTIONS':
        return { status: 200, headers: [['Public', PUBLIC], ...this.#sessionHeader()] };
      case 'DESCRIBE':
        return this.#signedIn(request, (user) => this.#describe(request, user));
      case 'SETUP':
        return this.#signedIn(request, (user) => this.#setUp(request, user));
      case 'PLAY':
        return this.#signedIn(request, async (user) => this.#play(request, user));
      // The session's id is known to its client alone and good on this connection only: no challenge may end a stream
      // because a nonce became old.
      case 'GET_PARAMETER':
      case 'SET_PARAMETER':
        return this.#isOtherSession(request) ? { status: 454 } : { status: 200, headers: this.#sessionHeader() };
      case 'TEARDOWN':
        if (this.#session === null || this.#isOtherSession(request)) return { status: 454 };
        this.end('discard');
        return { status: 200 };
      default:
        return { status: 501, headers: [['Public', PUBLIC]] };
    }
  }

  async #signedIn(request: RtspRequest, run: (user: string) => Promise<Reply>): Promise<Reply> {
    const { method, uri } = request;
    const { gate, address, refused } = this.#context;
    const outcome = await gate.check(method, uri, header(request, 'authorization'));
    if (outcome.kind === 'passed') {
      this.#isSignedIn = true;
      return run(outcome.user);
    }
    if (outcome.kind === 'busy') return { status: 503, close: true };
    if (outcome.failed !== null) refused({ user: outcome.failed, address, reason: 'password', deviceId: null });
    return { status: 401, headers: outcome.challenges.map((value) => ['WWW-Authenticate', value] as const) };
  }

  async #describe(request: RtspRequest, user: string): Promise<Reply> {
    const accept = header(request, 'accept');
    if (accept !== null && !/application\/sdp|application\/\*|\*\/\*/i.test(accept)) return { status: 406 };
    const address = parseStreamAddress(request.uri);
    if (address === null || address.track !== null) return { status: 404 };
    if (this.#session !== null) return { status: 455 };
    // The right to look is asked for anew each time.
    const { stream } = await this.#open(address, user, true);
    const tracks = await stream.tracks();
    const { name, localAddress } = this.#context;
    const medias = tracks.map(({ description }) => description);
    const sdp = buildSdp({ name, sessionId: 1, address: localAddress, medias });
    const headers: HeaderList = [
      ['Content-Type', 'application/sdp'],
      ['Content-Base', baseOf(request.uri)],
    ];
    return { status: 200, headers, body: sdp };
  }

  async #setUp(request: RtspRequest, user: string): Promise<Reply> {
    const address = parseStreamAddress(request.uri);
    if (address === null) return { status: 404 };
    if (this.#session !== null && (this.#session.isPlaying || this.#isOtherSession(request, true))) {
      return { status: this.#session.isPlaying ? 455 : 459 };
    }
    if (this.#session !== null && this.#session.user !== user) return { status: 403 };
    // Before anything is opened: what is read, what is audited and what is checked again must stay the same stream.
    if (this.#session !== null && !this.#isOpened(address)) return { status: 459 };
    const { stream } = await this.#open(address, user, false);
    const tracks = await stream.tracks();
    const track = address.track === null && tracks.length === 1 ? tracks[0] : tracks[address.track ?? -1];
    if (track === undefined) return { status: address.track === null ? 459 : 404 };
    const session = this.#session ?? new Session(user, stream, this.#context);
    if (session.has(track)) return { status: 455 };
    const udpPort = this.#context.udp?.port ?? null;
    const { takenChannels } = session;
    const chosen = chooseTransport(header(request, 'transport') ?? '', { track: track.index, udpPort, takenChannels });
    if (chosen === null) return { status: 461 };
    this.#session = session;
    session.setUp(track, chosen);
    return { status: 200, headers: [['Transport', chosen.header], ...this.#sessionHeader()] };
  }

  async #play(request: RtspRequest, user: string): Promise<Reply> {
    const session = this.#session;
    const opened = this.#opened;
    if (session === null || opened === null || this.#isOtherSession(request)) return { status: 454 };
    if (session.user !== user) return { status: 403 };
    if (session.isPlaying) return { status: 200, headers: this.#sessionHeader() };
    const tracks = await session.stream.tracks();
    const base = baseOf(request.uri).replace(/trackID=\d+\/$/, '');
    const info = tracks.filter((track) => session.has(track)).map((track) => startInfo(base, track, session.stream));
    return {
      status: 200,
      headers: [...this.#sessionHeader(), ['Range', 'npt=now-'], ['RTP-Info', info.join(',')]],
      after: () => {
        if (this.#session !== session) return;
        session.play(() => this.#context.onStreamEnd());
        this.#context.host.onPlay?.(opened.request);
      },
    };
  }

  async #open(address: StreamAddress, user: string, anew: boolean): Promise<Opened> {
    const { deviceId, stream } = address;
    if (stream !== 'main' && stream !== 'sub') {
      throw new SharpEyesError('STREAM_UNKNOWN', 'A stream is called main or sub.');
    }
    const before = this.#opened;
    const isOwn = before !== null && before.request.user === user;
    if (isOwn && !anew && this.#isOpened(address)) return before;
    // It has a place among the readers from here on: what is only described is pulled all the same.
    const leave = isOwn ? before.leave : this.#context.admit(user);
    if (leave === null) throw new SharpEyesError('LIMIT_REACHED', 'There are too many readers.');
    const { readerId, address: network } = this.#context;
    const request: ReadRequest = { readerId, user, address: network, deviceId, stream };
    const used = await this.#use(request).catch((error: unknown) => {
      if (!isOwn) leave();
      throw error;
    });
    const opened: Opened = { request, leave, ...used };
    this.#opened = opened;
    before?.release();
    if (!isOwn) before?.leave();
    return opened;
  }

  async #use(request: ReadRequest): Promise<Pick<Opened, 'stream' | 'release'>> {
    const { host, streams, refused } = this.#context;
    const { user, address, deviceId } = request;
    const { key, source, release } = await host.open(request).catch((error: unknown) => {
      const isRefusal = error instanceof SharpEyesError && ['forbidden', 'not-found'].includes(error.kind);
      if (isRefusal) refused({ user, address, reason: 'right', deviceId });
      throw error;
    });
    try {
      const used = streams.use(key, source);
      let isReleased = false;
      const releaseBoth = (): void => {
        if (isReleased) return;
        isReleased = true;
        used.release();
        release();
      };
      return { stream: used.stream, release: releaseBoth };
    } catch (error) {
      release();
      throw error;
    }
  }

  #isOpened({ deviceId, stream }: StreamAddress): boolean {
    return this.#opened?.request.deviceId === deviceId && this.#opened.request.stream === stream;
  }

  #endSession(rest: 'send' | 'discard'): void {
    const facts: ReadFacts | null = this.#session?.end(rest) ?? null;
    this.#session = null;
    if (facts !== null && this.#opened !== null) this.#context.host.onStop?.(this.#opened.request, facts);
  }

  /** @param strict a request without a `Session` is none of this session either */
  #isOtherSession(request: RtspRequest, strict = false): boolean {
    const value = header(request, 'session');
    if (value === null) return strict;
    return parseSession(value)?.id !== this.#session?.id;
  }

  #sessionHeader(): HeaderList {
    const seconds = Math.round(this.#context.sessionTimeoutMs / 1000);
    return this.#session === null ? [] : [['Session', `${this.#session.id};timeout=${seconds}`]];
  }
}

function startInfo(base: string, track: PublishedTrack, stream: PublishedStream): string {
  const { sequence, rtpTimestamp } = stream.startOf(track);
  const time = rtpTimestamp === null ? '' : `;rtptime=${rtpTimestamp}`;
  return `url=${base}${track.control};seq=${sequence}${time}`;
}
