/** A SHA-256 being computed. */
export interface Hash {
  update(bytes: Uint8Array): void;
  /** The digest as 64 lower-case hexadecimal digits; the hash is used up. */
  digest(): string;
}

/** What the evidence code needs of cryptography, so that it runs in Node and in a browser. */
export interface Digests {
  sha256(): Hash;
  /** CRC-32 (ISO 3309, as in ZIP) of `bytes`, continuing from `before`. */
  crc32(bytes: Uint8Array, before?: number): number;
  /** Whether `signature` is the Ed25519 signature (RFC 8032) over `message` by the key in `spki` (DER). */
  verifyEd25519(spki: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

/** SHA-256 of one piece. */
export function sha256Of(digests: Digests, bytes: Uint8Array): string {
  const hash = digests.sha256();
  hash.update(bytes);
  return hash.digest();
}
