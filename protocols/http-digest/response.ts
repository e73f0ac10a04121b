import { createHash } from 'node:crypto';
import type { DigestHash } from './challenge.ts';

/** What goes into a `response` value; see RFC 7616 section 3.4.1. */
export interface DigestInput {
  hash: DigestHash;
  session: boolean;
  username: string;
  /** The password, or the hash of it that stands in its place ({@link digestHa1}). */
  secret: { password: string } | { ha1: string };
  realm: string;
  nonce: string;
  /** `auth`, or null for the RFC 2069 form. */
  qop: 'auth' | null;
  /** Eight hexadecimal digits; only with `qop`. */
  nonceCount: string;
  cnonce: string;
  method: string;
  uri: string;
}

/**
 * H(username:realm:password), the only thing a server has to keep. Whoever has it can sign in to this realm, so it is
 * kept like a password.
 */
export function digestHa1(hash: DigestHash, username: string, realm: string, password: string): string {
  return createHash(hash).update(`${username}:${realm}:${password}`, 'utf8').digest('hex');
}

/** The lower-case hexadecimal `response` of a Digest authorization. */
export function digestResponse(input: DigestInput): string {
  const h = (text: string): string => createHash(input.hash).update(text, 'utf8').digest('hex');
  const { username, realm, secret: given } = input;
  const secret = 'ha1' in given ? given.ha1 : digestHa1(input.hash, username, realm, given.password);
  const a1 = input.session ? h(`${secret}:${input.nonce}:${input.cnonce}`) : secret;
  const a2 = h(`${input.method}:${input.uri}`);
  if (input.qop === null) return h(`${a1}:${input.nonce}:${a2}`);
  return h(`${a1}:${input.nonce}:${input.nonceCount}:${input.cnonce}:${input.qop}:${a2}`);
}
