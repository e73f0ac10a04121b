import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { SharpEyesError } from '../../contract/errors.ts';

/** Cost of new hashes: 32 MiB and some 60 ms. Old ones carry their own. */
const COST = { N: 2 ** 15, r: 8, p: 1 };
const HASH_BYTES = 32;
const MAX_MEMORY = 128 * 1024 * 1024;
/** Hashing takes memory, so only a few run at once and only so many wait. */
const RUNNING_MAX = 2;
const WAITING_MAX = 64;

let running = 0;
const waiting: (() => void)[] = [];

async function derive(password: string, salt: Buffer, cost: ScryptOptions, bytes: number): Promise<Buffer> {
  if (running >= RUNNING_MAX) {
    if (waiting.length >= WAITING_MAX) {
      throw new SharpEyesError('LIMIT_REACHED', 'too many people sign in at once; try again in a moment');
    }
    // Whoever ends hands the place over, so `running` stays as it is.
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else running++;
  try {
    return await new Promise((resolve, reject) => {
      scrypt(password.normalize('NFKC'), salt, bytes, { ...cost, maxmem: MAX_MEMORY }, (error, key) =>
        error ? reject(error) : resolve(key),
      );
    });
  } finally {
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  }
}

/** Hash of a password for storing: `scrypt$N$r$p$salt$hash`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, COST, HASH_BYTES);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64'), hash.toString('base64')].join('$');
}

/** Whether a password belongs to a stored hash; false for a hash of another form. */
export async function verifyPassword(stored: string, password: string): Promise<boolean> {
  const [form, n, r, p, salt, hash] = stored.split('$');
  if (form !== 'scrypt' || salt === undefined || hash === undefined) return false;
  const expected = Buffer.from(hash, 'base64');
  const cost = { N: Number(n), r: Number(r), p: Number(p) };
  const actual = await derive(password, Buffer.from(salt, 'base64'), cost, expected.length);
  return timingSafeEqual(actual, expected);
}
