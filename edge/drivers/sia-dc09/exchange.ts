import { randomBytes } from 'node:crypto';
import { messageOf, SharpEyesError } from '../../../contract/errors.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Log } from '../../../platform/log.ts';
import { buildAnswer, buildNak, type Sealing } from '../../../protocols/sia-dc09/build.ts';
import { decryptMessage } from '../../../protocols/sia-dc09/encryption.ts';
import type { Dc09Frame, Dc09Message } from '../../../protocols/sia-dc09/message.ts';
import { parseFrame } from '../../../protocols/sia-dc09/parse.ts';
import { parseTimestamp } from '../../../protocols/sia-dc09/timestamp.ts';
import { RecentReports } from '../../profiles/recent-reports.ts';
import { type ReportIdentity, unmarkedRepeats } from '../../profiles/report-identity.ts';
import { type AlarmAccount, accountKey } from './account.ts';
import { rawEvents } from './raw-events.ts';

/** Why a frame was not acknowledged; closed, counted, and told to a person where it names somebody. */
export type RefusalReason =
  | 'not-dc09'
  | 'bad-crc'
  | 'unknown-account'
  | 'not-sealed'
  | 'no-key'
  | 'wrong-key'
  | 'clock-off'
  | 'unreadable'
  | 'not-stored';

/** A refused frame. */
export interface Refusal {
  reason: RefusalReason;
  /** Account that the frame named; null when it named none. */
  account: string | null;
  /** Null for accounts nobody registered. */
  deviceId: string | null;
  /** Address it came from. */
  from: string;
  /** A sentence for a person. */
  message: string;
}

/** What an {@link Exchange} needs. */
export interface ExchangeOptions {
  account(key: string): AlarmAccount | undefined;
  /** A message of a known account was in order. `clockOffsetMs` is the panel's clock minus ours, null without a timestamp. */
  onHeard(account: AlarmAccount, clockOffsetMs: number | null): void;
  onRefused(refusal: Refusal): void;
  clock: Clock;
  log: Log;
}

/** Sealed messages are taken from 40 s ago to 20 s ahead: a recorded one must not be played again later. */
const WINDOW_BEHIND_MS = 40_000;
const WINDOW_AHEAD_MS = 20_000;
/** A panel repeats a message within seconds; longer, and the same message is a new event. */
const REPEAT_WINDOW_MS = 60_000;

/** Takes a frame, has its events committed and says what to answer. The same for TCP and UDP. */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #recent = new Map<string, RecentReports>();
  readonly #startedAtMs: number;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock.nowMs();
  }

  /** Forgets an account's history. */
  forget(account: string): void {
    this.#recent.delete(accountKey(account));
  }

  /** The answer to a frame without its LF and CR; null: none is due. Resolves after the commit. */
  async answer(bytes: Uint8Array, from: string): Promise<Uint8Array | null> {
    let frame: Dc09Frame;
    try {
      frame = parseFrame(bytes);
    } catch (error) {
      return this.#refuse('not-dc09', null, null, from, messageOf(error));
    }
    const named = accountOf(frame.message);
    const account = named === null ? undefined : this.#options.account(accountKey(named));
    if (!(frame.crcValid && frame.lengthValid) && account?.tolerateBadCrc !== true) {
      // A damaged frame may name anybody; the panel sends it again when nobody answers.
      return this.#refuse('bad-crc', named, account, from, `a frame from ${from} has a wrong CRC or length`);
    }
    if (account === undefined) {
      this.#refuse(
        'unknown-account',
        named,
        null,
        from,
        `the account ${named ?? '(none)'} reports from ${from}, but no device has it`,
      );
      return buildNak(this.#options.clock.nowMs());
    }
    return this.#answerAccount(account, frame.message, from);
  }

  async #answerAccount(account: AlarmAccount, sent: Dc09Message, from: string): Promise<Uint8Array> {
    const { clock } = this.#options;
    const opened = this.#open(account, sent);
    if (!('id' in opened)) {
      this.#refuse(opened.reason, account.account, account, from, opened.message);
      return buildNak(clock.nowMs());
    }
    const sealing = sealingOf(account, sent);
    const timeMs = parseTimestamp(opened.timestamp);
    this.#options.onHeard(account, timeMs === null ? null : timeMs - clock.nowMs());
    const raws = rawEvents(opened);
    if (raws === null) {
      const message = `${account.deviceId} sent a "${opened.id}" message that cannot be read`;
      this.#refuse('unreadable', account.account, account, from, message);
      await account.reporter.garbage(message).catch((error: unknown) => this.#notStored(account, from, error));
      return buildAnswer('DUH', sent, clock.nowMs(), sealing);
    }
    try {
      await this.#once(account, opened, raws.length, async (identity) => {
        for (const [index, raw] of raws.entries()) {
          await account.reporter.report(raw, timeMs, { ...identity, key: `${identity.key} ${index}` });
        }
      });
      return buildAnswer('ACK', sent, clock.nowMs(), sealing);
    } catch (error) {
      this.#notStored(account, from, error);
      return buildAnswer('DUH', sent, clock.nowMs(), sealing);
    }
  }

  /** The message in plain, or why it cannot be taken. */
  #open(account: AlarmAccount, message: Dc09Message): Dc09Message | { reason: RefusalReason; message: string } {
    const who = account.deviceId;
    if (account.cipher === null) {
      return message.encrypted
        ? { reason: 'no-key', message: `${who} sends sealed messages, but has no key here` }
        : message;
    }
    if (!message.encrypted) return { reason: 'not-sealed', message: `${who} has a key, but sends messages in plain` };
    let opened: Dc09Message;
    try {
      opened = decryptMessage(message, account.cipher);
    } catch (error) {
      if (!(error instanceof SharpEyesError)) throw error;
      return { reason: 'wrong-key', message: `${who}: ${error.message}` };
    }
    const aheadMs = (parseTimestamp(opened.timestamp) ?? 0) - this.#options.clock.nowMs();
    if (aheadMs > WINDOW_AHEAD_MS || aheadMs < -WINDOW_BEHIND_MS) {
      return { reason: 'clock-off', message: `${who}: its clock is off by ${Math.round(aheadMs / 1000)} s` };
    }
    return opened;
  }

  /** Stores a message unless the panel repeats it; across a restart of the edge the store itself compares. */
  async #once(
    account: AlarmAccount,
    message: Dc09Message,
    reports: number,
    store: (identity: ReportIdentity) => Promise<void>,
  ): Promise<void> {
    if (reports === 0) return;
    const { clock } = this.#options;
    const name = accountKey(account.account);
    // Only the last message counts: press, release and press again may carry one sequence number on simple panels.
    const known = this.#recent.get(name);
    const repeats = known === undefined ? unmarkedRepeats(clock.nowMs(), this.#startedAtMs, reports) : null;
    const recent = known ?? new RecentReports({ kept: 1, windowMs: REPEAT_WINDOW_MS });
    this.#recent.set(name, recent);
    const key = `${message.id} ${message.sequence} ${message.data}`;
    await recent.once(key, clock.monotonicMs(), () => store({ key, repeats }));
  }

  #notStored(account: AlarmAccount, from: string, error: unknown): void {
    this.#options.log.error({ deviceId: account.deviceId, reason: messageOf(error) }, 'an alarm was not stored');
    const message = `a report of ${account.deviceId} could not be stored: ${messageOf(error)}`;
    this.#refuse('not-stored', account.account, account, from, message);
  }

  #refuse(
    reason: RefusalReason,
    account: string | null,
    known: AlarmAccount | null | undefined,
    from: string,
    message: string,
  ): null {
    this.#options.onRefused({ reason, account, deviceId: known?.deviceId ?? null, from, message });
    return null;
  }
}

/** The account in the header, or, where a panel leaves that out, in the data. */
function accountOf(message: Dc09Message): string | null {
  return message.account ?? /^#([0-9A-Fa-f]{3,16})\|/.exec(message.data)?.[1] ?? null;
}

function sealingOf(account: AlarmAccount, message: Dc09Message): Sealing | undefined {
  if (!message.encrypted || account.cipher === null) return undefined;
  return { cipher: account.cipher, padding: randomBytes(16) };
}
