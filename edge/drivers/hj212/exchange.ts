import { hash } from 'node:crypto';
import { messageOf } from '../../../contract/errors.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Log } from '../../../platform/log.ts';
import { buildFrame } from '../../../protocols/hj212/build.ts';
import { commandOf, isUpload } from '../../../protocols/hj212/commands.ts';
import type { Hj212Frame } from '../../../protocols/hj212/frame-reader.ts';
import { type Hj212Head, parseContent, parseHead } from '../../../protocols/hj212/segment.ts';
import { formatTime, parseTime } from '../../../protocols/hj212/time.ts';
import { RecentReports } from '../../profiles/recent-reports.ts';
import { markedRepeats } from '../../profiles/report-identity.ts';
import { measuredAtMs, rawEventOf } from './raw-event.ts';
import { type Station, stationKey } from './station.ts';

/** Why a frame was not acknowledged; closed, counted, and told to a person where it names somebody. */
export type Hj212RefusalReason = 'bad-crc' | 'unreadable' | 'unknown-station' | 'wrong-password' | 'not-stored';

/** A refused frame. */
export interface Hj212Refusal {
  reason: Hj212RefusalReason;
  /** Station that the frame named; null when it named none. */
  mn: string | null;
  /** Null for stations nobody registered. */
  deviceId: string | null;
  /** Address it came from. */
  from: string;
  /** A sentence for a person. */
  message: string;
}

/** What became of a frame. */
export interface Hj212Answer {
  /** To be sent, none where none is due. */
  readonly frames: readonly Uint8Array[];
  /** Why it was not taken; null when it was. */
  readonly refused: Hj212RefusalReason | null;
}

/** What an {@link Hj212Exchange} needs. */
export interface Hj212ExchangeOptions {
  station(key: string): Station | undefined;
  /** A message of a known station was in order. @param clockOffsetMs the station's clock minus ours; null where it says no time */
  onHeard(station: Station, clockOffsetMs: number | null): void;
  onRefused(refusal: Hj212Refusal): void;
  /** How long an address that gave a wrong password for a station is not heard in its name. */
  wrongPasswordMs: number;
  clock: Clock;
  log: Log;
}

/** System of answers and requests of a centre (HJ 212-2017, 6.6.1). */
const CENTRE = '91';
/** A station repeats what was not answered, three times after ten seconds each as a rule; some for hours. */
const REPEAT_WINDOW_MS = 3_600_000;
const REPEATS_KEPT = 64;
const GUESSING_MAX = 5000;
/** Of our answers: they want none themselves. The edition stands in the bits above. */
const NO_ANSWER_WANTED = 0b1111_1100;

/** Takes a frame, has what it says committed and says what to answer. */
export class Hj212Exchange {
  readonly #options: Hj212ExchangeOptions;
  readonly #recent = new Map<string, RecentReports>();
  /** Until when, by address and station; monotonic time. */
  readonly #guessing = new Map<string, number>();

  constructor(options: Hj212ExchangeOptions) {
    this.#options = options;
  }

  /** Forgets a station's history. */
  forget(mn: string): void {
    this.#recent.delete(stationKey(mn));
  }

  /** Takes a frame. Resolves after the commit. The content of frames that are refused is not read. */
  async answer({ segment: bytes, crcVariant }: Hj212Frame, from: string): Promise<Hj212Answer> {
    let head: Hj212Head;
    try {
      head = parseHead(bytes);
    } catch (error) {
      return this.#refuse('unreadable', null, null, from, `${from} sends what cannot be read: ${messageOf(error)}`);
    }
    const { mn } = head;
    const station = this.#options.station(stationKey(mn));
    const deviceId = station?.deviceId ?? null;
    if (crcVariant === null && station?.tolerateBadCrc !== true) {
      // A damaged frame may name anybody; the station sends it again when nobody answers.
      const message = `a frame from ${from} in the name of ${mn} has a wrong check`;
      return this.#refuse('bad-crc', mn, deviceId, from, message);
    }
    if (station === undefined) {
      const message = `the station ${mn} reports from ${from}, but no device has this number`;
      return this.#refuse('unknown-station', mn, null, from, message);
    }
    if (!this.#mayEnter(station, head, from)) {
      const message = `${station.deviceId} reports from ${from} with another password than it has here`;
      return this.#refuse('wrong-password', mn, deviceId, from, message);
    }
    return this.#answerStation(station, head, bytes, from);
  }

  /** By address and station together: a stranger neither guesses fast nor keeps the station itself out. */
  #mayEnter(station: Station, head: Hj212Head, from: string): boolean {
    if (station.password === null) return true;
    const nowMs = this.#options.clock.monotonicMs();
    const key = `${from} ${stationKey(station.mn)}`;
    if ((this.#guessing.get(key) ?? 0) > nowMs) return false;
    this.#guessing.delete(key);
    if (head.password === station.password) return true;
    if (this.#guessing.size >= GUESSING_MAX) this.#guessing.delete(this.#guessing.keys().next().value ?? '');
    this.#guessing.set(key, nowMs + this.#options.wrongPasswordMs);
    return false;
  }

  async #answerStation(station: Station, head: Hj212Head, bytes: Uint8Array, from: string): Promise<Hj212Answer> {
    const { clock, onHeard, log } = this.#options;
    const sentAtMs = head.qn === null ? null : parseTime(head.qn, station.utcOffsetMinutes);
    onHeard(station, sentAtMs === null ? null : sentAtMs - clock.nowMs());
    if (commandOf(head.cn) === 'time-request') return { frames: this.#timeFor(station, head), refused: null };
    if (isUpload(head.cn)) {
      try {
        await this.#store(station, head, bytes);
      } catch (error) {
        const message = `a report of ${station.deviceId} could not be stored: ${messageOf(error)}`;
        log.error({ deviceId: station.deviceId, reason: messageOf(error) }, 'a report was not stored');
        return this.#refuse('not-stored', station.mn, station.deviceId, from, message);
      }
    }
    if (!head.wantsAnswer) return { frames: [], refused: null };
    return { frames: [reply(head, isUpload(head.cn) ? '9014' : '9013')], refused: null };
  }

  /**
   * Every part of a message that was split holds whole factors, so each is stored for itself. A repetition is the same byte
   * for byte; a clock that stands still gives other messages the same number and time.
   */
  async #store(station: Station, head: Hj212Head, bytes: Uint8Array): Promise<void> {
    const { clock } = this.#options;
    const name = stationKey(station.mn);
    const recent = this.#recent.get(name) ?? new RecentReports({ kept: REPEATS_KEPT, windowMs: REPEAT_WINDOW_MS });
    this.#recent.set(name, recent);
    const segment = { ...head, ...parseContent(head.content) };
    const key = `${head.cn} ${hash('sha256', bytes, 'base64url')}`;
    const store = async (): Promise<void> => {
      const repeats = markedRepeats(clock.nowMs(), REPEAT_WINDOW_MS, REPEATS_KEPT);
      const at = measuredAtMs(segment, station.utcOffsetMinutes);
      await station.reporter.report(rawEventOf(segment), at, { key, repeats });
    };
    // Without any time a message that says the same again cannot be told from a repetition: it counts as new.
    if (head.qn === null && segment.params['DataTime'] === undefined) await store();
    else await recent.once(key, clock.monotonicMs(), store);
  }

  /** A station that asks for the time gets a 9013 and then the time (CN 1012). */
  #timeFor(station: Station, head: Hj212Head): Uint8Array[] {
    const { utcOffsetMinutes } = station;
    const now = formatTime(this.#options.clock.nowMs(), utcOffsetMinutes);
    const { PolId } = parseContent(head.content).params;
    const instrument = PolId === undefined ? '' : `PolId=${PolId.slice(0, 32)},`;
    const content = `${instrument}SystemTime=${now.slice(0, 14)}`;
    const order = { ...addressed(head), st: head.st, cn: '1012', qn: now, content };
    return [...(head.wantsAnswer ? [reply(head, '9013')] : []), buildFrame({ ...order, flag: order.flag | 1 })];
  }

  #refuse(
    reason: Hj212RefusalReason,
    mn: string | null,
    deviceId: string | null,
    from: string,
    message: string,
  ): Hj212Answer {
    this.#options.onRefused({ reason, mn, deviceId, from, message });
    return { frames: [], refused: reason };
  }
}

function addressed({ password, mn, flag }: Hj212Head): { password: string; mn: string; flag: number } {
  return { password: password ?? '', mn, flag: (flag ?? 0) & NO_ANSWER_WANTED };
}

function reply(head: Hj212Head, cn: string): Uint8Array {
  return buildFrame({ ...addressed(head), st: CENTRE, cn, qn: head.qn ?? '' });
}
