import { type Permission, roleAllows } from '../../contract/access.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import { generatePassword } from '../../platform/generated-password.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { HubEvents } from '../hub-events.ts';
import type { HubStorage } from '../storage/hub-storage.ts';
import { Accounts } from './accounts.ts';
import { type AreaTree, areaIncludes } from './area.ts';
import { Attempts } from './attempts.ts';
import { hashPassword, verifyPassword } from './passwords.ts';
import type { Session } from './session.ts';
import { Sessions } from './sessions.ts';

/** Failed attempts in a minute after which an account or an address has to wait. */
const FAILURES = { account: 10, address: 20 };

/** What {@link Access} is built from. */
export interface AccessOptions {
  storage: HubStorage;
  audit: AuditLog;
  events: HubEvents;
  areas: AreaTree;
  clock: Clock;
}

/** Who is who, and who may do what where. */
export class Access {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly #audit: AuditLog;
  readonly #areas: AreaTree;
  readonly #attempts: Attempts;
  #decoy: Promise<string> | null = null;

  constructor({ storage, audit, events, areas, clock }: AccessOptions) {
    this.accounts = new Accounts(storage, clock);
    this.sessions = new Sessions(storage, clock, events);
    this.#audit = audit;
    this.#areas = areas;
    this.#attempts = new Attempts(clock);
  }

  /**
   * Signs in; the token belongs into the cookie. Rejects with BAD_CREDENTIALS (for unknown and disabled accounts too,
   * after the same time) or TOO_MANY_ATTEMPTS.
   */
  async signIn(account: string, password: string, address: string): Promise<{ token: string; session: Session }> {
    const keys = [`account ${account}`, `address ${address}`] as const;
    this.#attempts.check({ [keys[0]]: FAILURES.account, [keys[1]]: FAILURES.address });
    this.#attempts.begin(keys);
    const row = await this.accounts.row(account);
    this.#decoy ??= hashPassword(generatePassword());
    const isRight = await verifyPassword(row?.password_hash ?? (await this.#decoy), password);
    if (row === null || !isRight || row.disabled !== 0) {
      await this.#audit.append({ account: null, action: 'session.refused', subject: account.slice(0, 64), address });
      throw new SharpEyesError('BAD_CREDENTIALS', 'account or password is wrong');
    }
    this.#attempts.forget(keys[0]);
    this.#attempts.takeBack(keys[1]);
    await this.#audit.append({ account, action: 'session.begin', subject: account, address });
    await this.accounts.signedIn(account);
    const { token, sessionId } = await this.sessions.open(account);
    const session = await this.sessions.find(sessionId);
    if (session === null) throw new SharpEyesError('BAD_CREDENTIALS', 'the account was disabled meanwhile');
    return { token, session };
  }

  /**
   * Changes the own password; the account's other sessions end. Rejects with BAD_CREDENTIALS when `current` is wrong
   * and INVALID_BODY when `next` is the same.
   */
  async changePassword(session: Session, current: string, next: string, address: string): Promise<void> {
    const { account } = session;
    const key = `account ${account}`;
    this.#attempts.check({ [key]: FAILURES.account });
    this.#attempts.begin([key]);
    const row = await this.accounts.row(account);
    if (row === null || !(await verifyPassword(row.password_hash, current))) {
      throw new SharpEyesError('BAD_CREDENTIALS', 'the current password is wrong');
    }
    this.#attempts.forget(key);
    if (next === current) throw new SharpEyesError('INVALID_BODY', 'the new password is the same as the old one');
    await this.accounts.setPassword(account, next, false);
    await this.sessions.endAll(account, session.sessionId);
    await this.#audit.append({ account, action: 'password.change', subject: account, address });
  }

  /**
   * Whether somebody may do something to a thing in a region. `'whole'` asks for the whole tree; a thing without a
   * region is only inside the whole tree.
   */
  allows(session: Session, permission: Permission, where: { regionId: string | null } | 'whole'): boolean {
    return roleAllows(session.role, permission) && this.includes(session, where === 'whole' ? null : where.regionId);
  }

  /** Whether somebody's area includes a region; null is the whole tree. */
  includes(session: Session, regionId: string | null): boolean {
    return areaIncludes(this.#areas, session.areas, regionId);
  }

  /** @throws SharpEyesError `INVALID_BODY` when an area names a region that does not exist */
  checkAreas(areas: readonly string[]): void {
    const unknown = areas.find((regionId) => !this.#areas.isWithin(regionId, [regionId]));
    if (unknown === undefined) return;
    throw new SharpEyesError('INVALID_BODY', `there is no region ${unknown}`, { context: { regionId: unknown } });
  }

  /** Ids of every region inside somebody's area; null for the whole tree. */
  regionsOf(session: Session): readonly string[] | null {
    return session.areas.length === 0 ? null : this.#areas.below(session.areas);
  }

  /** @throws SharpEyesError `NOT_ALLOWED` when the role does not include the permission */
  demandPermission(session: Session, permission: Permission): void {
    if (roleAllows(session.role, permission)) return;
    throw new SharpEyesError('NOT_ALLOWED', `your role (${session.role}) does not include ${permission}`, {
      context: { permission },
    });
  }

  /** @throws SharpEyesError `NOT_FOUND` when a region is outside the area, so that nobody learns what exists there */
  demandArea(session: Session, regionId: string | null): void {
    if (!this.includes(session, regionId)) throw new SharpEyesError('NOT_FOUND', 'there is nothing under this id');
  }
}
