import type { Priority } from '../../contract/event.ts';
import type { Place } from './place.ts';
import type { Rule } from './rule.ts';

/** An incident that is not closed, as far as linking has to know it. */
export interface OpenIncident {
  readonly incidentId: string;
  readonly number: number;
  /** The rule that started it; null when the rules were changed since, then nothing but clears and repetitions joins. */
  readonly rule: Rule | null;
  /** Where it started. */
  readonly start: Place;
  priority: Priority;
  /** Event time (edge clocks). */
  firstEventAtMs: number;
  lastEventAtMs: number;
  eventCount: number;
  /** `alarmKey` of everything that belongs to it. */
  readonly alarms: Set<string>;
  /** `stateKey` of what is active in it, with the time since when. */
  readonly active: Map<string, number>;
}
