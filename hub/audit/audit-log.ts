import { createHash } from 'node:crypto';
import type { AuditEntry } from '../../contract/api/centre.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import { canonicalJson } from '../../evidence/canonical-json.ts';
import type { Clock } from '../../platform/clock.ts';
import type { HubStorage } from '../storage/hub-storage.ts';
import type { AuditRow } from '../storage/tables/access.ts';

/** Short facts of an entry; never secrets. */
export type AuditDetails = AuditEntry['details'];

/** What happened, before it has its place in the chain. */
export interface AuditRecord {
  /** Who did it; null for the system. */
  account: string | null;
  /** What was done, e.g. `footage.look`. */
  action: string;
  /** Id of what it was done to. */
  subject: string;
  purpose?: string | null;
  details?: AuditDetails;
  /** Network address of the caller. */
  address?: string | null;
}

const GENESIS = '0'.repeat(64);
const PAGE = 1000;
const WAITING_MAX = 10_000;
const RETRIES = 5;

interface Head {
  sequence: number;
  hash: string;
}

interface Waiting {
  record: AuditRecord;
  resolve(entry: AuditEntry): void;
  reject(error: unknown): void;
}

/** Hash of an entry: SHA-256 over the canonical JSON of everything but the hash itself. */
export function auditHash(entry: Omit<AuditEntry, 'hash'>): string {
  const { sequence, atMs, account, action, subject, purpose, details, address, previous } = entry;
  const text = canonicalJson({ sequence, atMs, account, action, subject, purpose, details, address, previous });
  return createHash('sha256').update(text).digest('hex');
}

/** The append-only log of who did what; every entry names the hash of the one before. */
export class AuditLog {
  readonly #storage: HubStorage;
  readonly #clock: Clock;
  #head: Head | null = null;
  #waiting: Waiting[] = [];
  #running: Promise<void> | null = null;

  constructor(storage: HubStorage, clock: Clock) {
    this.#storage = storage;
    this.#clock = clock;
  }

  /** Writes an entry; resolves when it is on the disk. What must not happen unseen waits for this first. */
  append(record: AuditRecord): Promise<AuditEntry> {
    if (this.#waiting.length >= WAITING_MAX) {
      return Promise.reject(new SharpEyesError('LIMIT_REACHED', 'too many entries wait for the audit log'));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ record, resolve, reject });
      this.#running ??= this.#drain();
    });
  }

  /** Waits until everything that was appended is stored. */
  async stop(): Promise<void> {
    await this.#running;
  }

  /** Entries, newest first; `before` is a sequence number. */
  async list(query: { before?: number; limit?: number; action?: string }): Promise<AuditEntry[]> {
    let select = this.#storage.db.selectFrom('audit').selectAll();
    if (query.before !== undefined) select = select.where('sequence', '<', query.before);
    if (query.action !== undefined) select = select.where('action', '=', query.action);
    const rows = await select
      .orderBy('sequence', 'desc')
      .limit(query.limit ?? 100)
      .execute();
    return rows.map(toEntry);
  }

  /** Recomputes the whole chain. `brokenAt` is the first sequence number that is missing or does not fit. */
  async verify(): Promise<{ intact: boolean; entries: number; brokenAt: number | null }> {
    const known = this.#head;
    let last: Head = { sequence: 0, hash: GENESIS };
    for (;;) {
      const page = await this.#storage.db
        .selectFrom('audit')
        .selectAll()
        .where('sequence', '>', last.sequence)
        .orderBy('sequence')
        .limit(PAGE)
        .execute();
      for (const row of page) {
        if (!follows(row, last)) return { intact: false, entries: last.sequence, brokenAt: last.sequence + 1 };
        last = { sequence: row.sequence, hash: row.hash };
      }
      if (page.length < PAGE) break;
    }
    const isCutOff = known !== null && known.sequence > last.sequence;
    return { intact: !isCutOff, entries: last.sequence, brokenAt: isCutOff ? last.sequence + 1 : null };
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        const entries = await this.#store(batch.map(({ record }) => record));
        for (const [index, { resolve, reject }] of batch.entries()) {
          const entry = entries[index];
          if (entry === undefined) reject(new SharpEyesError('INTERNAL', 'an audit entry was lost'));
          else resolve(entry);
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    // Here and not in a callback: an entry that is appended right after must find nobody running.
    this.#running = null;
  }

  async #store(records: readonly AuditRecord[]): Promise<AuditEntry[]> {
    for (let attempt = 1; ; attempt++) {
      this.#head ??= await this.#readHead();
      const entries = this.#chain(records, this.#head);
      try {
        await this.#storage.transact(entries.map((entry) => this.#storage.db.insertInto('audit').values(toRow(entry))));
        const last = entries.at(-1);
        if (last !== undefined) this.#head = { sequence: last.sequence, hash: last.hash };
        return entries;
      } catch (error) {
        // Another process (`sharp-eyes hub enrol`) has appended meanwhile: continue behind its entry.
        const isRace = error instanceof SharpEyesError && error.code === 'CONFLICT' && attempt < RETRIES;
        if (!isRace) throw error;
        this.#head = null;
      }
    }
  }

  #chain(records: readonly AuditRecord[], head: Head): AuditEntry[] {
    let { sequence, hash: previous } = head;
    const atMs = this.#clock.nowMs();
    return records.map((record) => {
      const { account, action, subject, purpose = null, details = {}, address = null } = record;
      sequence++;
      const entry = { sequence, atMs, account, action, subject, purpose, details, address, previous };
      previous = auditHash(entry);
      return { ...entry, hash: previous };
    });
  }

  async #readHead(): Promise<Head> {
    const row = await this.#storage.db
      .selectFrom('audit')
      .select(['sequence', 'hash'])
      .orderBy('sequence', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row ?? { sequence: 0, hash: GENESIS };
  }
}

function follows(row: AuditRow, last: Head): boolean {
  if (row.sequence !== last.sequence + 1 || row.previous !== last.hash) return false;
  try {
    return auditHash(toEntry(row)) === row.hash;
  } catch {
    // Details that are no JSON were not written by us.
    return false;
  }
}

function toEntry(row: AuditRow): AuditEntry {
  const { at_ms: atMs, details, ...rest } = row;
  return { ...rest, atMs, details: JSON.parse(details) as AuditDetails };
}

function toRow(entry: AuditEntry): AuditRow {
  const { atMs, details, ...rest } = entry;
  return { ...rest, at_ms: atMs, details: JSON.stringify(details) };
}
