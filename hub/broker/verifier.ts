import { pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(pbkdf2);

/**
 * Mosquitto's own number. The secrets are 256 random bits, so stretching adds nothing; the form is what counts: the
 * same verifier serves the embedded broker and Mosquitto's password file.
 */
const ITERATIONS = 101;
const SALT_BYTES = 12;
const HASH_BYTES = 64;

/** Verifier of a secret in the form of Mosquitto's password file: `$7$iterations$salt$hash`, PBKDF2-SHA-512. */
export async function makeVerifier(secret: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(secret, salt, ITERATIONS, HASH_BYTES, 'sha512');
  return `$7$${ITERATIONS}$${salt.toString('base64')}$${hash.toString('base64')}`;
}

/** Whether a secret belongs to a verifier; false for a verifier of another form. */
export async function verifySecret(verifier: string, secret: string | Uint8Array): Promise<boolean> {
  const [, form, iterations, salt, hash] = verifier.split('$');
  const rounds = Number(iterations);
  if (form !== '7' || salt === undefined || hash === undefined) return false;
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 1_000_000) return false;
  const expected = Buffer.from(hash, 'base64');
  if (expected.length !== HASH_BYTES) return false;
  const actual = await derive(secret, Buffer.from(salt, 'base64'), rounds, HASH_BYTES, 'sha512');
  return timingSafeEqual(actual, expected);
}
