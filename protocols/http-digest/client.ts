import { randomBytes } from 'node:crypto';
import type { Challenge } from './challenge.ts';
import { digestResponse } from './response.ts';

/** User name and password of a device. */
export interface Credentials {
  username: string;
  password: string;
}

/** A request to be authorized; `uri` exactly as it stands in the request line. */
export interface AuthorizedRequest {
  method: string;
  uri: string;
}

const STRENGTH: Readonly<Record<string, number>> = { 'sha512-256': 3, sha256: 2, md5: 1 };

/**
 * The strongest challenge we can answer: SHA-512/256, SHA-256, MD5, then Basic where `allowBasic` (only over TLS:
 * Basic shows the password to everybody on the way). Null when there is none.
 */
export function chooseChallenge(
  challenges: readonly Challenge[],
  options: { allowBasic: boolean },
): Exclude<Challenge, { scheme: 'unknown' }> | null {
  const digests = challenges
    .filter((challenge) => challenge.scheme === 'digest')
    .filter((challenge) => challenge.qop.length === 0 || challenge.qop.includes('auth'));
  const best = digests.sort((a, b) => (STRENGTH[b.hash] ?? 0) - (STRENGTH[a.hash] ?? 0))[0];
  if (best !== undefined) return best;
  const basic = options.allowBasic ? challenges.find((challenge) => challenge.scheme === 'basic') : undefined;
  return basic ?? null;
}

/** The `Authorization` value that answers `challenge`; `nonceCount` starts at 1 for each nonce (RFC 7616 3.4). */
export function buildAuthorization(
  challenge: Exclude<Challenge, { scheme: 'unknown' }>,
  credentials: Credentials,
  request: AuthorizedRequest & { nonceCount: number; cnonce: string },
): string {
  if (challenge.scheme === 'basic') {
    return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`, 'utf8').toString('base64')}`;
  }
  const qop = challenge.qop.includes('auth') ? 'auth' : null;
  const nonceCount = request.nonceCount.toString(16).padStart(8, '0');
  const { username, password } = credentials;
  const response = digestResponse({ ...challenge, ...request, username, secret: { password }, qop, nonceCount });
  const parts = [
    `username=${quote(credentials.username)}`,
    `realm=${quote(challenge.realm)}`,
    `nonce=${quote(challenge.nonce)}`,
    `uri=${quote(request.uri)}`,
    `response="${response}"`,
  ];
  if (challenge.algorithm !== null) parts.push(`algorithm=${challenge.algorithm}`);
  if (challenge.opaque !== null) parts.push(`opaque=${quote(challenge.opaque)}`);
  if (qop !== null) parts.push(`qop=${qop}`, `nc=${nonceCount}`);
  if (qop !== null || challenge.session) parts.push(`cnonce=${quote(request.cnonce)}`);
  return `Digest ${parts.join(', ')}`;
}

/**
 * Remembers a server's challenge and counts its nonce, so that each further request is authorized without another
 * 401. One per connection or device; not shared between servers.
 */
export class AuthorizationClient {
  readonly #credentials: Credentials;
  readonly #allowBasic: boolean;
  readonly #makeCnonce: () => string;
  #challenge: Exclude<Challenge, { scheme: 'unknown' }> | null = null;
  #nonceCount = 0;

  constructor(credentials: Credentials, options: { allowBasic: boolean; makeCnonce?: () => string }) {
    this.#credentials = credentials;
    this.#allowBasic = options.allowBasic;
    this.#makeCnonce = options.makeCnonce ?? (() => randomBytes(16).toString('hex'));
  }

  /** Takes over the challenges of a 401; false when none of them can be answered. */
  accept(challenges: readonly Challenge[]): boolean {
    const chosen = chooseChallenge(challenges, { allowBasic: this.#allowBasic });
    if (chosen === null) return false;
    if (!sameNonce(this.#challenge, chosen)) this.#nonceCount = 0;
    this.#challenge = chosen;
    return true;
  }

  /** The `Authorization` value for a request, or null while no challenge was accepted. */
  authorize(request: AuthorizedRequest): string | null {
    if (this.#challenge === null) return null;
    this.#nonceCount += 1;
    return buildAuthorization(this.#challenge, this.#credentials, {
      ...request,
      nonceCount: this.#nonceCount,
      cnonce: this.#makeCnonce(),
    });
  }
}

function sameNonce(a: Challenge | null, b: Challenge): boolean {
  return a?.scheme === 'digest' && b.scheme === 'digest' && a.nonce === b.nonce;
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&').replace(/[\r\n]/g, ' ')}"`;
}
