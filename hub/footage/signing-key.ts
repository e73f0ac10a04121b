import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import { nodeDigests } from '../../evidence/digest-node.ts';
import { fingerprintOf } from '../../evidence/package/fingerprint.ts';
import type { PackageSigner } from '../../evidence/package/signature.ts';
import { writeFileSafely } from '../../platform/files.ts';

/** The hub's key that seals packages, and its name for people. */
export interface HubSigner extends PackageSigner {
  /** As `sharp-eyes verify --trust` takes it. */
  readonly fingerprint: string;
}

/**
 * Reads `<keysFolder>/evidence.pem` (PKCS #8, 0600), or makes it at the first start. A key that is there but cannot be read is
 * never replaced: packages sealed with it would lose their signer.
 * @throws SharpEyesError STORAGE_FAILED
 */
export async function openSigningKey(keysFolder: string): Promise<HubSigner> {
  const path = join(keysFolder, 'evidence.pem');
  const pem = await readPem(path);
  const key = pem === null ? await makeKey(path) : parseKey(path, pem);
  if (pem !== null) await chmod(path, 0o600);
  const publicKeySpki = new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }));
  return {
    publicKeySpki,
    fingerprint: fingerprintOf(nodeDigests, publicKeySpki),
    sign: async (message) => sign(null, message, key),
  };
}

async function readPem(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw unreadable(path, error);
  }
}

async function makeKey(path: string): Promise<KeyObject> {
  const { privateKey } = generateKeyPairSync('ed25519');
  await writeFileSafely(path, privateKey.export({ format: 'pem', type: 'pkcs8' }), 0o600);
  return privateKey;
}

function parseKey(path: string, pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (error) {
    throw unreadable(path, error);
  }
  throw unreadable(path, 'it is not an Ed25519 key');
}

function unreadable(path: string, cause: unknown): SharpEyesError {
  return new SharpEyesError(
    'STORAGE_FAILED',
    `The key that seals evidence packages (${path}) cannot be used: ${messageOf(cause)}. Restore it from a backup; ` +
      'remove it only if the packages sealed with it need no signer any more.',
    { cause },
  );
}
