import { createHash, createPublicKey, randomBytes } from 'node:crypto';
import type { JoinFile } from '../../contract/api/centre.ts';
import { fromBase64Url } from '../../contract/sealed.ts';

/** How long a join file works. */
export const JOIN_FILE_MS = 24 * 60 * 60 * 1000;

/** A new one-use token and the hash of it that is stored. */
export function newJoinToken(): { token: string; sha256: string } {
  const token = randomBytes(32).toString('base64url');
  return { token, sha256: joinTokenHash(token) };
}

/** What is stored of a token. */
export function joinTokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Where an edge finds the hub. */
export interface HubAddresses {
  hubUrl: string;
  mqttUrl: string;
  mediaUrl: string;
  /** The hub's authority; null on loopback without TLS. */
  caPem: string | null;
}

/** Text of a join file. */
export function joinFileText(edgeId: string, token: string, expiresAtMs: number, addresses: HubAddresses): string {
  const { hubUrl, mqttUrl, mediaUrl, caPem } = addresses;
  const file: JoinFile = { sharpEyesJoin: 1, edgeId, token, expiresAtMs, hubUrl, mqttUrl, mediaUrl, caPem };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** Whether a text is an uncompressed P-256 point (base64url) to which secrets can be sealed. */
export function isSealingKey(key: string): boolean {
  try {
    const point = fromBase64Url(key);
    if (point.length !== 65 || point[0] !== 4) return false;
    const coordinate = (from: number): string => Buffer.from(point.subarray(from, from + 32)).toString('base64url');
    createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: coordinate(1), y: coordinate(33) }, format: 'jwk' });
    return true;
  } catch {
    return false;
  }
}

/** Whether a text is an Ed25519 public key (SPKI, base64url). */
export function isSigningKey(key: string): boolean {
  try {
    const spki = Buffer.from(fromBase64Url(key));
    return createPublicKey({ key: spki, format: 'der', type: 'spki' }).asymmetricKeyType === 'ed25519';
  } catch {
    return false;
  }
}
