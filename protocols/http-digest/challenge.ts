/** Hash functions of RFC 7616 section 6.1 that this implementation computes. */
export type DigestHash = 'md5' | 'sha256' | 'sha512-256';

/** One usable or unusable way to authenticate that a server offers (RFC 7235 section 4.1). */
export type Challenge = DigestChallenge | BasicChallenge | UnknownChallenge;

/** `Digest` (RFC 7616 section 3.3, RFC 2617 section 3.2.1). */
export interface DigestChallenge {
  scheme: 'digest';
  realm: string;
  nonce: string;
  opaque: string | null;
  /** Token as the server wrote it, to be echoed; null when the server named none (then it is MD5). */
  algorithm: string | null;
  hash: DigestHash;
  /** `-sess` variant: the session key is mixed from nonce and cnonce. */
  session: boolean;
  /** Offered qualities of protection; empty means the RFC 2069 form without one. */
  qop: readonly string[];
  /** The previous answer was right but its nonce has expired. */
  stale: boolean;
}

/** `Basic` (RFC 7617). */
export interface BasicChallenge {
  scheme: 'basic';
  realm: string;
}

/** A scheme or an algorithm we do not speak. */
export interface UnknownChallenge {
  scheme: 'unknown';
  name: string;
}

const HASHES: Readonly<Record<string, DigestHash>> = {
  md5: 'md5',
  'sha-256': 'sha256',
  'sha-512-256': 'sha512-256',
};

const MAX_HEADER_CHARS = 16_384;
const SPACE = 0x20;
const ITEM = /\s*(?:([A-Za-z][\w!#$%&'*+.^`|~-]*)(\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^\s,"]*)))?)/y;

/** Scheme names and parameters of a credentials or challenge header, in order; never fails. */
export function parseAuthItems(header: string): { scheme: string; params: Map<string, string> }[] {
  const items: { scheme: string; params: Map<string, string> }[] = [];
  const text = header.slice(0, MAX_HEADER_CHARS);
  let at = 0;
  while (at < text.length) {
    ITEM.lastIndex = at;
    const match = ITEM.exec(text);
    if (match === null || match[0].length === 0) {
      at += 1;
      // Each run of spaces is looked at once, however long it is.
      while (at < text.length && text.charCodeAt(at) <= SPACE) at += 1;
      continue;
    }
    at = ITEM.lastIndex;
    const name = (match[1] ?? '').toLowerCase();
    if (match[2] === undefined) {
      items.push({ scheme: name, params: new Map() });
      continue;
    }
    const value = match[3] === undefined ? (match[4] ?? '') : match[3].replace(/\\(.)/g, '$1');
    const current = items.at(-1);
    if (current !== undefined && !current.params.has(name)) current.params.set(name, value);
  }
  return items;
}

/**
 * Every challenge in the given `WWW-Authenticate` values, in the server's order. Devices send one header per
 * challenge, several challenges in one header, or both; parameters may be unquoted.
 */
export function parseChallenges(headers: readonly string[]): Challenge[] {
  return headers.flatMap(parseAuthItems).map(({ scheme, params }) => {
    if (scheme === 'basic') return { scheme: 'basic', realm: params.get('realm') ?? '' };
    return (scheme === 'digest' ? digestChallenge(params) : null) ?? { scheme: 'unknown', name: scheme };
  });
}

function digestChallenge(params: ReadonlyMap<string, string>): DigestChallenge | null {
  const nonce = params.get('nonce');
  const algorithm = params.get('algorithm') ?? null;
  const parsed = parseAlgorithm(algorithm);
  if (nonce === undefined || parsed === null) return null;
  const qop = (params.get('qop') ?? '').toLowerCase().split(/[\s,]+/);
  return {
    scheme: 'digest',
    realm: params.get('realm') ?? '',
    nonce,
    opaque: params.get('opaque') ?? null,
    algorithm,
    ...parsed,
    qop: qop.filter((name) => name !== ''),
    stale: params.get('stale')?.toLowerCase() === 'true',
  };
}

/** Hash and session flag of an `algorithm` token; null means one we cannot compute. */
export function parseAlgorithm(token: string | null): { hash: DigestHash; session: boolean } | null {
  const name = (token === null || token === '' ? 'md5' : token).toLowerCase();
  const session = name.endsWith('-sess');
  const hash = HASHES[session ? name.slice(0, -'-sess'.length) : name];
  return hash === undefined ? null : { hash, session };
}
