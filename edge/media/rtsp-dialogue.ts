import type { Challenge } from '../../protocols/http-digest/challenge.ts';
import { parseChallenges } from '../../protocols/http-digest/challenge.ts';
import { AuthorizationClient, type Credentials } from '../../protocols/http-digest/client.ts';
import type { HeaderList } from '../../protocols/rtsp/build.ts';
import { header, headerValues, type RtspResponse } from '../../protocols/rtsp/message.ts';
import { DEFAULT_SESSION_TIMEOUT_SECONDS, parseMethods, parseSession } from '../../protocols/rtsp/session.ts';
import { interleavedTransport, parseTransport } from '../../protocols/rtsp/transport.ts';
import { contentBase, type RtspTarget, resolveControl } from '../../protocols/rtsp/url.ts';
import { findFormat, parameterSets, rtpMapOf, type SessionDescription } from '../../protocols/sdp/description.ts';
import { parseSdp } from '../../protocols/sdp/parse.ts';
import type { RtspConnection } from './rtsp-connection.ts';
import { streamError } from './stream-error.ts';

/** The H.264 track that a device describes. */
export interface H264Track {
  controlUrl: string;
  payloadType: number;
  clockRate: number;
  /** SPS and PPS from the description; may be empty. */
  parameterSets: readonly Uint8Array[];
}

/** What the dialogue agreed on before PLAY. */
export interface RtspSetup {
  track: H264Track;
  /** Interleaved channels that the device chose. */
  rtpChannel: number;
  rtcpChannel: number;
  sessionTimeoutMs: number;
}

/**
 * The requests of one RTSP session in order (RFC 2326), with authorization. It owns no timer and no socket.
 *
 * A request that is refused is repeated once with the password, so a wrong one is tried once and no more.
 */
export class RtspDialogue {
  readonly #connection: RtspConnection;
  readonly #target: RtspTarget;
  readonly #authorization: AuthorizationClient | null;
  #sessionId: string | null = null;
  #methods: ReadonlySet<string> = new Set();
  #sessionUrl: string;
  #keepAliveMethod: 'GET_PARAMETER' | 'OPTIONS' = 'OPTIONS';

  /** @param allowBasic whether a password may be shown to the peer: only over verified TLS */
  constructor(connection: RtspConnection, target: RtspTarget, credentials: Credentials | null, allowBasic: boolean) {
    this.#connection = connection;
    this.#target = target;
    this.#sessionUrl = target.url;
    this.#authorization = credentials === null ? null : new AuthorizationClient(credentials, { allowBasic });
  }

  /** OPTIONS, DESCRIBE and SETUP. @throws SharpEyesError with a stream reason */
  async open(): Promise<RtspSetup> {
    const options = await this.#request('OPTIONS', this.#target.url);
    this.#methods = parseMethods(header(options, 'public') ?? '');
    const described = await this.#expectOk('DESCRIBE', this.#target.url, [['Accept', 'application/sdp']]);
    const base = contentBase(described, this.#target.url);
    const sdp = parseSdp(Buffer.from(described.body).toString('utf8'));
    this.#sessionUrl = resolveControl(base, sdp.control);
    const track = findH264(sdp, base);
    const setup = await this.#expectOk('SETUP', track.controlUrl, [['Transport', interleavedTransport(0)]]);
    const session = parseSession(header(setup, 'session') ?? '');
    this.#sessionId = session?.id ?? null;
    if (this.#methods.has('GET_PARAMETER')) this.#keepAliveMethod = 'GET_PARAMETER';
    const [rtpChannel, rtcpChannel] = parseTransport(header(setup, 'transport') ?? '')[0]?.interleaved ?? [0, 1];
    const sessionTimeoutMs = (session?.timeoutSeconds ?? DEFAULT_SESSION_TIMEOUT_SECONDS) * 1000;
    return { track, rtpChannel, rtcpChannel, sessionTimeoutMs };
  }

  async play(): Promise<void> {
    await this.#expectOk('PLAY', this.#sessionUrl, [['Range', 'npt=0.000-']]);
  }

  /**
   * Tells the device that we are still here. A device that does not know the request is asked in another way from
   * then on. @throws SharpEyesError when the session is over: the password no longer holds or the session is unknown
   */
  async keepAlive(): Promise<void> {
    const response = await this.#request(this.#keepAliveMethod, this.#sessionUrl);
    if (response.status === 454) throw streamError('ended', `${this.#target.host} has forgotten the session`);
    if (response.status >= 400) this.switchKeepAlive();
  }

  /** Uses the other keepalive request: this one is refused or ignored. */
  switchKeepAlive(): void {
    this.#keepAliveMethod = this.#keepAliveMethod === 'OPTIONS' ? 'GET_PARAMETER' : 'OPTIONS';
  }

  /** The TEARDOWN to close with, or null before SETUP. */
  farewell(): { method: string; url: string; headers: HeaderList } | null {
    if (this.#sessionId === null) return null;
    const [method, url] = ['TEARDOWN', this.#sessionUrl];
    return { method, url, headers: this.#headers([], this.#authorize(method, url)) };
  }

  async #expectOk(method: string, url: string, headers: HeaderList): Promise<RtspResponse> {
    const response = await this.#request(method, url, headers);
    if (response.status === 200) return response;
    const why = response.status === 461 ? 'it does not send over TCP' : `${response.status} ${response.reason}`;
    throw streamError('refused', `${this.#target.host} refuses ${method}: ${why}`);
  }

  async #request(method: string, address: string, headers: HeaderList = []): Promise<RtspResponse> {
    // What is signed has to be what stands in the request line, and that cannot hold spaces.
    const url = address.replace(/\s/g, '%20');
    const first = await this.#send(method, url, headers);
    if (first.status !== 401) return first;
    // Either nothing was asked for before, or the nonce has expired: once more with the new challenge.
    const challenges = parseChallenges(headerValues(first, 'www-authenticate'));
    if (this.#authorization?.accept(challenges) !== true) throw this.#refused(challenges);
    const second = await this.#send(method, url, headers);
    if (second.status === 401) throw this.#refused(challenges);
    return second;
  }

  #send(method: string, url: string, headers: HeaderList): Promise<RtspResponse> {
    return this.#connection.request(method, url, this.#headers(headers, this.#authorize(method, url)));
  }

  #authorize(method: string, uri: string): string | null {
    return this.#authorization?.authorize({ method, uri }) ?? null;
  }

  #headers(own: HeaderList, authorization: string | null): HeaderList {
    const headers: (readonly [string, string | number])[] = [...own, ['User-Agent', 'SharpEyes']];
    if (this.#sessionId !== null) headers.push(['Session', this.#sessionId]);
    if (authorization !== null) headers.push(['Authorization', authorization]);
    return headers;
  }

  #refused(challenges: readonly Challenge[]): Error {
    const { host } = this.#target;
    if (this.#authorization === null) {
      return streamError('refused-credentials', `${host} asks for a user name and password; none is configured`);
    }
    const onlyBasic = challenges.length > 0 && challenges.every((challenge) => challenge.scheme === 'basic');
    return streamError(
      'refused-credentials',
      onlyBasic
        ? `${host} wants the password in clear text, which is sent over verified TLS only; switch it to Digest`
        : `${host} refuses the user name or password`,
    );
  }
}

function findH264(sdp: SessionDescription, base: string): H264Track {
  const seen: string[] = [];
  for (const media of sdp.medias) {
    const format = findFormat(media, 'H264');
    if (format === null || media.protocol.toUpperCase().includes('SAVP')) {
      seen.push(rtpMapOf(media, media.formats[0] ?? '')?.encoding ?? media.kind);
      continue;
    }
    return {
      controlUrl: resolveControl(base, media.control ?? sdp.control),
      payloadType: format.payloadType,
      clockRate: format.map.clockRate,
      parameterSets: parameterSets(media.fmtps.get(String(format.payloadType)) ?? ''),
    };
  }
  throw streamError('unsupported-codec', `the stream has no H.264 track, only ${seen.join(', ') || 'nothing'}`);
}
