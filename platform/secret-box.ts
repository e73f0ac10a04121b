import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { SharpEyesError } from '../contract/errors.ts';
import { writeFileSafely } from './files.ts';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Keeps small secrets encrypted at rest (AES-256-GCM, a fresh nonce each), under a key in a file of its own: a copy of
 * the database or a backup without that file gives nothing away. What a secret belongs to is sealed with it, so that
 * nobody can put one in another's place.
 */
export class SecretBox {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    this.#key = key;
  }

  /** @param context what it belongs to; the same has to be said for opening */
  seal(secret: string, context: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce).setAAD(Buffer.from(context, 'utf8'));
    const body = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
  }

  /** The secret; null when it is damaged, was sealed under another key, or belongs to something else. */
  open(sealed: string, context: string): string | null {
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.length < NONCE_BYTES + TAG_BYTES) return null;
    const decipher = createDecipheriv(ALGORITHM, this.#key, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(context, 'utf8'));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    try {
      const body = bytes.subarray(NONCE_BYTES + TAG_BYTES);
      return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
    } catch {
      // Authentication failed: that is the answer.
      return null;
    }
  }
}

/**
 * The box of a key file; the key is made where there is none.
 * @throws SharpEyesError STORAGE_FAILED when the file is there but holds no key
 */
export async function openSecretBox(path: string): Promise<SecretBox> {
  const known = await readKey(path);
  if (known !== null) return new SecretBox(known);
  const key = randomBytes(KEY_BYTES);
  await writeFileSafely(path, `${key.toString('base64url')}\n`);
  return new SecretBox(key);
}

/**
 * What stands in a file of keys or passwords; null when there is none.
 * @throws SharpEyesError STORAGE_FAILED when the file is there but cannot be read
 */
export async function readSecretFile(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new SharpEyesError('STORAGE_FAILED', `cannot read ${path}`, { cause: error });
  }
}

async function readKey(path: string): Promise<Buffer | null> {
  const text = await readSecretFile(path);
  if (text === null) return null;
  const key = Buffer.from(text.trim(), 'base64url');
  if (key.length === KEY_BYTES) return key;
  throw new SharpEyesError(
    'STORAGE_FAILED',
    `${path} is damaged: restore it, or remove it and everything sealed with it`,
  );
}
