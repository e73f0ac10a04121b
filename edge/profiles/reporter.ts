import { randomBytes } from 'node:crypto';
import { SharpEyesError } from '../../contract/errors.ts';
import { type EdgeEvent, EVENT_KINDS, type EventKind, type Sample } from '../../contract/event.ts';
import { timeOrderedId } from '../../contract/ids.ts';
import type { Clock } from '../../platform/clock.ts';
import { type MappedEvent, type Mapping, mapRaw } from './map-raw.ts';
import type { RawEvent } from './raw-event.ts';
import type { ReportIdentity, ReportPart } from './report-identity.ts';
import type { DeviceProfile } from './schema.ts';
import { StateTracker } from './state-tracker.ts';
import { type Parameters, ThresholdTracker } from './threshold-tracker.ts';

/** Where events go; the outbox. */
export interface EventSink {
  /**
   * Resolves after the event is on the disk: only then may a device be told that it was heard.
   * @param part of which report it is, so that the device's repetition of that is not stored again
   */
  commit(event: EdgeEvent, part?: ReportPart): Promise<void>;
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
}

const MAX_WAITING = 256;
const GARBAGE_PERIOD_MS = 600_000;

/**
 * Turns a device's reports into committed events. Reports of one device are taken one after the other, so that their
 * order is kept and a failed commit can be taken back: the device's repetition then counts as new.
 */
export class DeviceReporter {
  readonly #options: ReporterOptions;
  readonly #states = new StateTracker();
  readonly #thresholds: ThresholdTracker;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
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
    return this.#inTurn(() => this.#take({ raw, deviceAtMs, edgeAtMs, identity }));
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

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const { deviceId } = this.#options;
    if (this.#waiting >= MAX_WAITING) {
      const message = `${deviceId} reports faster than its reports can be stored`;
      return Promise.reject(new SharpEyesError('LIMIT_REACHED', message, { context: { deviceId } }));
    }
    this.#waiting += 1;
    const done = this.#last.then(work).finally(() => {
      this.#waiting -= 1;
    });
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #take(report: Report): Promise<ReportOutcome> {
    const { profile, samples, deviceId, holdRepeats, clock } = this.#options;
    const { edgeAtMs } = report;
    const mapping = mapRaw(profile, report.raw);
    const timed = { ...report, deviceAtMs: report.deviceAtMs ?? mapping.deviceAtMs };
    const outcome: ReportOutcome = { committed: 0, held: 0, nothing: mapping.nothing };
    for (const event of mapping.events) {
      const undo = holdRepeats ? this.#states.remember(event) : () => undefined;
      if (holdRepeats && this.#states.judge(event, clock.monotonicMs()) !== 'pass') outcome.held += 1;
      else await this.#commitOr(undo, event, timed, outcome);
    }
    for (const reading of mapping.readings) {
      const undo = this.#thresholds.remember(reading);
      for (const event of this.#thresholds.feed(reading)) {
        await this.#commitOr(undo, event, timed, outcome);
      }
      const { quantity, unit } = reading.rule;
      samples.add({ deviceId, quantity, value: reading.value, unit, edgeAtMs });
    }
    return outcome;
  }

  async #commitOr(
    undo: () => void,
    event: MappedEvent,
    { deviceAtMs, edgeAtMs, identity }: Report,
    outcome: ReportOutcome,
  ): Promise<void> {
    const isFirst = outcome.committed === 0;
    const part = `${event.rule} ${event.state} ${event.source ?? ''}`;
    try {
      await this.#commit(event, deviceAtMs, edgeAtMs, identity && { report: identity, part, isFirst });
      outcome.committed += 1;
    } catch (error) {
      undo();
      throw error;
    }
  }

  #commit(mapped: MappedEvent, deviceAtMs: number | null, edgeAtMs: number, part?: ReportPart): Promise<void> {
    const { deviceId, profile, events } = this.#options;
    const event = {
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
    return part === undefined ? events.commit(event) : events.commit(event, part);
  }
}
