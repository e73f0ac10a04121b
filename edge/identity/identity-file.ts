import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import type { JoinFile } from '../../contract/api/centre.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import { Id } from '../../contract/ids.ts';
import { fromBase64Url, toBase64Url } from '../../contract/sealed.ts';
import { writeFileSafely } from '../../platform/files.ts';
import { readSecretFile } from '../../platform/secret-box.ts';
import type { EdgeIdentity } from './identity.ts';

/** What is written to the disk; private keys as PKCS #8, base64url. */
export const StoredIdentity = Type.Object({
  version: Type.Literal(1),
  edgeId: Id,
  name: Type.String(),
  hubUrl: Type.String(),
  mqttUrl: Type.String(),
  mediaUrl: Type.String(),
  caPem: Type.Union([Type.String(), Type.Null()]),
  secret: Type.String({ minLength: 40 }),
  sealingKeyPkcs8: Type.String(),
  signingKeyPkcs8: Type.String(),
});
/** See the schema of the same name. */
export type StoredIdentity = Static<typeof StoredIdentity>;

/** Public halves as the hub gets them when the edge joins. */
export interface PublicKeys {
  /** Uncompressed P-256 point, base64url. */
  sealingKey: string;
  /** SPKI, base64url. */
  signingKey: string;
}

const P256 = { name: 'ECDH', namedCurve: 'P-256' };

/** Where an identity lies in the data folder. */
export function identityPath(dataFolder: string): string {
  return join(dataFolder, 'identity', 'identity.json');
}

/** Makes fresh keys and a fresh secret for a join file. */
export async function makeIdentity(file: JoinFile): Promise<StoredIdentity> {
  const sealing = await webcrypto.subtle.generateKey(P256, true, ['deriveBits']);
  const sealingPkcs8 = await webcrypto.subtle.exportKey('pkcs8', sealing.privateKey);
  const signing = generateKeyPairSync('ed25519');
  const { edgeId, hubUrl, mqttUrl, mediaUrl, caPem } = file;
  return {
    version: 1,
    edgeId,
    name: edgeId,
    hubUrl,
    mqttUrl,
    mediaUrl,
    caPem,
    secret: toBase64Url(randomBytes(32)),
    sealingKeyPkcs8: toBase64Url(new Uint8Array(sealingPkcs8)),
    signingKeyPkcs8: toBase64Url(signing.privateKey.export({ type: 'pkcs8', format: 'der' })),
  };
}

/** Public halves of the stored keys. */
export function publicKeys(stored: StoredIdentity): PublicKeys {
  const sealing = createPublicKey(privateKey(stored.sealingKeyPkcs8)).export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.of(4), Buffer.from(sealing.x ?? '', 'base64url'), base64Url(sealing.y)]);
  const signing = createPublicKey(privateKey(stored.signingKeyPkcs8)).export({ type: 'spki', format: 'der' });
  return { sealingKey: toBase64Url(point), signingKey: toBase64Url(signing) };
}

/** Stores an identity so that a power cut leaves a whole one or none. */
export function storeIdentity(path: string, stored: StoredIdentity): Promise<void> {
  return writeFileSafely(path, `${JSON.stringify(stored, null, 2)}\n`);
}

/**
 * Reads a stored identity; null when there is none.
 * @throws SharpEyesError `STORAGE_FAILED` when the file is there but cannot be used
 */
export async function readStoredIdentity(path: string): Promise<StoredIdentity | null> {
  const text = await readSecretFile(path);
  if (text === null) return null;
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new SharpEyesError('STORAGE_FAILED', `${path} is damaged; restore it or join again`, { cause });
  }
  if (!Check(StoredIdentity, value)) {
    throw new SharpEyesError('STORAGE_FAILED', `${path} is damaged; restore it or join again`);
  }
  return value;
}

/** Makes the keys usable. */
export async function openIdentity(stored: StoredIdentity): Promise<EdgeIdentity> {
  const { edgeId, name, hubUrl, mqttUrl, mediaUrl, caPem, secret } = stored;
  const pkcs8 = fromBase64Url(stored.sealingKeyPkcs8);
  const sealingKey = await webcrypto.subtle.importKey('pkcs8', pkcs8, P256, false, ['deriveBits']);
  const signingKey = privateKey(stored.signingKeyPkcs8);
  const { sealingKey: sealingPublicKey } = publicKeys(stored);
  return { edgeId, name, hubUrl, mqttUrl, mediaUrl, caPem, secret, sealingKey, sealingPublicKey, signingKey };
}

function privateKey(pkcs8: string): ReturnType<typeof createPrivateKey> {
  return createPrivateKey({ key: Buffer.from(pkcs8, 'base64url'), format: 'der', type: 'pkcs8' });
}

function base64Url(text: string | undefined): Buffer {
  return Buffer.from(text ?? '', 'base64url');
}
