import { Compile } from 'typebox/compile';
import { SharpEyesError } from '../../contract/errors.ts';
import { EdgeEvent, EVENT_KINDS, isEventKind, type Lane } from '../../contract/event.ts';
import type { NewEvent } from '../profiles/report-identity.ts';
import type { NewRow, OutboxStorage } from './outbox-storage.ts';
import type { UplinkMachine } from './uplink-machine.ts';

/** What {@link Outbox} is built from. */
export interface OutboxOptions {
  storage: OutboxStorage;
  machine: UplinkMachine;
  /** Most bytes of waiting events; beyond it the oldest of the `event` lane go, alarms never. */
  maxBytes: number;
  /** Frees the space set aside for this moment; resolves with whether there was any. */
  releaseBallast(): Promise<boolean>;
  /** Frees space that is worth less than an event: routine samples. Resolves with the bytes freed. */
  dropSamples(): Promise<number>;
  /** Told how many events were dropped. */
  onDropped(events: number): void;
}

const edgeEvent = Compile(EdgeEvent);

/** How much is dropped at a time, so that an overflowing outbox does not drop one row per event. */
const DROP_EVENTS = 1000;

/** Where every event of this edge begins its way: committed to the disk before anything else happens with it. */
export class Outbox {
  readonly #options: OutboxOptions;
  #making: Promise<void> | null = null;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** See {@link commitAll}. */
  commit(event: EdgeEvent): Promise<void> {
    return this.commitAll([{ event }]);
  }

  /**
   * Stores all of the events or none. Resolves after they are on the disk; only then may a device be told that it was
   * heard. What a device repeats is on the disk already and is not stored again.
   * Rejects with INTERNAL (no valid event), STORAGE_FULL or STORAGE_FAILED; then nothing is stored.
   */
  async commitAll(events: readonly NewEvent[]): Promise<void> {
    const rows = events.map(toRow);
    const positions = await this.#append(rows);
    const { machine, maxBytes } = this.#options;
    for (const [index, { lane, json }] of rows.entries()) {
      const position = positions[index];
      if (typeof position === 'number') machine.appended(lane, { position, json });
    }
    if (machine.bytes() > maxBytes) void this.#makeRoom();
  }

  async #append(rows: readonly NewRow[]): Promise<(number | null)[]> {
    const { storage, releaseBallast } = this.#options;
    try {
      return await storage.append(rows);
    } catch (error) {
      if (!(error instanceof SharpEyesError) || error.code !== 'STORAGE_FULL') throw error;
      if (!(await releaseBallast())) await this.#makeRoom();
      return storage.append(rows);
    }
  }

  /** One at a time, however many commits find the disk full. A failure is told by what failed. */
  #makeRoom(): Promise<void> {
    const done = (): void => {
      this.#making = null;
    };
    this.#making ??= this.#drop().then(done, done);
    return this.#making;
  }

  async #drop(): Promise<void> {
    if ((await this.#options.dropSamples()) > 0) return;
    const dropped = await this.#options.machine.dropOldest('event', DROP_EVENTS);
    if (dropped > 0) this.#options.onDropped(dropped);
  }
}

function toRow({ event, part }: NewEvent): NewRow {
  const fitting = cutToSchema(event);
  const { deviceId, edgeAtMs } = fitting;
  const row = { lane: laneOf(fitting), json: JSON.stringify(fitting) };
  return part === undefined ? row : { ...row, part: { ...part, deviceId, edgeAtMs } };
}

/** The lane of an event; kinds that this version does not know are no alarms. */
function laneOf(event: EdgeEvent): Lane {
  return isEventKind(event.kind) ? EVENT_KINDS[event.kind].lane : 'event';
}

/** Cuts what a device made too long, because the hub refuses a batch with an event that does not fit. */
function cutToSchema(event: EdgeEvent): EdgeEvent {
  if (isValid(event)) return event;
  const data: EdgeEvent['data'] = {};
  for (const [name, value] of Object.entries(event.data).slice(0, 32)) {
    const kept = typeof value === 'number' && !Number.isFinite(value) ? null : value;
    data[name.slice(0, 64)] = typeof kept === 'string' ? kept.slice(0, 512) : kept;
  }
  const cut: EdgeEvent = { ...event, kind: event.kind.slice(0, 64), data };
  if (event.source !== undefined) cut.source = event.source.slice(0, 128);
  if (event.profile !== undefined) cut.profile = event.profile.slice(0, 128);
  if (isValid(cut)) return cut;
  throw new SharpEyesError('INTERNAL', `an event of ${event.deviceId} does not have the documented shape`, {
    context: { deviceId: event.deviceId, kind: event.kind },
  });
}

/** Not a type guard: what fails is still an event, only one with a part that is too long. */
function isValid(event: EdgeEvent): boolean {
  return edgeEvent.Check(event);
}
