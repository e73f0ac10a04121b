import { createHash } from 'node:crypto';
import { el, element, type Markup } from './build.ts';
import { at, child, find, textAt } from './query.ts';
import type { XmlElement } from './xml.ts';

const DIGEST_TYPE = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest';
const BASE64 = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary';

/** The claims of a WS-UsernameToken with a password digest. */
export interface UsernameToken {
  readonly username: string;
  /** Base64( SHA-1( nonce + created + password ) ). */
  readonly digest: string;
  readonly nonce: Uint8Array;
  /** xs:dateTime in the device's time. */
  readonly created: string;
}

/** WS-Security UsernameToken Profile 1.0, 3.1: the digest of a password. */
export function passwordDigest(nonce: Uint8Array, created: string, password: string): string {
  return createHash('sha1').update(nonce).update(created).update(password).digest('base64');
}

/**
 * The security header for one request.
 * @param nonce at least 16 random bytes, new for every request
 * @param createdAtDeviceMs the time by the device's own clock: it rejects tokens that look old
 */
export function usernameTokenHeader(
  username: string,
  password: string,
  nonce: Uint8Array,
  createdAtDeviceMs: number,
): Markup {
  const created = new Date(createdAtDeviceMs).toISOString();
  return element(
    'wsse:Security',
    { 's:mustUnderstand': 1 },
    el(
      'wsse:UsernameToken',
      el('wsse:Username', username),
      element('wsse:Password', { Type: DIGEST_TYPE }, passwordDigest(nonce, created, password)),
      element('wsse:Nonce', { EncodingType: BASE64 }, Buffer.from(nonce).toString('base64')),
      el('wsu:Created', created),
    ),
  );
}

/** Finds the token in a request's header, for the device side; null when there is none or it is not a digest. */
export function parseUsernameToken(header: XmlElement | undefined): UsernameToken | null {
  const token = at(header, 'Security', 'UsernameToken') ?? find(header, 'UsernameToken');
  const username = textAt(token, 'Username');
  const created = textAt(token, 'Created');
  const nonce = textAt(token, 'Nonce');
  const password = child(token, 'Password');
  if (username === null || created === null || nonce === null || password === undefined) return null;
  if (password.attributes.get('Type') !== DIGEST_TYPE) return null;
  return { username, created, digest: password.text, nonce: Buffer.from(nonce, 'base64') };
}

/** Whether a token proves knowledge of the password. */
export function verifyUsernameToken(token: UsernameToken, username: string, password: string): boolean {
  return token.username === username && token.digest === passwordDigest(token.nonce, token.created, password);
}
