import type { Role } from '../../contract/access.ts';
import type { Clock } from '../../platform/clock.ts';
import type { HubEvents } from '../hub-events.ts';
import type { HubStorage } from '../storage/hub-storage.ts';
import { newToken, type Session, tokenHash } from './session.ts';

/** How long a session lives without use. */
export const SESSION_MS = 12 * 60 * 60 * 1000;
/** A session's end is only written anew when it moved by this much. */
const RENEW_AFTER_MS = 10 * 60 * 1000;
const SESSIONS_PER_ACCOUNT = 50;

/** Signed-in browsers. Roles and areas are read with each request, so changes count at once. */
export class Sessions {
  readonly #storage: HubStorage;
  readonly #clock: Clock;
  readonly #events: HubEvents;

  constructor(storage: HubStorage, clock: Clock, events: HubEvents) {
    this.#storage = storage;
    this.#clock = clock;
    this.#events = events;
  }

  /** Opens a session; the token is for the cookie and is not stored. The oldest of too many sessions end. */
  async open(account: string): Promise<{ token: string; sessionId: string }> {
    const token = newToken();
    const sessionId = tokenHash(token);
    const nowMs = this.#clock.nowMs();
    const { db } = this.#storage;
    const newest = db
      .selectFrom('sessions')
      .select('token_sha256')
      .where('account', '=', account)
      .orderBy('created_at_ms', 'desc')
      .limit(SESSIONS_PER_ACCOUNT);
    await this.#storage.transact([
      db.deleteFrom('sessions').where('expires_at_ms', '<=', nowMs),
      db
        .insertInto('sessions')
        .values({ token_sha256: sessionId, account, created_at_ms: nowMs, expires_at_ms: nowMs + SESSION_MS }),
      db.deleteFrom('sessions').where('account', '=', account).where('token_sha256', 'not in', newest),
    ]);
    return { token, sessionId };
  }

  /** The session of a token and whether its end has just moved; null when it is unknown, over or disabled. */
  async use(token: string): Promise<{ session: Session; isRenewed: boolean } | null> {
    const session = await this.find(tokenHash(token));
    if (session === null) return null;
    const expiresAtMs = this.#clock.nowMs() + SESSION_MS;
    if (expiresAtMs - session.expiresAtMs < RENEW_AFTER_MS) return { session, isRenewed: false };
    await this.#storage.db
      .updateTable('sessions')
      .set({ expires_at_ms: expiresAtMs })
      .where('token_sha256', '=', session.sessionId)
      .execute();
    return { session: { ...session, expiresAtMs }, isRenewed: true };
  }

  /** A session by its id, without using it: for sockets that check whether they may stay. */
  async find(sessionId: string): Promise<Session | null> {
    const row = await this.#storage.db
      .selectFrom('sessions')
      .innerJoin('accounts', 'accounts.account', 'sessions.account')
      .selectAll()
      .where('token_sha256', '=', sessionId)
      .executeTakeFirst();
    if (row === undefined || row.disabled !== 0 || row.expires_at_ms <= this.#clock.nowMs()) return null;
    return {
      sessionId,
      account: row.account,
      displayName: row.display_name,
      role: row.role as Role,
      areas: JSON.parse(row.areas) as string[],
      expiresAtMs: row.expires_at_ms,
      mustChangePassword: row.must_change_password !== 0,
    };
  }

  /** Ends a session. */
  async end(sessionId: string): Promise<void> {
    await this.#storage.db.deleteFrom('sessions').where('token_sha256', '=', sessionId).execute();
    this.#events.emit('sessionEnded', { sessionId });
  }

  /** Ends every session of an account, except one. */
  async endAll(account: string, exceptSessionId: string | null): Promise<void> {
    let query = this.#storage.db.deleteFrom('sessions').where('account', '=', account);
    if (exceptSessionId !== null) query = query.where('token_sha256', '!=', exceptSessionId);
    await query.execute();
    this.#events.emit('sessionEnded', { account, exceptSessionId });
  }
}
