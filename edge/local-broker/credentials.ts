import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { SharpEyesError } from '../../contract/errors.ts';

const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** 16 MiB and some 40 ms per attempt: too dear for guessing, cheap enough for a hundred sensors coming back. */
const COST = { N: 16_384, r: 8, p: 1 };
const MAX_CONCURRENT = 2;
const MAX_WAITING = 64;

function derive(password: string | Uint8Array, salt: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, HASH_BYTES, COST, (error, hash) => (error === null ? resolve(hash) : reject(error)));
  });
}

/** Verifier of a password: `scrypt$salt$hash`. The password cannot be had from it. */
export async function makeVerifier(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return `scrypt$${salt.toString('base64url')}$${(await derive(password, salt)).toString('base64url')}`;
}

async function verify(verifier: string, password: Uint8Array): Promise<boolean> {
  const [form, salt, hash] = verifier.split('$');
  const expected = Buffer.from(hash ?? '', 'base64url');
  if (form !== 'scrypt' || salt === undefined || expected.length !== HASH_BYTES) return false;
  return timingSafeEqual(await derive(password, Buffer.from(salt, 'base64url')), expected);
}

/** One device's right to sign in. */
export interface DeviceCredential {
  readonly deviceId: string;
  readonly username: string;
  /** From {@link makeVerifier}. */
  readonly verifier: string;
}

/** Who may sign in at the local broker: one credential per device. */
export class DeviceCredentials {
  readonly #byUsername = new Map<string, DeviceCredential>();
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /**
   * Adds or replaces a device's credential.
   * @throws SharpEyesError CONFLICT when another device has the user name
   */
  set(credential: DeviceCredential): void {
    const holder = this.#byUsername.get(credential.username);
    if (holder !== undefined && holder.deviceId !== credential.deviceId) {
      const message = `the user name "${credential.username}" belongs to the device ${holder.deviceId}`;
      throw new SharpEyesError('CONFLICT', message);
    }
    this.remove(credential.deviceId);
    this.#byUsername.set(credential.username, credential);
  }

  /** Takes a device's credential away. */
  remove(deviceId: string): void {
    for (const [username, credential] of this.#byUsername) {
      if (credential.deviceId === deviceId) this.#byUsername.delete(username);
    }
  }

  /**
   * The device that a user name and password belong to, or null.
   * @throws SharpEyesError LIMIT_REACHED when too many sign in at once
   */
  async check(username: string, password: Uint8Array): Promise<string | null> {
    const credential = this.#byUsername.get(username);
    if (credential === undefined || password.length > 256) return null;
    await this.#enter();
    try {
      return (await verify(credential.verifier, password)) ? credential.deviceId : null;
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#running < MAX_CONCURRENT) {
      this.#running += 1;
      return;
    }
    if (this.#waiting.length >= MAX_WAITING) {
      throw new SharpEyesError('LIMIT_REACHED', 'too many devices sign in at once');
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** The place goes to whoever waits longest. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}
