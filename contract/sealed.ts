import { type Static, Type } from 'typebox';

/**
 * A secret that only one edge can open: ephemeral P-256 ECDH with the edge's sealing key, HKDF-SHA-256, AES-256-GCM.
 * The context (edge id and purpose) is the additional authenticated data. All fields are base64url without padding.
 */
export const Sealed = Type.Object(
  {
    v: Type.Literal(1),
    /** Ephemeral public key, uncompressed point. */
    epk: Type.String({ maxLength: 128 }),
    /** 96-bit nonce. */
    iv: Type.String({ maxLength: 32 }),
    /** Cipher text with its tag. */
    ct: Type.String({ maxLength: 2048 }),
  },
  { additionalProperties: false },
);
/** See the schema of the same name. */
export type Sealed = Static<typeof Sealed>;

/** What is used of the Web Cryptography API, so that this file names no Node or DOM type. */
export interface SubtleLike {
  generateKey(algorithm: object, extractable: boolean, usages: string[]): Promise<unknown>;
  importKey(format: string, data: unknown, algorithm: object, extractable: boolean, usages: string[]): Promise<unknown>;
  exportKey(format: string, key: unknown): Promise<unknown>;
  deriveBits(algorithm: object, key: unknown, length: number): Promise<ArrayBuffer>;
  encrypt(algorithm: object, key: unknown, data: Uint8Array): Promise<ArrayBuffer>;
  decrypt(algorithm: object, key: unknown, data: Uint8Array): Promise<ArrayBuffer>;
}

/** `globalThis.crypto`, as far as it is used. */
export interface CryptoLike {
  subtle: unknown;
  getRandomValues(array: Uint8Array): Uint8Array;
}

const ECDH = { name: 'ECDH', namedCurve: 'P-256' };
const TABLE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** base64url without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const n = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const count = Math.min(3, bytes.length - i) + 1;
    for (let j = 0; j < count; j++) text += TABLE[(n >> (18 - 6 * j)) & 63] ?? '';
  }
  return text;
}

/** Reads base64url without padding; throws a RangeError on any other character. */
export function fromBase64Url(text: string): Uint8Array {
  const out = new Uint8Array(Math.floor((text.length * 6) / 8));
  let bits = 0;
  let value = 0;
  let at = 0;
  for (const letter of text) {
    const index = TABLE.indexOf(letter);
    if (index < 0) throw new RangeError('not base64url');
    value = ((value << 6) | index) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = (value >> bits) & 255;
    }
  }
  return out;
}

/** UTF-8 without TextEncoder, for the short texts that are sealed. */
export function utf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const letter of encodeURIComponent(text).match(/%[0-9A-F]{2}|[\s\S]/g) ?? []) {
    bytes.push(letter.length === 3 ? Number.parseInt(letter.slice(1), 16) : letter.charCodeAt(0));
  }
  return Uint8Array.from(bytes);
}

/** The reverse of {@link utf8}. */
export function fromUtf8(bytes: Uint8Array): string {
  let escaped = '';
  for (const byte of bytes) escaped += `%${byte.toString(16).padStart(2, '0')}`;
  return decodeURIComponent(escaped);
}

async function contentKey(
  subtle: SubtleLike,
  privateKey: unknown,
  publicKey: unknown,
  epk: Uint8Array,
): Promise<unknown> {
  const shared = await subtle.deriveBits({ name: 'ECDH', public: publicKey }, privateKey, 256);
  const base = await subtle.importKey('raw', new Uint8Array(shared), { name: 'HKDF' }, false, ['deriveBits']);
  const bits = await subtle.deriveBits(
    { name: 'HKDF', hash: 'SHA-256', salt: epk, info: utf8('sharp-eyes sealed v1') },
    base,
    256,
  );
  return subtle.importKey('raw', new Uint8Array(bits), { name: 'AES-GCM' }, false, ['encrypt', 'decrypt']);
}

/**
 * Seals a text to an edge.
 * @param crypto the platform's Web Cryptography
 * @param sealingKey the edge's public key, uncompressed P-256 point as base64url
 * @param context binds the secret to its edge, e.g. `edge:north`
 */
export async function seal(crypto: CryptoLike, sealingKey: string, context: string, secret: string): Promise<Sealed> {
  const subtle = crypto.subtle as SubtleLike;
  const pair = (await subtle.generateKey(ECDH, true, ['deriveBits'])) as { privateKey: unknown; publicKey: unknown };
  const epk = new Uint8Array((await subtle.exportKey('raw', pair.publicKey)) as ArrayBuffer);
  const theirs = await subtle.importKey('raw', fromBase64Url(sealingKey), ECDH, false, []);
  const key = await contentKey(subtle, pair.privateKey, theirs, epk);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const ct = await subtle.encrypt({ name: 'AES-GCM', iv, additionalData: utf8(context) }, key, utf8(secret));
  return { v: 1, epk: toBase64Url(epk), iv: toBase64Url(iv), ct: toBase64Url(new Uint8Array(ct)) };
}

/** Opens what {@link seal} made; rejects when key, context or content do not match. `privateKey` is an ECDH CryptoKey. */
export async function unseal(
  crypto: CryptoLike,
  privateKey: unknown,
  context: string,
  sealed: Sealed,
): Promise<string> {
  const subtle = crypto.subtle as SubtleLike;
  const epk = fromBase64Url(sealed.epk);
  const theirs = await subtle.importKey('raw', epk, ECDH, false, []);
  const key = await contentKey(subtle, privateKey, theirs, epk);
  const algorithm = { name: 'AES-GCM', iv: fromBase64Url(sealed.iv), additionalData: utf8(context) };
  return fromUtf8(new Uint8Array(await subtle.decrypt(algorithm, key, fromBase64Url(sealed.ct))));
}

/** The context that binds a device's password to its edge. */
export function sealingContext(edgeId: string): string {
  return `sharp-eyes/edge/${edgeId}`;
}
