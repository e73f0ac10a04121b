import { SharpEyesError } from '../../contract/errors.ts';
import type { Challenge } from '../../protocols/http-digest/challenge.ts';
import { parseChallenges } from '../../protocols/http-digest/challenge.ts';
import { AuthorizationClient } from '../../protocols/http-digest/client.ts';
import type { HeaderList } from '../../protocols/rtsp/build.ts';
import { header, headerValues, type RtspResponse } from '../../protocols/rtsp/message.ts';
import { DEFAULT_SESSION_TIMEOUT_SECONDS, parseMethods, parseSession } from '../../protocols/rtsp/session.ts';
import { parseTransport, type Transport } from '../../protocols/rtsp/transport.ts';
import { contentBase, type RtspTarget, resolveControl } from '../../protocols/rtsp/url.ts';
import type { SessionDescription } from '../../protocols/sdp/description.ts';
import { parseSdp } from '../../protocols/sdp/parse.ts';
import { checkRedirect, type Dial } from './redirect.ts';
import type { RtspConnection } from './rtsp-connection.ts';
import { streamError } from './stream-error.ts';

/** What the device offers. */
export interface Described {
  sdp: SessionDescription;
  /** For relative track addresses. */
  base: string;
}

/** The device's answer to SETUP. */
export interface SetUpAnswer {
  ok: boolean;
  status: number;
  reason: string;
  /** What it chose; null where it does not say. */
  transport: Transport | null;
}

/** Requests that keep a session alive, the cheapest first. */
const KEEP_ALIVE_METHODS = ['GET_PARAMETER', 'SET_PARAMETER', 'OPTIONS'] as const;
const OPTION_UNSUPPORTED = 551;
const TEARDOWN_TIMEOUT_MS = 500;

/**
 * The requests of one RTSP session in order (RFC 2326), with authorization. It owns no timer and no socket.
 *
 * A request that is refused is repeated once with the password, so a wrong one is tried once and no more; only a device
 * that calls the nonce stale, which says that the password was right, is answered again.
 */
export class RtspDialogue {
  readonly #connection: RtspConnection;
  readonly #target: RtspTarget;
  readonly #authorization: AuthorizationClient | null;
  readonly #common: HeaderList;
  #sessionId: string | null = null;
  #sessionUrl: string;
  #keepAlive: (typeof KEEP_ALIVE_METHODS)[number] = 'OPTIONS';
  /** The device forgets the session after so long without a sign of life. */
  sessionTimeoutMs = DEFAULT_SESSION_TIMEOUT_SECONDS * 1000;

  /**
   * @param options `allowBasic`: whether a password may be shown to the peer, only over verified TLS; `require`: feature
   * that the device must know, sent with every request
   */
  constructor(connection: RtspConnection, dial: Dial, options: { allowBasic: boolean; require?: string }) {
    const { target, credentials } = dial;
    this.#connection = connection;
    this.#target = target;
    this.#sessionUrl = target.url;
    this.#common = options.require === undefined ? [] : [['Require', options.require]];
    const { allowBasic } = options;
    this.#authorization = credentials === null ? null : new AuthorizationClient(credentials, { allowBasic });
  }

  /** OPTIONS and DESCRIBE. @throws SharpEyesError with a stream reason; Redirected */
  async describe(): Promise<Described> {
    const options = await this.#request('OPTIONS', this.#target.url);
    checkRedirect(options);
    const methods = parseMethods(header(options, 'public') ?? '');
    this.#keepAlive = KEEP_ALIVE_METHODS.find((method) => methods.has(method)) ?? 'OPTIONS';
    const wanted: HeaderList = [['Accept', 'application/sdp'], ...this.#common];
    const described = await this.#expectOk('DESCRIBE', this.#target.url, wanted);
    const base = contentBase(described, this.#target.url);
    const sdp = parseSdp(Buffer.from(described.body).toString('utf8'));
    this.#sessionUrl = resolveControl(base, sdp.control);
    return { sdp, base };
  }

  /** SETUP of one track; a refusal is an answer, not an error. @param transport value of the header */
  async setUp(controlUrl: string, transport: string): Promise<SetUpAnswer> {
    const response = await this.#request('SETUP', controlUrl, [['Transport', transport], ...this.#common]);
    checkRedirect(response);
    const { status, reason } = response;
    if (status !== 200) return { ok: false, status, reason, transport: null };
    const session = parseSession(header(response, 'session') ?? '');
    this.#sessionId ??= session?.id ?? null;
    if (session?.timeoutSeconds != null) this.sessionTimeoutMs = session.timeoutSeconds * 1000;
    return { ok: true, status, reason, transport: parseTransport(header(response, 'transport') ?? '')[0] ?? null };
  }

  async play(): Promise<void> {
    await this.#expectOk('PLAY', this.#sessionUrl, [['Range', 'npt=0.000-'], ...this.#common]);
  }

  /**
   * Tells the device that we are still here. A device that does not know the request is asked in another way from
   * then on. @throws SharpEyesError when the session is over: the password no longer holds or the session is unknown
   */
  async keepAlive(): Promise<void> {
    const response = await this.#request(this.#keepAlive, this.#sessionUrl);
    if (response.status === 454) throw streamError('ended', `${this.#target.host} has forgotten the session`);
    if (response.status >= 400) this.switchKeepAlive();
  }

  /** Uses another keepalive request: this one is refused or ignored. */
  switchKeepAlive(): void {
    const next = KEEP_ALIVE_METHODS.indexOf(this.#keepAlive) + 1;
    this.#keepAlive = KEEP_ALIVE_METHODS[next % KEEP_ALIVE_METHODS.length] ?? 'OPTIONS';
  }

  /** Ends the session where there is one and the device still listens; waits shortly for its answer. Never throws. */
  async tearDown(): Promise<void> {
    if (this.#sessionId === null || !this.#connection.open) return;
    // The connection is closed next: whatever the device says, we leave.
    await this.#request('TEARDOWN', this.#sessionUrl, [], TEARDOWN_TIMEOUT_MS).catch(() => undefined);
  }

  async #expectOk(method: string, url: string, headers: HeaderList): Promise<RtspResponse> {
    const response = await this.#request(method, url, headers);
    if (response.status === 200) return response;
    checkRedirect(response);
    if (response.status === OPTION_UNSUPPORTED && this.#common.length > 0) {
      throw new SharpEyesError('DEVICE_UNSUPPORTED', `${this.#target.host} does not offer ${this.#common[0]?.[1]}`);
    }
    throw streamError('refused', `${this.#target.host} refuses ${method}: ${response.status} ${response.reason}`);
  }

  async #request(method: string, address: string, headers: HeaderList = [], timeoutMs?: number): Promise<RtspResponse> {
    // What is signed has to be what stands in the request line, and that cannot hold spaces.
    const url = address.replace(/\s/g, '%20');
    const first = await this.#send(method, url, headers, timeoutMs);
    if (first.status !== 401) return first;
    // Either nothing was asked for before, or the nonce has expired: once more with the new challenge.
    const second = await this.#again(first, method, url, headers, timeoutMs);
    if (second.status !== 401) return second;
    if (!isStale(second)) throw this.#refused(challengesOf(second));
    const third = await this.#again(second, method, url, headers, timeoutMs);
    if (third.status === 401) throw this.#refused(challengesOf(third));
    return third;
  }

  #again(
    refusal: RtspResponse,
    method: string,
    url: string,
    headers: HeaderList,
    timeoutMs?: number,
  ): Promise<RtspResponse> {
    const challenges = challengesOf(refusal);
    if (this.#authorization?.accept(challenges) !== true) throw this.#refused(challenges);
    return this.#send(method, url, headers, timeoutMs);
  }

  #send(method: string, url: string, own: HeaderList, timeoutMs?: number): Promise<RtspResponse> {
    const authorization = this.#authorization?.authorize({ method, uri: url }) ?? null;
    const headers: (readonly [string, string | number])[] = [...own, ['User-Agent', 'SharpEyes']];
    if (this.#sessionId !== null) headers.push(['Session', this.#sessionId]);
    if (authorization !== null) headers.push(['Authorization', authorization]);
    return this.#connection.request(method, url, headers, timeoutMs);
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

function challengesOf(response: RtspResponse): Challenge[] {
  return parseChallenges(headerValues(response, 'www-authenticate'));
}

function isStale(response: RtspResponse): boolean {
  return challengesOf(response).some((challenge) => challenge.scheme === 'digest' && challenge.stale);
}
