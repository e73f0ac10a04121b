import { EVENT_KINDS } from '../../contract/event.ts';
import type { MappedEvent, Reading } from './map-raw.ts';
import type { DeviceProfile, Limit, ThresholdRule } from './schema.ts';

/** Numbers that a site set for a device, by the profile's parameter names. */
export type Parameters = Readonly<Record<string, number>>;

const MAX_TRACKED = 1_024;

/**
 * Turns measured values into alarms, with hysteresis: between `clearAt` and `raiseAt` nothing changes. One per device.
 * Nothing is known at first, so the first value beyond `raiseAt` raises, and the first one beyond `clearAt` clears: an
 * alarm that ended while the edge was off must not stay open at the hub.
 */
export class ThresholdTracker {
  readonly #parameters: Parameters;
  readonly #raised = new Map<string, boolean>();

  constructor(profile: DeviceProfile, parameters: Parameters = {}) {
    const defaults = Object.entries(profile.parameters ?? {}).map(([name, { default: value }]) => [name, value]);
    this.#parameters = { ...Object.fromEntries(defaults), ...parameters };
  }

  /** Takes one value and returns the alarms that begin or end with it. */
  feed(reading: Reading): MappedEvent[] {
    return (reading.rule.thresholds ?? []).flatMap((threshold) => this.#judge(threshold, reading));
  }

  /** Remembers what is known about a reading's alarms; the returned function brings that back. */
  remember(reading: Reading): () => void {
    const keys = (reading.rule.thresholds ?? []).map((threshold) => keyOf(threshold, reading));
    const before = keys.map((key) => [key, this.#raised.get(key)] as const);
    return () => {
      for (const [key, raised] of before) {
        if (raised === undefined) this.#raised.delete(key);
        else this.#raised.set(key, raised);
      }
    };
  }

  #judge(threshold: ThresholdRule, reading: Reading): MappedEvent[] {
    const raiseAt = this.#limit(threshold.raiseAt);
    const clearAt = this.#limit(threshold.clearAt);
    const sign = threshold.direction === 'above' ? 1 : -1;
    const value = reading.value * sign;
    const key = keyOf(threshold, reading);
    const before = this.#raised.get(key);
    const now = value >= raiseAt * sign ? true : value <= clearAt * sign ? false : before;
    if (now === undefined || now === before) return [];
    if (before === undefined && this.#raised.size >= MAX_TRACKED) return [];
    this.#raised.set(key, now);
    return [
      {
        rule: threshold.id,
        kind: threshold.kind,
        state: now ? 'active' : 'cleared',
        priority: threshold.priority ?? EVENT_KINDS[threshold.kind].priority,
        source: reading.source,
        data: {
          quantity: reading.rule.quantity,
          value: reading.value,
          unit: reading.rule.unit,
          limit: now ? raiseAt : clearAt,
        },
        expireAfterMs: null,
      },
    ];
  }

  #limit(limit: Limit): number {
    return typeof limit === 'number' ? limit : (this.#parameters[limit] ?? Number.POSITIVE_INFINITY);
  }
}

function keyOf(threshold: ThresholdRule, reading: Reading): string {
  return `${threshold.id} ${reading.source ?? ''}`;
}
