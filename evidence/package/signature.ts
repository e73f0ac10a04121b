import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { canonicalJson, parseCanonicalJson } from '../canonical-json.ts';

/** Content of `manifest.sig`: an Ed25519 signature (RFC 8032) over the bytes of `manifest.json`. */
const SignatureFile = Type.Object(
  {
    algorithm: Type.Literal('Ed25519'),
    /** SubjectPublicKeyInfo, DER, as base64. */
    publicKey: Type.String({ maxLength: 64 }),
    signature: Type.String({ maxLength: 88 }),
  },
  { additionalProperties: false },
);
type SignatureFile = Static<typeof SignatureFile>;

/** Name of the second file in a package. */
export const SIGNATURE_NAME = 'manifest.sig';

/** Largest `manifest.sig`. */
export const SIGNATURE_MAX_BYTES = 1024;

/** Start of every Ed25519 SPKI (RFC 8410); 32 bytes of key follow. */
const SPKI_PREFIX = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00);

/** A key and what it signed. */
export interface Seal {
  publicKeySpki: Uint8Array;
  signature: Uint8Array;
}

/** Signs packages; the private key stays inside. */
export interface PackageSigner {
  /** SPKI, DER. */
  readonly publicKeySpki: Uint8Array;
  /** Ed25519 signature, 64 bytes. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** Base64 with padding, without white space and with zero bits at the end; null for anything else. */
function fromBase64(text: string): Uint8Array | null {
  try {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return toBase64(bytes) === text ? bytes : null;
  } catch {
    return null;
  }
}

/** The bytes of `manifest.sig`. */
export function signatureBytes(seal: Seal): Uint8Array {
  const file: SignatureFile = {
    algorithm: 'Ed25519',
    publicKey: toBase64(seal.publicKeySpki),
    signature: toBase64(seal.signature),
  };
  return new TextEncoder().encode(canonicalJson(file));
}

/** Reads `manifest.sig`; null unless it is, byte for byte, what {@link signatureBytes} would have written. */
export function parseSignature(bytes: Uint8Array): Seal | null {
  const file = parseCanonicalJson(bytes, (value): value is SignatureFile => Value.Check(SignatureFile, value));
  if (file === null) return null;
  const publicKeySpki = fromBase64(file.publicKey);
  const signature = fromBase64(file.signature);
  if (publicKeySpki?.length !== SPKI_PREFIX.length + 32 || signature?.length !== 64) return null;
  return SPKI_PREFIX.every((byte, at) => publicKeySpki[at] === byte) ? { publicKeySpki, signature } : null;
}
