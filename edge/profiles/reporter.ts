import { randomBytes } from 'node:crypto';
import { SharpEyesError } from '../../contract/errors.ts';
import { type EdgeEvent, EVENT_KINDS, type EventKind, type Sample } from '../../contract/event.ts';
import { timeOrderedId } from '../../contract/ids.ts';
import type { Clock } from '../../platform/clock.ts';
import { type MappedEvent, type Mapping, mapRaw } from './map-raw.ts';
import type { RawEvent } from './raw-event.ts';
import type { NewEvent, ReportIdentity } from './report-identity.ts';
import type { DeviceProfile } from './schema.ts';
import { StateTracker } from './state-tracker.ts';
import { type Parameters, ThresholdTracker } from './threshold-tracker.ts';

/** Where events go; the outbox. */
export interface EventSink {
  /**
   * Stores all of them or none. Resolves after they are on the disk: only then may a device be told that it was heard.
   */
  commitAll(events: readonly NewEvent[]): Promise<void>;
}

/** Where samples go; routine, may be dropped. */
export interface SampleSink {
  add(sample: Sample): void;
}

/** What a {@link DeviceReporter} is built from. */
export interface ReporterOptions {
  deviceId: string;
  profile: DeviceProfile;
  /** Limits that the site set for this device. */
  parameters?: Parameters;
  /** Hold back states that the device merely repeats; off for devices that report each change once (DC-09). */
  holdRepeats: boolean;
  events: EventSink;
  samples: SampleSink;
  clock: Clock;
}

/** What became of a report. */
export interface ReportOutcome {
  /** Events that are on the disk now. */
  committed: number;
  /** Events held back because they said nothing new. */
  held: number;
  /** Why nothing was made, as the profile says; null when something was. */
  nothing: Mapping['nothing'];
}

/** What a device said, on its way through. */
interface Report {
  raw: RawEvent;
  deviceAtMs: number | null;
  edgeAtMs: number;
  identity: ReportIdentity | undefined;
  resolve(outcome: ReportOutcome): void;
  reject(error: unknown): void;
}

/** What reports make, before it is stored. */
interface Findings {
  events: NewEvent[];
  samples: Sample[];
  /** Each takes back what a report has changed in the trackers. */
  undo: (() => void)[];
}

const MAX_WAITING = 256;
const GARBAGE_PERIOD_MS = 600_000;

/**
 * Turns a device's reports into committed events. Reports that come while others are on their way to the disk are
 * committed together afterwards, so that their order is kept and a failed commit can be taken back: the device's
 * repetition then counts as new.
 */
export class DeviceReporter {
  readonly #options: ReporterOptions;
  readonly #states = new StateTracker();
  readonly #thresholds: ThresholdTracker;
  #last: Promise<unknown> = Promise.resolve();
  /** Work that has not ended; a report each counts. */
  #waiting = 0;
  /** Reports for the next turn. */
  #reports: Report[] = [];
  #garbageAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.#thresholds = new ThresholdTracker(options.profile, options.parameters);
  }

  /**
   * Maps a report and commits what it says. Rejects when a commit fails; then the device must not be told that it was
   * heard.
   * @param deviceAtMs the device's own time as its driver knows it; null leaves it to the profile
   * @param identity for protocols in which devices repeat what was not acknowledged
   */
  report(raw: RawEvent, deviceAtMs: number | null, identity?: ReportIdentity): Promise<ReportOutcome> {
    const edgeAtMs = this.#options.clock.nowMs();
    if (this.#waiting >= MAX_WAITING) return Promise.reject(this.#tooFast());
    this.#waiting += 1;
    return new Promise<ReportOutcome>((resolve, reject) => {
      const isFirst = this.#reports.push({ raw, deviceAtMs, edgeAtMs, identity, resolve, reject }) === 1;
      if (isFirst) void this.#afterOthers(() => this.#takeReports());
    }).finally(() => {
      this.#waiting -= 1;
    });
  }

  /** Commits the end of states that the device never cleared itself; call it every few seconds. */
  expire(): Promise<void> {
    return this.#inTurn(async () => {
      const { clock } = this.#options;
      for (const event of this.#states.expire(clock.monotonicMs())) await this.#commit(event, null, clock.nowMs());
    });
  }

  /** Commits a state that the driver itself has noticed, e.g. that a device has fallen silent. */
  state(kind: EventKind, active: boolean, data: EdgeEvent['data'] = {}): Promise<void> {
    const { clock } = this.#options;
    const { priority } = EVENT_KINDS[kind];
    const state = active ? 'active' : 'cleared';
    const event: MappedEvent = { rule: 'driver', kind, state, priority, source: null, data, expireAfterMs: null };
    return this.#inTurn(() => this.#commit(event, null, clock.nowMs()));
  }

  /** Commits that the device sends what nobody can read; once in ten minutes. */
  async garbage(message: string): Promise<void> {
    const { clock } = this.#options;
    if (clock.monotonicMs() - this.#garbageAtMs < GARBAGE_PERIOD_MS) return;
    this.#garbageAtMs = clock.monotonicMs();
    const event = { rule: 'garbage', kind: 'device.garbage', state: 'pulse', priority: 4 } as const;
    const data = { message: message.slice(0, 512) };
    await this.#commit({ ...event, source: null, data, expireAfterMs: null }, null, clock.nowMs());
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    if (this.#waiting >= MAX_WAITING) return Promise.reject(this.#tooFast());
    this.#waiting += 1;
    return this.#afterOthers(work).finally(() => {
      this.#waiting -= 1;
    });
  }

  #afterOthers(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  #tooFast(): SharpEyesError {
    const { deviceId } = this.#options;
    const message = `${deviceId} reports faster than its reports can be stored`;
    return new SharpEyesError('LIMIT_REACHED', message, { context: { deviceId } });
  }

  async #takeReports(): Promise<void> {
    const reports = this.#reports;
    this.#reports = [];
    if (reports.length > 1 && (await this.#storedTogether(reports))) return;
    // One that cannot be stored does not take the others with it.
    for (const report of reports) await this.#storedTogether([report], report.reject);
  }

  /** Maps reports and commits what they say; false when that failed and was taken back. */
  async #storedTogether(reports: readonly Report[], onFailure?: (error: unknown) => void): Promise<boolean> {
    const { events, samples } = this.#options;
    const found: Findings = { events: [], samples: [], undo: [] };
    const done: (() => void)[] = [];
    try {
      for (const report of reports) {
        const outcome = this.#judge(report, found);
        done.push(() => report.resolve(outcome));
      }
      if (found.events.length > 0) await events.commitAll(found.events);
    } catch (error) {
      for (const undo of found.undo.reverse()) undo();
      onFailure?.(error);
      return false;
    }
    // They are on the disk: whatever fails from here on must not have them stored once more.
    for (const resolve of done) resolve();
    for (const sample of found.samples) samples.add(sample);
    return true;
  }

  #judge(report: Report, found: Findings): ReportOutcome {
    const { profile, deviceId, holdRepeats, clock } = this.#options;
    const { edgeAtMs, identity } = report;
    const mapping = mapRaw(profile, report.raw);
    const deviceAtMs = report.deviceAtMs ?? mapping.deviceAtMs;
    const outcome: ReportOutcome = { committed: 0, held: 0, nothing: mapping.nothing };
    const tell = (mapped: MappedEvent): void => {
      const part = `${mapped.rule} ${mapped.state} ${mapped.source ?? ''}`;
      const isFirst = outcome.committed === 0;
      const event = this.#event(mapped, deviceAtMs, edgeAtMs);
      found.events.push(identity === undefined ? { event } : { event, part: { report: identity, part, isFirst } });
      outcome.committed += 1;
    };
    for (const event of mapping.events) {
      if (holdRepeats) found.undo.push(this.#states.remember(event));
      if (holdRepeats && this.#states.judge(event, clock.monotonicMs()) !== 'pass') outcome.held += 1;
      else tell(event);
    }
    for (const reading of mapping.readings) {
      found.undo.push(this.#thresholds.remember(reading));
      for (const event of this.#thresholds.feed(reading)) tell(event);
      const { quantity, unit } = reading.rule;
      found.samples.push({ deviceId, quantity, value: reading.value, unit, edgeAtMs });
    }
    return outcome;
  }

  #commit(mapped: MappedEvent, deviceAtMs: number | null, edgeAtMs: number): Promise<void> {
    return this.#options.events.commitAll([{ event: this.#event(mapped, deviceAtMs, edgeAtMs) }]);
  }

  #event(mapped: MappedEvent, deviceAtMs: number | null, edgeAtMs: number): EdgeEvent {
    const { deviceId, profile } = this.#options;
    return {
      id: timeOrderedId(edgeAtMs, randomBytes(16)),
      deviceId,
      kind: mapped.kind,
      state: mapped.state,
      priority: mapped.priority,
      deviceAtMs,
      edgeAtMs,
      data: mapped.data,
      profile: `${profile.id}#${mapped.rule}`.slice(0, 128),
      ...(mapped.source === null ? {} : { source: mapped.source }),
    };
  }
}
