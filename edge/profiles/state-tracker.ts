import { EVENT_KINDS } from '../../contract/event.ts';
import type { MappedEvent } from './map-raw.ts';

/** Whether an event says something new, and why not. */
export type Verdict = 'pass' | 'repeated' | 'already-clear';

interface Known {
  readonly event: MappedEvent;
  readonly expiresAtMs: number;
}

const MAX_TRACKED = 1_024;

/**
 * Remembers which states of a device are active, because devices repeat them: on every new subscription, on two topics
 * at once, with every sample. One per device.
 *
 * The first `cleared` after a start passes for alarms (an alarm may have ended while the edge was off) and not for
 * routine states, of which every device reports dozens.
 */
export class StateTracker {
  readonly #active = new Map<string, Known>();
  readonly #cleared = new Set<string>();

  /** @param nowMs monotonic time */
  judge(event: MappedEvent, nowMs: number): Verdict {
    if (event.state === 'pulse') return 'pass';
    const key = keyOf(event);
    const known = this.#active.get(key);
    if (event.state === 'active') {
      if (known === undefined && this.#active.size >= MAX_TRACKED) return 'pass';
      this.#cleared.delete(key);
      this.#active.set(key, { event, expiresAtMs: nowMs + (event.expireAfterMs ?? Number.POSITIVE_INFINITY) });
      return known === undefined ? 'pass' : 'repeated';
    }
    this.#active.delete(key);
    if (known !== undefined) return this.#rememberClear(key, 'pass');
    if (this.#cleared.has(key)) return 'already-clear';
    return this.#rememberClear(key, EVENT_KINDS[event.kind].lane === 'alarm' ? 'pass' : 'already-clear');
  }

  /** Remembers what is known about an event's state; the returned function brings that back. */
  remember(event: MappedEvent): () => void {
    const key = keyOf(event);
    const known = this.#active.get(key);
    const wasCleared = this.#cleared.has(key);
    return () => {
      if (known === undefined) this.#active.delete(key);
      else this.#active.set(key, known);
      if (wasCleared) this.#cleared.add(key);
      else this.#cleared.delete(key);
    };
  }

  /** The `cleared` events of states that the device never cleared itself. */
  expire(nowMs: number): MappedEvent[] {
    const expired = [...this.#active].filter(([, known]) => known.expiresAtMs <= nowMs);
    return expired.map(([key, { event }]) => {
      this.#active.delete(key);
      this.#rememberClear(key, 'pass');
      return { ...event, state: 'cleared', data: { ...event.data, expired: true } };
    });
  }

  #rememberClear(key: string, verdict: Verdict): Verdict {
    if (this.#cleared.size < MAX_TRACKED) this.#cleared.add(key);
    return verdict;
  }
}

function keyOf(event: MappedEvent): string {
  return `${event.kind} ${event.source ?? ''}`;
}
