import type { EdgeStatus, LineStatus } from '../../contract/topics.ts';
import type { Clock } from '../../platform/clock.ts';

/** One trouble that a person should see. */
export type Problem = EdgeStatus['problems'][number];
/** Where devices reach this edge. */
export type Listener = EdgeStatus['listeners'][number];

const MAX_PROBLEMS = 32;

/** What the edge knows about its own health; every part writes to it, the status message reads it. */
export class StatusBoard {
  readonly #clock: Clock;
  readonly #problems = new Map<string, Problem>();
  readonly #dropped = new Map<string, number>();
  readonly #listeners = new Map<string, Listener>();
  readonly #watchers: (() => void)[] = [];
  #line: () => LineStatus | null = () => null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Says a problem, or changes the sentence of one that is already said. `key` tells problems of one code apart. */
  raise(code: string, message: string, key = ''): void {
    const id = `${code}/${key}`;
    const known = this.#problems.get(id);
    if (known?.message === message) return;
    const sinceMs = known?.sinceMs ?? this.#clock.nowMs();
    this.#problems.set(id, { code, message: message.slice(0, 512), sinceMs });
    this.#changed();
  }

  /** The problem is over. */
  clear(code: string, key = ''): void {
    if (this.#problems.delete(`${code}/${key}`)) this.#changed();
  }

  /** Counts what was dropped, by cause; shown since start. */
  countDropped(cause: string, count = 1): void {
    this.#dropped.set(cause, (this.#dropped.get(cause) ?? 0) + count);
  }

  /** A listener towards the township's network is open. */
  listens(name: string, address: string): void {
    this.#listeners.set(name, { name, address });
    this.#changed();
  }

  /** Calls `watcher` whenever problems or listeners change. */
  onChange(watcher: () => void): void {
    this.#watchers.push(watcher);
  }

  /** Says how to find out what the line is like. */
  watchLine(line: () => LineStatus | null): void {
    this.#line = line;
  }

  /** What the line to the hub is like; null while nothing is known of it. */
  get line(): LineStatus | null {
    return this.#line();
  }

  /** Newest last; the oldest are left out when there are too many. */
  get problems(): Problem[] {
    return [...this.#problems.values()].slice(-MAX_PROBLEMS);
  }

  get dropped(): Record<string, number> {
    return Object.fromEntries(this.#dropped);
  }

  get listeners(): Listener[] {
    return [...this.#listeners.values()].slice(0, 16);
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }
}
