import { randomBytes, randomUUID } from 'node:crypto';
import { SharpEyesError } from '../../../contract/errors.ts';
import type { Clock } from '../../../platform/clock.ts';
import { parseChallenges } from '../../../protocols/http-digest/challenge.ts';
import { AuthorizationClient, type Credentials } from '../../../protocols/http-digest/client.ts';
import { parseAnswer } from '../../../protocols/onvif/answer.ts';
import { parseSystemDateAndTime } from '../../../protocols/onvif/parse-device.ts';
import { buildRequest, type OnvifRequest, type ReferenceParameter } from '../../../protocols/onvif/request.ts';
import { getSystemDateAndTime } from '../../../protocols/onvif/request-device.ts';
import { faultKind } from '../../../protocols/soap/fault.ts';
import { parseSoap } from '../../../protocols/soap/parse.ts';
import { usernameTokenHeader } from '../../../protocols/soap/username-token.ts';
import type { XmlElement } from '../../../protocols/soap/xml.ts';
import { parseDeviceUrl } from './device-url.ts';
import { exchange, type HttpAnswer } from './http-exchange.ts';

/** How to reach a device. */
export interface OnvifClientOptions {
  /** Address of its device service. */
  url: string;
  credentials: Credentials | null;
  /** Whether this edge may dial a host; also asked for the addresses of a name. */
  isAllowed(host: string): boolean;
  /** For `https`: `any` accepts self-signed certificates. Default `system`. */
  trust?: 'system' | 'any';
  timeoutMs?: number;
  clock: Clock;
}

/** One call. */
export interface CallOptions {
  /** Where the service is; default: the device service. */
  url?: string;
  /** WS-Addressing for pull points. */
  subscription?: readonly ReferenceParameter[];
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** How requests are signed: found out with the first request that the device refuses unsigned. */
type Signing = 'none' | 'digest' | 'token';

const DEFAULT_TIMEOUT_MS = 8_000;
const ANSWER_BYTES = 1_048_576;
/** Cameras lock accounts after a few wrong sign-ins; beyond this nothing is sent until the credentials change. */
const MAX_REFUSALS = 2;

/**
 * A thin ONVIF client: one request at a time, HTTP Digest first, WS-UsernameToken where the device answers with a SOAP
 * fault instead of a challenge (ONVIF Core, 5.9.1). Never both.
 */
export class OnvifClient {
  readonly url: URL;
  readonly #options: OnvifClientOptions;
  readonly #digest: AuthorizationClient | null;
  #signing: Signing = 'none';
  #refusals = 0;
  #clockOffsetMs: number | null = null;

  constructor(options: OnvifClientOptions) {
    this.#options = options;
    this.url = parseDeviceUrl(options.url);
    const allowBasic = this.url.protocol === 'https:' && options.trust !== 'any';
    this.#digest = options.credentials === null ? null : new AuthorizationClient(options.credentials, { allowBasic });
  }

  /** Device clock minus ours, as last measured; null when unknown. */
  get clockOffsetMs(): number | null {
    return this.#clockOffsetMs;
  }

  /** The device refused the credentials so often that nothing is sent any more. */
  get lockedOut(): boolean {
    return this.#refusals >= MAX_REFUSALS;
  }

  /** Asks for the device's clock, which needs no sign-in, and remembers how far it is from ours. */
  async measureClock(signal?: AbortSignal): Promise<number | null> {
    const { clock } = this.#options;
    const request = getSystemDateAndTime();
    const sentAtMs = clock.nowMs();
    const answer = await this.#post(this.url, request.action, buildRequest(request), null, {
      ...(signal === undefined ? {} : { signal }),
    });
    const receivedAtMs = clock.nowMs();
    // Some devices want to be signed in even for this; then the clock stays unknown until a signed request works.
    if (answer.status === 401) return this.#clockOffsetMs;
    const { utcMs } = parseSystemDateAndTime(parseAnswer(answer.body, request.operation));
    // The answer has whole seconds: half of one is the expected error.
    if (utcMs !== null) this.#clockOffsetMs = Math.round(utcMs + 500 - (sentAtMs + receivedAtMs) / 2);
    return this.#clockOffsetMs;
  }

  /**
   * Sends a request and returns the body of the answer.
   * @throws SharpEyesError DEVICE_REFUSED_CREDENTIALS, DEVICE_UNSUPPORTED, DEVICE_PROTOCOL, DEVICE_UNREACHABLE, TIMEOUT
   */
  async call(request: OnvifRequest, options: CallOptions = {}): Promise<XmlElement> {
    this.#requireNotLockedOut();
    const url = options.url === undefined ? this.url : new URL(options.url);
    const answer = await this.#signed(url, request, options);
    const body = parseAnswer(answer.body, request.operation);
    if (this.#signing !== 'none') this.#refusals = 0;
    return body;
  }

  /**
   * Fetches a picture.
   * @throws SharpEyesError DEVICE_PROTOCOL when it is not a JPEG, LIMIT_REACHED when it is larger than `maxBytes`
   */
  async fetchJpeg(address: string, maxBytes: number, signal?: AbortSignal): Promise<Buffer> {
    this.#requireNotLockedOut();
    const url = new URL(address);
    const get = (authorization: string | null): Promise<HttpAnswer> =>
      this.#send(
        { method: 'GET', url, headers: {}, body: null, maxBytes },
        authorization,
        signal === undefined ? {} : { signal },
      );
    let answer = await get(this.#signing === 'digest' ? this.#authorize('GET', url) : null);
    if (answer.status === 401 && this.#digest?.accept(parseChallenges(answer.challenges)) === true) {
      answer = await get(this.#authorize('GET', url));
    }
    if (answer.status === 401) throw this.#refused('the snapshot', 1);
    const isJpeg = answer.body[0] === 0xff && answer.body[1] === 0xd8;
    if (answer.status === 200 && isJpeg) return answer.body;
    const message = `${this.url.host} answers ${answer.status} (${answer.contentType.slice(0, 60)}) instead of a JPEG`;
    throw new SharpEyesError('DEVICE_PROTOCOL', message);
  }

  /** Sends as the device wants it signed, learning that from its refusals. */
  async #signed(url: URL, request: OnvifRequest, options: CallOptions): Promise<HttpAnswer> {
    const signedBefore = this.#signing !== 'none';
    const first = await this.#attempt(url, request, options);
    const wanted = this.#wantedSigning(first);
    if (wanted === null) return first;
    if (this.#options.credentials === null) throw this.#refused(request.operation, 0);
    const stale = parseChallenges(first.challenges).some(
      (challenge) => challenge.scheme === 'digest' && challenge.stale,
    );
    // A token that was refused may merely look old to a device whose clock has moved.
    if (wanted === 'token') await this.measureClock(options.signal);
    this.#signing = wanted;
    const second = await this.#attempt(url, request, options);
    if (this.#wantedSigning(second) === null) return second;
    this.#signing = 'none';
    throw this.#refused(request.operation, signedBefore && !stale ? 2 : 1);
  }

  /** How a refused request should have been signed; null when it was not refused. */
  #wantedSigning(answer: HttpAnswer): Signing | null {
    if (answer.status === 401 || answer.challenges.length > 0) {
      const usable = this.#digest?.accept(parseChallenges(answer.challenges)) === true;
      return usable ? 'digest' : 'token';
    }
    if (answer.status !== 400 && answer.status !== 403 && answer.status !== 500 && answer.status !== 200) return null;
    return refusesInSoap(answer) ? 'token' : null;
  }

  #attempt(url: URL, request: OnvifRequest, options: CallOptions): Promise<HttpAnswer> {
    const { credentials, clock } = this.#options;
    const security =
      this.#signing === 'token' && credentials !== null
        ? usernameTokenHeader(
            credentials.username,
            credentials.password,
            randomBytes(16),
            clock.nowMs() + (this.#clockOffsetMs ?? 0),
          )
        : undefined;
    const addressing =
      options.subscription === undefined
        ? undefined
        : { to: url.href, messageId: `urn:uuid:${randomUUID()}`, referenceParameters: options.subscription };
    const envelope = buildRequest(request, {
      ...(security === undefined ? {} : { security }),
      ...(addressing === undefined ? {} : { addressing }),
    });
    const authorization = this.#signing === 'digest' ? this.#authorize('POST', url) : null;
    return this.#post(url, request.action, envelope, authorization, options);
  }

  #post(
    url: URL,
    action: string,
    body: string,
    authorization: string | null,
    options: CallOptions,
  ): Promise<HttpAnswer> {
    const headers = { 'content-type': `application/soap+xml; charset=utf-8; action="${action}"` };
    return this.#send({ method: 'POST', url, headers, body, maxBytes: ANSWER_BYTES }, authorization, options);
  }

  #send(
    request: {
      method: 'GET' | 'POST';
      url: URL;
      headers: Record<string, string>;
      body: string | null;
      maxBytes: number;
    },
    authorization: string | null,
    { timeoutMs, signal }: Pick<CallOptions, 'timeoutMs' | 'signal'>,
  ): Promise<HttpAnswer> {
    const host = request.url.hostname.replace(/^\[|\]$/g, '');
    if (!this.#options.isAllowed(host)) {
      const message = `${host} is not inside the networks that this edge may dial (network.allowed)`;
      throw new SharpEyesError('ADDRESS_NOT_ALLOWED', message, { context: { host } });
    }
    return exchange({
      ...request,
      headers: { ...request.headers, ...(authorization === null ? {} : { authorization }) },
      timeoutMs: timeoutMs ?? this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      trust: this.#options.trust ?? 'system',
      isAllowed: (address) => this.#options.isAllowed(address),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  #authorize(method: 'GET' | 'POST', url: URL): string | null {
    return this.#digest?.authorize({ method, uri: `${url.pathname}${url.search}` }) ?? null;
  }

  #requireNotLockedOut(): void {
    if (!this.lockedOut) return;
    const message = `${this.url.host} refused the credentials ${MAX_REFUSALS} times; nothing more is tried until they are changed`;
    throw new SharpEyesError('DEVICE_REFUSED_CREDENTIALS', message, { context: { lockedOut: true } });
  }

  /** @param attempts wrong sign-ins that the device has seen */
  #refused(what: string, attempts: number): SharpEyesError {
    const without = this.#options.credentials === null;
    // Without credentials nothing was guessed, so nothing can get locked.
    if (!without) this.#refusals += attempts;
    const message = without
      ? `${this.url.host} wants a user name and password for ${what}`
      : `${this.url.host} refuses the user name or password for ${what}`;
    return new SharpEyesError('DEVICE_REFUSED_CREDENTIALS', message, { context: { lockedOut: this.lockedOut } });
  }
}

/** Whether an answer is a SOAP fault that asks for (other) credentials. */
function refusesInSoap(answer: HttpAnswer): boolean {
  if (!answer.body.includes('Fault')) return false;
  try {
    const { fault } = parseSoap(answer.body);
    return fault !== null && faultKind(fault) === 'not-authorized';
  } catch (error) {
    if (error instanceof SharpEyesError) return false;
    throw error;
  }
}
