import { randomBytes } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import { buildChallenge, verifyAuthorization } from '../../protocols/http-digest/server.ts';

/** User name and password of a virtual device. */
export interface DeviceLogin {
  username: string;
  password: string;
}

const NONCE_LIFETIME_MS = 300_000;
const NONCES_MAX = 256;
/** As real cameras do: after so many wrong passwords in a row the device refuses everybody for a while. */
const LOCK_AFTER = 5;
const LOCK_MS = 60_000;

/** Checks HTTP Digest (MD5, qop auth) for the HTTP and RTSP servers of a virtual device. */
export class DigestGate {
  readonly realm: string;
  readonly #login: DeviceLogin;
  readonly #clock: Clock;
  readonly #nonces = new Map<string, number>();
  #failures = 0;
  #lockedUntilMs = 0;

  constructor(realm: string, login: DeviceLogin, clock: Clock) {
    this.realm = realm;
    this.#login = login;
    this.#clock = clock;
  }

  /** Null when the request may pass, else the value of `WWW-Authenticate`. */
  challenge(method: string, uri: string, authorization: string | null): string | null {
    const nowMs = this.#clock.monotonicMs();
    if (authorization === null) return this.#newChallenge(false);
    if (nowMs < this.#lockedUntilMs) return this.#newChallenge(false);
    const verdict = verifyAuthorization(authorization, {
      realm: this.realm,
      method,
      uri,
      passwordOf: (username) => (username === this.#login.username ? this.#login.password : undefined),
      isNonceFresh: (nonce) => nowMs - (this.#nonces.get(nonce) ?? Number.NEGATIVE_INFINITY) < NONCE_LIFETIME_MS,
    });
    if (verdict.ok) {
      this.#failures = 0;
      return null;
    }
    if (verdict.reason === 'stale-nonce') return this.#newChallenge(true);
    this.#failures += 1;
    if (this.#failures >= LOCK_AFTER) {
      this.#lockedUntilMs = nowMs + LOCK_MS;
      this.#failures = 0;
    }
    return this.#newChallenge(false);
  }

  #newChallenge(stale: boolean): string {
    const nonce = randomBytes(16).toString('hex');
    this.#nonces.set(nonce, this.#clock.monotonicMs());
    for (const oldest of this.#nonces.keys()) {
      if (this.#nonces.size <= NONCES_MAX) break;
      this.#nonces.delete(oldest);
    }
    return buildChallenge({ realm: this.realm, nonce, algorithm: 'MD5', qop: true, stale });
  }
}
