import type { Static } from 'typebox';
import type { Role } from '../../contract/access.ts';
import type { Account as AccountSchema } from '../../contract/api/session.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import { generatePassword } from '../../platform/generated-password.ts';
import type { HubStorage } from '../storage/hub-storage.ts';
import type { AccountRow } from '../storage/tables/access.ts';
import { hashPassword } from './passwords.ts';

/** An account as an administrator sees it. */
export type Account = Static<typeof AccountSchema>;
/** What an administrator may change of an account. */
export type AccountChange = Partial<Omit<Account, 'account' | 'lastSignInAtMs'>>;

const ACCOUNTS_MAX = 2000;

/** People's accounts. */
export class Accounts {
  readonly #storage: HubStorage;
  readonly #clock: Clock;

  constructor(storage: HubStorage, clock: Clock) {
    this.#storage = storage;
    this.#clock = clock;
  }

  /**
   * Creates the first administrator when there is no account at all, and answers with its generated password, which is
   * never shown again; null when there are accounts.
   */
  async createFirst(mustChangePassword: boolean): Promise<{ account: string; password: string } | null> {
    if ((await this.#count()) > 0) return null;
    const first = { account: 'admin', displayName: 'Administrator', role: 'administrator', areas: [] } as const;
    const { password } = await this.create(first, mustChangePassword);
    return { account: first.account, password };
  }

  /** Creates an account with a generated password. Rejects with CONFLICT when the name is taken. */
  async create(
    wanted: { account: string; displayName: string; role: Role; areas: readonly string[] },
    mustChangePassword = true,
  ): Promise<{ account: Account; password: string }> {
    if ((await this.#count()) >= ACCOUNTS_MAX) {
      throw new SharpEyesError('LIMIT_REACHED', `there are ${ACCOUNTS_MAX} accounts already`);
    }
    if ((await this.row(wanted.account)) !== null) {
      throw new SharpEyesError('CONFLICT', `the account ${wanted.account} exists already`);
    }
    const password = generatePassword();
    const row: AccountRow = {
      account: wanted.account,
      display_name: wanted.displayName,
      role: wanted.role,
      areas: JSON.stringify(wanted.areas),
      password_hash: await hashPassword(password),
      must_change_password: mustChangePassword ? 1 : 0,
      disabled: 0,
      created_at_ms: this.#clock.nowMs(),
      last_sign_in_at_ms: null,
    };
    await this.#storage.db.insertInto('accounts').values(row).execute();
    return { account: toAccount(row), password };
  }

  /** All accounts by name. */
  async list(): Promise<Account[]> {
    const rows = await this.#storage.db.selectFrom('accounts').selectAll().orderBy('account').execute();
    return rows.map(toAccount);
  }

  /**
   * Changes an account. Rejects with NOT_FOUND, and with CONFLICT when nobody would be left who can manage accounts.
   */
  async change(account: string, change: AccountChange): Promise<Account> {
    const row = await this.row(account);
    if (row === null) throw new SharpEyesError('NOT_FOUND', `there is no account ${account}`);
    const next: AccountRow = {
      ...row,
      display_name: change.displayName ?? row.display_name,
      role: change.role ?? row.role,
      areas: change.areas === undefined ? row.areas : JSON.stringify(change.areas),
      disabled: change.disabled === undefined ? row.disabled : Number(change.disabled),
    };
    if (canManage(row) && !canManage(next) && (await this.#managers()) <= 1) {
      throw new SharpEyesError('CONFLICT', 'this is the last administrator of the whole area; appoint another first');
    }
    const { display_name, role, areas, disabled } = next;
    await this.#storage.db
      .updateTable('accounts')
      .set({ display_name, role, areas, disabled })
      .where('account', '=', account)
      .execute();
    return toAccount(next);
  }

  /** Stores a new password. `isGenerated` says that somebody else has seen it. */
  async setPassword(account: string, password: string, isGenerated: boolean): Promise<void> {
    await this.#storage.db
      .updateTable('accounts')
      .set({ password_hash: await hashPassword(password), must_change_password: isGenerated ? 1 : 0 })
      .where('account', '=', account)
      .execute();
  }

  /** Notes that the account has signed in. */
  async signedIn(account: string): Promise<void> {
    await this.#storage.db
      .updateTable('accounts')
      .set({ last_sign_in_at_ms: this.#clock.nowMs() })
      .where('account', '=', account)
      .execute();
  }

  /** The stored account; null when there is none. */
  async row(account: string): Promise<AccountRow | null> {
    const row = await this.#storage.db
      .selectFrom('accounts')
      .selectAll()
      .where('account', '=', account)
      .executeTakeFirst();
    return row ?? null;
  }

  async #count(): Promise<number> {
    const { db } = this.#storage;
    const row = await db.selectFrom('accounts').select(db.fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
    return row.count;
  }

  async #managers(): Promise<number> {
    const rows = await this.#storage.db.selectFrom('accounts').selectAll().execute();
    return rows.filter(canManage).length;
  }
}

function canManage(row: AccountRow): boolean {
  return row.role === 'administrator' && row.areas === '[]' && row.disabled === 0;
}

function toAccount(row: AccountRow): Account {
  return {
    account: row.account,
    displayName: row.display_name,
    role: row.role as Role,
    areas: JSON.parse(row.areas) as string[],
    disabled: row.disabled !== 0,
    lastSignInAtMs: row.last_sign_in_at_ms,
  };
}
