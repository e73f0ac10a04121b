import { timingSafeEqual } from 'node:crypto';
import { type DigestHash, parseAlgorithm, parseAuthItems } from './challenge.ts';
import { type DigestInput, digestResponse } from './response.ts';

/** What a server asks of its clients. */
export interface ServerChallenge {
  realm: string;
  nonce: string;
  algorithm: 'MD5' | 'SHA-256';
  /** False gives the RFC 2069 form that old clients expect. */
  qop: boolean;
  stale?: boolean;
  opaque?: string;
}

/** The `WWW-Authenticate` value of a 401. */
export function buildChallenge(challenge: ServerChallenge): string {
  const parts = [`realm="${challenge.realm}"`, `nonce="${challenge.nonce}"`, `algorithm=${challenge.algorithm}`];
  if (challenge.qop) parts.push('qop="auth"');
  if (challenge.opaque !== undefined) parts.push(`opaque="${challenge.opaque}"`);
  if (challenge.stale === true) parts.push('stale=true');
  return `Digest ${parts.join(', ')}`;
}

/** Why an `Authorization` was refused; `stale-nonce` deserves a new challenge with `stale=true`. */
export type RefusalReason =
  | 'malformed'
  | 'unknown-user'
  | 'wrong-realm'
  | 'wrong-uri'
  | 'stale-nonce'
  | 'wrong-password';

/** The outcome of {@link verifyAuthorization}; `nonceCount` lets the caller refuse replays (0 without qop). */
export type Verification =
  | { ok: true; username: string; nonce: string; nonceCount: number }
  | { ok: false; reason: RefusalReason };

/** What a server knows when it checks an `Authorization`. */
export type VerificationInput = KnownSecrets & {
  realm: string;
  method: string;
  /**
   * The URI of the request line, or whether one that a client signed stands for it; null when proxies or devices
   * rewrite it and it must not be compared.
   */
  uri: string | ((signed: string) => boolean) | null;
  isNonceFresh(nonce: string): boolean;
};

/** Passwords, or their hashes for each algorithm ({@link digestHa1}); undefined for a user that does not exist. */
export type KnownSecrets =
  | { passwordOf(username: string): string | undefined }
  | { ha1Of(username: string, hash: DigestHash): string | undefined };

/** The user name in a `Digest` `Authorization` value, before anything of it was checked; null when there is none. */
export function claimedUser(header: string): string | null {
  const item = parseAuthItems(header)[0];
  return item?.scheme === 'digest' ? (item.params.get('username') ?? null) : null;
}

/** Checks a `Digest` `Authorization` value (RFC 7616 section 3.4.6). The caller owns nonces and replay counting. */
export function verifyAuthorization(header: string, input: VerificationInput): Verification {
  const refuse = (reason: RefusalReason): Verification => ({ ok: false, reason });
  const item = parseAuthItems(header)[0];
  if (item?.scheme !== 'digest') return refuse('malformed');
  const { params } = item;
  const username = params.get('username');
  const nonce = params.get('nonce');
  const uri = params.get('uri');
  const response = params.get('response');
  const algorithm = parseAlgorithm(params.get('algorithm') ?? null);
  const qop = params.get('qop')?.toLowerCase() ?? null;
  if (username === undefined || nonce === undefined || uri === undefined || response === undefined) {
    return refuse('malformed');
  }
  if (algorithm === null || (qop !== null && qop !== 'auth')) return refuse('malformed');
  if (params.get('realm') !== input.realm) return refuse('wrong-realm');
  if (!isUriOf(input, uri)) return refuse('wrong-uri');
  const secret = secretOf(input, username, algorithm.hash);
  if (secret === undefined) return refuse('unknown-user');
  const nonceCount = params.get('nc') ?? '';
  const cnonce = params.get('cnonce') ?? '';
  const { method, realm } = input;
  const expected = digestResponse({
    ...algorithm,
    username,
    secret,
    realm,
    nonce,
    qop,
    nonceCount,
    cnonce,
    method,
    uri,
  });
  if (!equal(expected, response.toLowerCase())) return refuse('wrong-password');
  if (!input.isNonceFresh(nonce)) return refuse('stale-nonce');
  return { ok: true, username, nonce, nonceCount: Number.parseInt(nonceCount, 16) || 0 };
}

function isUriOf({ uri: expected }: VerificationInput, signed: string): boolean {
  return typeof expected === 'function' ? expected(signed) : expected === null || expected === signed;
}

function secretOf(known: KnownSecrets, username: string, hash: DigestHash): DigestInput['secret'] | undefined {
  if ('ha1Of' in known) {
    const ha1 = known.ha1Of(username, hash);
    return ha1 === undefined ? undefined : { ha1 };
  }
  const password = known.passwordOf(username);
  return password === undefined ? undefined : { password };
}

function equal(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
