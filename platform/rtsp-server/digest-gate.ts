import { randomBytes } from 'node:crypto';
import { buildChallenge, claimedUser, verifyAuthorization } from '../../protocols/http-digest/server.ts';
import type { Clock } from '../clock.ts';
import type { SignInDelay } from './sign-in-delay.ts';

/** What a server keeps of a reader's password: `HA1` of RFC 7616 section 3.4.2 for each algorithm, hexadecimal. */
export interface ReaderSecret {
  md5: string;
  sha256: string;
}

/**
 * The outcome for one request. `busy`: too many attempts of this address wait; the connection is to be closed. `failed` is
 * the name that was given with a wrong password; null when none was given, or an old nonce with the right one.
 */
export type GateOutcome =
  | { kind: 'passed'; user: string }
  | { kind: 'challenge'; challenges: string[]; failed: string | null }
  | { kind: 'busy' };

const NONCE_LIFETIME_MS = 300_000;
const NONCES_MAX = 8;

interface Nonce {
  madeAtMs: number;
  /** The highest count that was used; 0 before the first, and while the client sends none (RFC 2069 form). */
  count: number;
}

/**
 * Digest for one connection. Its nonces are good on this connection only, so what somebody overheard is of no use on
 * another; SHA-256 and MD5 are both offered (RFC 7616 section 3.7), Basic never.
 */
export class DigestGate {
  readonly #options: {
    realm: string;
    address: string;
    delay: SignInDelay;
    clock: Clock;
    secretOf(user: string): Promise<ReaderSecret | null>;
  };
  readonly #nonces = new Map<string, Nonce>();
  /** Stands in for the secret of a user that does not exist, so that both take the same way. */
  readonly #decoy = randomBytes(32).toString('hex');

  constructor(options: {
    realm: string;
    address: string;
    delay: SignInDelay;
    clock: Clock;
    secretOf(user: string): Promise<ReaderSecret | null>;
  }) {
    this.#options = options;
  }

  /** Looks at a request's `Authorization`; null when it has none. */
  async check(method: string, uri: string, authorization: string | null): Promise<GateOutcome> {
    const { realm, address, delay, secretOf } = this.#options;
    if (authorization === null) return this.#challenge(false, null);
    if (!(await delay.turn(address))) return { kind: 'busy' };
    const user = claimedUser(authorization);
    const secret = user === null || user.length > 128 ? null : await secretOf(user);
    const verdict = verifyAuthorization(authorization, {
      realm,
      method,
      uri: (signed) => samePlace(signed, uri),
      ha1Of: (_, hash) => {
        if (hash === 'md5') return secret?.md5 ?? this.#decoy;
        return hash === 'sha256' ? (secret?.sha256 ?? this.#decoy) : undefined;
      },
      isNonceFresh: (nonce) => this.#isFresh(nonce),
    });
    if (verdict.ok && secret !== null && this.#isNewCount(verdict.nonce, verdict.nonceCount)) {
      delay.succeed(address);
      return { kind: 'passed', user: verdict.username };
    }
    const isStale = verdict.ok || verdict.reason === 'stale-nonce';
    if (isStale && secret !== null) return this.#challenge(true, null);
    delay.fail(address);
    return this.#challenge(false, user ?? '');
  }

  #isFresh(nonce: string): boolean {
    const known = this.#nonces.get(nonce);
    return known !== undefined && this.#options.clock.monotonicMs() - known.madeAtMs < NONCE_LIFETIME_MS;
  }

  /** A count that was used before is somebody else's request sent again. */
  #isNewCount(nonce: string, count: number): boolean {
    const known = this.#nonces.get(nonce);
    if (known === undefined) return false;
    if (count === 0 && known.count === 0) return true;
    if (count <= known.count) return false;
    known.count = count;
    return true;
  }

  #challenge(stale: boolean, failed: string | null): GateOutcome {
    const nonce = randomBytes(16).toString('hex');
    this.#nonces.set(nonce, { madeAtMs: this.#options.clock.monotonicMs(), count: 0 });
    for (const oldest of this.#nonces.keys()) {
      if (this.#nonces.size <= NONCES_MAX) break;
      this.#nonces.delete(oldest);
    }
    const common = { realm: this.#options.realm, nonce, qop: true, stale };
    // The better one first, as RFC 7616 asks; clients that know only MD5 take the last of its scheme.
    return {
      kind: 'challenge',
      failed,
      challenges: [
        buildChallenge({ ...common, algorithm: 'SHA-256' }),
        buildChallenge({ ...common, algorithm: 'MD5' }),
      ],
    };
  }
}

/** Clients sign the whole address, or its path only, with or without the slash at its end. */
function samePlace(signed: string, requested: string): boolean {
  const path = (uri: string): string => uri.replace(/^rtsps?:\/\/[^/]*/i, '').replace(/\/+$/, '');
  return path(signed) === path(requested);
}
