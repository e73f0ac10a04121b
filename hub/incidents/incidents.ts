import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import { LANES, type Lane } from '../../contract/event.ts';
import type { ClosingCode, IncidentDetail, IncidentEntry } from '../../contract/incident.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { RuleSet } from '../correlation/rule-set.ts';
import type { HubEvents } from '../hub-events.ts';
import type { HubStorage } from '../storage/hub-storage.ts';
import { CorrelationStore } from './correlation-store.ts';
import type { IncidentBook } from './incident-book.ts';
import { IncidentQueries } from './incident-queries.ts';
import { type ChangeSet, type IncidentRecord, newChangeSet } from './incident-record.ts';
import { accept, close, type StepResult } from './lifecycle.ts';
import { loadBook } from './load-book.ts';
import { Notifier } from './notifier.ts';
import type { Places } from './places.ts';
import { Serial } from './serial.ts';

/** What incidents are made from. */
export interface IncidentsOptions {
  storage: Pick<HubStorage, 'db' | 'transact'>;
  places: Places;
  rules: RuleSet;
  clock: Clock;
  log: Log;
  events: Pick<HubEvents, 'emit'>;
  /** A new, time-ordered id. */
  newId(atMs: number): string;
}

/** Events that one decision round takes. A step of a person waits for one round at most. */
const ROUND = 500;
const RETRY_MS = 1000;

/**
 * Incidents: links committed events into them and carries out people's steps. Everything that changes an incident runs
 * here, one after the other.
 */
export class Incidents {
  /** What people read. */
  readonly queries: IncidentQueries;
  readonly #options: IncidentsOptions;
  readonly #store: CorrelationStore;
  readonly #notifier: Notifier;
  readonly #serial = new Serial();
  readonly #waiting: Record<Lane, boolean> = { alarm: false, event: false };
  readonly #counters = { correlated: 0, opened: 0, joined: 0, failedRounds: 0 };
  #marks: Record<Lane, number> = { alarm: 0, event: 0 };
  #book: IncidentBook | null = null;
  #running: Promise<void> | null = null;
  #retry: TimerHandle | null = null;
  #stopped = true;

  constructor(options: IncidentsOptions) {
    this.#options = options;
    this.queries = new IncidentQueries(options.storage, options.places);
    this.#store = new CorrelationStore(options.storage);
    this.#notifier = new Notifier(options.events, options.clock);
  }

  /** Loads what is open and makes up for events that were committed but not decided on when the hub ended. */
  async start(): Promise<void> {
    this.#stopped = false;
    await this.#serial.run(() => this.#load());
    for (const lane of LANES) this.poke(lane);
  }

  /** Finishes the round that runs; the rest is made up for at the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#retry?.cancel();
    this.#notifier.stop();
    await this.#running;
    await this.#serial.idle();
  }

  /** Events of a lane were committed. Never throws and never waits. */
  poke(lane: Lane): void {
    this.#waiting[lane] = true;
    if (this.#stopped || this.#retry !== null) return;
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      if (!this.#stopped && this.#retry === null && LANES.some((name) => this.#waiting[name])) this.poke('alarm');
    });
  }

  /** Resolves when every committed event was decided on. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  /** Counters since the start, and what is held in memory. */
  counters(): Record<string, number> {
    return { ...this.#counters, ...this.#book?.sizes };
  }

  /** Takes an incident. Rejects with NOT_FOUND, CONFLICT or INCIDENT_STATE. */
  accept(incidentId: string, account: string, version: number): Promise<IncidentDetail> {
    const step = (record: IncidentRecord): StepResult => accept(record, account, version);
    return this.#step(incidentId, step, { by: account, kind: 'accepted', text: '' });
  }

  /** Closes an incident. Rejects with NOT_FOUND, CONFLICT or INCIDENT_STATE. */
  close(
    incidentId: string,
    account: string,
    version: number,
    code: ClosingCode,
    text: string,
  ): Promise<IncidentDetail> {
    const step = (record: IncidentRecord): StepResult => close(record, account, version, code);
    return this.#step(incidentId, step, { by: account, kind: 'closed', text });
  }

  /** Writes a line into the history: a note, or that footage was looked at or exported. Rejects with NOT_FOUND. */
  addEntry(incidentId: string, entry: Omit<IncidentEntry, 'atMs'>): Promise<IncidentDetail> {
    return this.#step(incidentId, ({ state, owner, closingCode }) => ({ state, owner, closingCode }), entry);
  }

  #step(
    incidentId: string,
    step: (record: IncidentRecord) => StepResult,
    entry: Omit<IncidentEntry, 'atMs'>,
  ): Promise<IncidentDetail> {
    return this.#serial.run(async () => {
      const before = this.#book?.get(incidentId) ?? (await this.queries.record(incidentId));
      if (before === null) throw new SharpEyesError('NOT_FOUND', `there is no incident ${incidentId}`);
      const version = before.version + 1;
      const isStep = entry.kind === 'accepted' || entry.kind === 'closed';
      const stepVersion = isStep ? version : before.stepVersion;
      const record: IncidentRecord = { ...before, ...step(before), version, stepVersion };
      const changes = newChangeSet();
      changes.changed.set(incidentId, record);
      changes.entries.push({ incidentId, atMs: this.#options.clock.nowMs(), ...entry });
      await this.#commitStep(changes);
      this.#book?.change(record);
      this.#notifier.tell(record, entry.kind === 'accepted' || entry.kind === 'closed' ? entry.kind : 'noted');
      const detail = await this.queries.detail(incidentId);
      if (detail === null) throw new SharpEyesError('NOT_FOUND', `there is no incident ${incidentId}`);
      return detail;
    });
  }

  async #commitStep(changes: ChangeSet): Promise<void> {
    try {
      await this.#store.commit(changes, null);
    } catch (error) {
      // It may have been stored though the answer got lost, so what is in memory is not to be trusted.
      this.#book = null;
      throw error;
    }
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      // Alarms go first, before each round.
      const lane = LANES.find((name) => this.#waiting[name]);
      if (lane === undefined) return;
      this.#waiting[lane] = false;
      try {
        if (await this.#serial.run(() => this.#round(lane))) this.#waiting[lane] = true;
      } catch (error) {
        this.#counters.failedRounds++;
        this.#options.log.error({ lane, reason: messageOf(error) }, 'events were not linked; tried again');
        this.#waiting[lane] = true;
        this.#retry = this.#options.clock.after(RETRY_MS, () => {
          this.#retry = null;
          this.poke(lane);
        });
        return;
      }
    }
  }

  /** Decides on the next events of a lane and stores the outcome; true when there may be more. */
  async #round(lane: Lane): Promise<boolean> {
    const book = this.#book ?? (await this.#load());
    const events = await this.#store.eventsAfter(lane, this.#marks[lane], ROUND);
    const last = events.at(-1);
    if (last === undefined) return false;
    const changes = newChangeSet();
    const hubAtMs = this.#options.clock.nowMs();
    // From here on the book is ahead of the disk, until the commit or until it is thrown away.
    this.#book = null;
    for (const event of events) {
      const place = this.#options.places.ofEvent(event.edgeId, event.event.deviceId);
      book.take({ ...event, place }, hubAtMs, changes);
    }
    await this.#store.commit(changes, { lane, eventNo: last.eventNo });
    this.#book = book;
    this.#marks[lane] = last.eventNo;
    this.#counters.correlated += events.length;
    this.#counters.opened += changes.opened.size;
    this.#counters.joined += changes.links.length - changes.opened.size;
    for (const record of changes.opened.values()) this.#notifier.tell(record, 'opened');
    for (const [incidentId, record] of changes.changed) {
      if (!changes.opened.has(incidentId)) this.#notifier.tell(record, 'joined');
    }
    return events.length === ROUND;
  }

  async #load(): Promise<IncidentBook> {
    const { book, marks } = await loadBook(this.#store, this.#options);
    this.#book = book;
    this.#marks = marks;
    return book;
  }
}
