import { messageOf } from '../../../contract/errors.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Log } from '../../../platform/log.ts';
import { buildFrame } from '../../../protocols/hj212/build.ts';
import { carriesData, commandOf } from '../../../protocols/hj212/commands.ts';
import type { Hj212Frame } from '../../../protocols/hj212/frame-reader.ts';
import { type Hj212Segment, parseSegment } from '../../../protocols/hj212/segment.ts';
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
  /** A sentence for a person. */
  message: string;
}

/** What an {@link Hj212Exchange} needs. */
export interface Hj212ExchangeOptions {
  station(key: string): Station | undefined;
  /** A message of a known station was in order. @param clockOffsetMs the station's clock minus ours; null where it says no time */
  onHeard(station: Station, clockOffsetMs: number | null): void;
  onRefused(refusal: Hj212Refusal): void;
  clock: Clock;
  log: Log;
}

/** System of answers and requests of a centre (HJ 212-2017, table 5). */
const CENTRE = '91';
/** A station repeats what was not answered, three times after ten seconds each as a rule; some for hours. */
const REPEAT_WINDOW_MS = 3_600_000;
const REPEATS_KEPT = 64;
/** Of our answers: they want none themselves. The edition stands in the bits above. */
const NO_ANSWER_WANTED = 0b1111_1100;

/** Takes a frame, has what it says committed and says what to answer. */
export class Hj212Exchange {
  readonly #options: Hj212ExchangeOptions;
  readonly #recent = new Map<string, RecentReports>();

  constructor(options: Hj212ExchangeOptions) {
    this.#options = options;
  }

  /** Forgets a station's history. */
  forget(mn: string): void {
    this.#recent.delete(stationKey(mn));
  }

  /** Frames to answer with, none where none is due. Resolves after the commit. */
  async answer({ segment: bytes, crcVariant }: Hj212Frame, from: string): Promise<Uint8Array[]> {
    let segment: Hj212Segment;
    try {
      segment = parseSegment(bytes);
    } catch (error) {
      return this.#refuse('unreadable', null, `${from} sends what cannot be read: ${messageOf(error)}`);
    }
    const { mn } = segment;
    const station = this.#options.station(stationKey(mn));
    if (crcVariant === null && station?.tolerateBadCrc !== true) {
      // A damaged frame may name anybody; the station sends it again when nobody answers.
      return this.#refuse('bad-crc', mn, `a frame from ${from} in the name of ${mn} has a wrong check`);
    }
    if (station === undefined) {
      return this.#refuse(
        'unknown-station',
        mn,
        `the station ${mn} reports from ${from}, but no device has this number`,
      );
    }
    if (station.password !== null && segment.password !== station.password) {
      return this.#refuse('wrong-password', mn, `${station.deviceId} reports with another password than it has here`);
    }
    return this.#answerStation(station, segment);
  }

  async #answerStation(station: Station, segment: Hj212Segment): Promise<Uint8Array[]> {
    const { clock, onHeard } = this.#options;
    const sentAtMs = segment.qn === null ? null : parseTime(segment.qn, station.utcOffsetMinutes);
    onHeard(station, sentAtMs === null ? null : sentAtMs - clock.nowMs());
    if (commandOf(segment.cn) === 'time-request') return this.#timeFor(station, segment);
    if (carriesData(segment.cn)) {
      try {
        await this.#store(station, segment);
      } catch (error) {
        const message = `a report of ${station.deviceId} could not be stored: ${messageOf(error)}`;
        this.#options.log.error({ deviceId: station.deviceId, reason: messageOf(error) }, 'a report was not stored');
        return this.#refuse('not-stored', station.mn, message);
      }
    }
    if (!segment.wantsAnswer) return [];
    return [reply(segment, carriesData(segment.cn) ? '9014' : '9013')];
  }

  /** Every part of a message that was split holds whole factors, so each is stored for itself. */
  async #store(station: Station, segment: Hj212Segment): Promise<void> {
    const { clock } = this.#options;
    const name = stationKey(station.mn);
    const recent = this.#recent.get(name) ?? new RecentReports({ kept: REPEATS_KEPT, windowMs: REPEAT_WINDOW_MS });
    this.#recent.set(name, recent);
    const { cn, qn, params, part } = segment;
    const key = [cn, qn ?? '', params['DataTime'] ?? '', part?.number ?? 0].join(' ');
    const store = async (): Promise<void> => {
      const repeats = markedRepeats(clock.nowMs(), REPEAT_WINDOW_MS, REPEATS_KEPT);
      const at = measuredAtMs(segment, station.utcOffsetMinutes);
      await station.reporter.report(rawEventOf(segment), at, { key, repeats });
    };
    // Without any time two messages cannot be told apart.
    if (qn === null && params['DataTime'] === undefined) await store();
    else await recent.once(key, clock.monotonicMs(), store);
  }

  /** A station that asks for the time gets a 9013 and then the time (CN 1012). */
  #timeFor(station: Station, segment: Hj212Segment): Uint8Array[] {
    const { utcOffsetMinutes } = station;
    const now = formatTime(this.#options.clock.nowMs(), utcOffsetMinutes);
    const content = `SystemTime=${now.slice(0, 14)}`;
    const order = { ...addressed(segment), st: segment.st, cn: '1012', qn: now, content };
    return [...(segment.wantsAnswer ? [reply(segment, '9013')] : []), buildFrame({ ...order, flag: order.flag | 1 })];
  }

  #refuse(reason: Hj212RefusalReason, mn: string | null, message: string): [] {
    this.#options.onRefused({ reason, mn, message });
    return [];
  }
}

function addressed({ password, mn, flag }: Hj212Segment): { password: string; mn: string; flag: number } {
  return { password: password ?? '', mn, flag: (flag ?? 0) & NO_ANSWER_WANTED };
}

function reply(segment: Hj212Segment, cn: string): Uint8Array {
  return buildFrame({ ...addressed(segment), st: CENTRE, cn, qn: segment.qn ?? '' });
}
