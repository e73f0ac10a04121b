import { type Digests, sha256Of } from '../digest.ts';

/** A key's fingerprint for people: SHA-256 of its SPKI (DER) as 16 groups of four upper-case hexadecimal digits. */
export function fingerprintOf(digests: Digests, spki: Uint8Array): string {
  return (sha256Of(digests, spki).toUpperCase().match(/.{4}/g) ?? []).join(' ');
}

/** Reads a fingerprint however it was grouped (spaces, `:`, `-`, either case); null when it is none. */
export function parseFingerprint(text: string): string | null {
  const digits = text.replace(/[\s:-]/g, '').toUpperCase();
  return /^[0-9A-F]{64}$/.test(digits) ? (digits.match(/.{4}/g) ?? []).join(' ') : null;
}
