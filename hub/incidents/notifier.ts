import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { HubEvents } from '../hub-events.ts';
import { type IncidentRecord, summaryOf } from './incident-record.ts';

/** A chattering device must not redraw every dashboard for every event. */
const JOINED_EVERY_MS = 500;

type Change = 'opened' | 'joined' | 'accepted' | 'noted' | 'closed';

/** Tells the dashboards about incidents: steps and new incidents at once, joined events at most twice a second each. */
export class Notifier {
  readonly #events: Pick<HubEvents, 'emit'>;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, { record: IncidentRecord; timer: TimerHandle; isDue: boolean }>();

  constructor(events: Pick<HubEvents, 'emit'>, clock: Clock) {
    this.#events = events;
    this.#clock = clock;
  }

  tell(record: IncidentRecord, change: Change): void {
    if (change !== 'joined') {
      this.#forget(record.incidentId);
      this.#events.emit('incident', summaryOf(record), change);
      return;
    }
    const waiting = this.#waiting.get(record.incidentId);
    if (waiting !== undefined) {
      waiting.record = record;
      waiting.isDue = true;
      return;
    }
    this.#events.emit('incident', summaryOf(record), 'joined');
    this.#wait(record);
  }

  /** Ends every timer. */
  stop(): void {
    for (const incidentId of [...this.#waiting.keys()]) this.#forget(incidentId);
  }

  #wait(record: IncidentRecord): void {
    const { incidentId } = record;
    const timer = this.#clock.after(JOINED_EVERY_MS, () => {
      const waiting = this.#waiting.get(incidentId);
      this.#waiting.delete(incidentId);
      if (waiting?.isDue === true) this.tell(waiting.record, 'joined');
    });
    this.#waiting.set(incidentId, { record, timer, isDue: false });
  }

  #forget(incidentId: string): void {
    this.#waiting.get(incidentId)?.timer.cancel();
    this.#waiting.delete(incidentId);
  }
}
