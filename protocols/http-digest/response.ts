import { createHash } from 'node:crypto';
import type { DigestHash } from './challenge.ts';

/** What goes into a `response` value; see RFC 7616 section 3.4.1. */
export interface DigestInput {
  hash: DigestHash;
  session: boolean;
  username: string;
  password: string;
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

/** The lower-case hexadecimal `response` of a Digest authorization. */
export function digestResponse(input: DigestInput): string {
  const h = (text: string): string => createHash(input.hash).update(text, 'utf8').digest('hex');
  const secret = h(`${input.username}:${input.realm}:${input.password}`);
  const a1 = input.session ? h(`${secret}:${input.nonce}:${input.cnonce}`) : secret;
  const a2 = h(`${input.method}:${input.uri}`);
  if (input.qop === null) return h(`${a1}:${input.nonce}:${a2}`);
  return h(`${a1}:${input.nonce}:${input.nonceCount}:${input.cnonce}:${input.qop}:${a2}`);
}
