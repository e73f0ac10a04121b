import { randomInt } from 'node:crypto';
import type { Role } from '../../contract/access.ts';
import type { Reader } from '../../contract/api/readers.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import { generatePassword } from '../../platform/generated-password.ts';
import type { Log } from '../../platform/log.ts';
import type { ReaderSecret } from '../../platform/rtsp-server/digest-gate.ts';
import { makeReaderSecret, openReaderSecret, sealReaderSecret } from '../../platform/rtsp-server/reader-secret.ts';
import type { SecretBox } from '../../platform/secret-box.ts';
import type { HubStorage } from '../storage/hub-storage.ts';
import type { ReaderRow } from '../storage/tables/access.ts';
import type { Session } from './session.ts';

const READERS_PER_ACCOUNT = 20;
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
const SUFFIX_LETTERS = 5;

/**
 * Passwords for programs that read live streams over RTSP in a person's name. They open nothing else, each can be taken
 * back by itself, and role and area are always the person's.
 */
export class ReaderPasswords {
  readonly #storage: HubStorage;
  readonly #box: SecretBox;
  readonly #clock: Clock;
  readonly #log: Log;
  /** Those whose secret could not be opened, each said once. */
  readonly #unopened = new Set<string>();

  constructor(storage: HubStorage, box: SecretBox, { clock, log }: { clock: Clock; log: Log }) {
    this.#storage = storage;
    this.#box = box;
    this.#clock = clock;
    this.#log = log;
  }

  /** Those of one account, oldest first. */
  async list(account: string): Promise<Reader[]> {
    const rows = await this.#storage.db
      .selectFrom('readers')
      .selectAll()
      .where('account', '=', account)
      .orderBy('created_at_ms')
      .execute();
    return rows.map(toReader);
  }

  /** Makes one; the password is shown once and kept nowhere in clear. Rejects with LIMIT_REACHED. */
  async create(account: string, name: string): Promise<{ reader: Reader; password: string }> {
    if ((await this.list(account)).length >= READERS_PER_ACCOUNT) {
      const message = `there are ${READERS_PER_ACCOUNT} already; remove one that is not used any more`;
      throw new SharpEyesError('LIMIT_REACHED', message);
    }
    const letters = Array.from({ length: SUFFIX_LETTERS }, () => ALPHABET[randomInt(ALPHABET.length)] ?? '');
    const reader = `${account}-${letters.join('')}`;
    const password = generatePassword();
    const row: ReaderRow = {
      reader,
      account,
      name,
      secret: sealReaderSecret(this.#box, reader, makeReaderSecret(reader, password)),
      created_at_ms: this.#clock.nowMs(),
      last_used_at_ms: null,
    };
    await this.#storage.db.insertInto('readers').values(row).execute();
    return { reader: toReader(row), password };
  }

  /** Takes one back. Rejects with NOT_FOUND when the account has none of this name. */
  async remove(account: string, reader: string): Promise<void> {
    const known = await this.#row(reader);
    if (known?.account !== account) throw new SharpEyesError('NOT_FOUND', `there is no reader ${reader}`);
    await this.#storage.db.deleteFrom('readers').where('reader', '=', reader).execute();
  }

  /** What is kept of a password; null for an unknown one, and for one that this hub's key does not open. */
  async secretOf(reader: string): Promise<ReaderSecret | null> {
    const row = await this.#row(reader);
    if (row === null) return null;
    const secret = openReaderSecret(this.#box, reader, row.secret);
    if (secret === null && !this.#unopened.has(reader)) {
      this.#unopened.add(reader);
      this.#log.warn({ reader }, 'the key of this hub does not open what is kept of a reader’s password: make it anew');
    }
    return secret;
  }

  /** Role and area of the person it belongs to, as they are now; null when it may not be used (any more). */
  async personOf(reader: string): Promise<Session | null> {
    const row = await this.#storage.db
      .selectFrom('readers')
      .innerJoin('accounts', 'accounts.account', 'readers.account')
      .selectAll('accounts')
      .where('reader', '=', reader)
      .executeTakeFirst();
    if (row === undefined || row.disabled !== 0 || row.must_change_password !== 0) return null;
    return {
      sessionId: '',
      account: row.account,
      displayName: row.display_name,
      role: row.role as Role,
      areas: JSON.parse(row.areas) as string[],
      expiresAtMs: Number.POSITIVE_INFINITY,
      mustChangePassword: false,
    };
  }

  /** Notes that it was used. */
  async used(reader: string): Promise<void> {
    await this.#storage.db
      .updateTable('readers')
      .set({ last_used_at_ms: this.#clock.nowMs() })
      .where('reader', '=', reader)
      .execute();
  }

  async #row(reader: string): Promise<ReaderRow | null> {
    const row = await this.#storage.db
      .selectFrom('readers')
      .selectAll()
      .where('reader', '=', reader)
      .executeTakeFirst();
    return row ?? null;
  }
}

function toReader({ reader, name, created_at_ms, last_used_at_ms }: ReaderRow): Reader {
  return { reader, name, createdAtMs: created_at_ms, lastUsedAtMs: last_used_at_ms };
}
