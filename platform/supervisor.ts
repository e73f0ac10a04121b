import { messageOf } from '../contract/errors.ts';
import { Backoff, type BackoffOptions } from './backoff.ts';
import { type Clock, delay } from './clock.ts';
import type { Log } from './log.ts';

/** What a supervisor needs. */
export interface SupervisorOptions {
  /** Name in the log. */
  name: string;
  clock: Clock;
  log: Log;
  backoff: BackoffOptions;
  random?: () => number;
  /**
   * One attempt; ends by returning or throwing, and soon after `signal` aborts. `established` says that it works, so
   * that the next failure starts with the shortest wait.
   */
  runOnce(signal: AbortSignal, established: () => void): Promise<void>;
  /** Told about every failed attempt and how long the wait before the next is. */
  onFailure?(error: unknown, waitMs: number): void;
}

/** Keeps something running: attempt, wait with jitter, attempt again, until stopped. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  #abort: AbortController | null = null;
  #done: Promise<void> = Promise.resolve();

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#abort !== null) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.#done = this.#loop(abort.signal);
  }

  /** Ends the running attempt and waits for it. */
  async stop(): Promise<void> {
    this.#abort?.abort();
    await this.#done;
    this.#abort = null;
  }

  async #loop(signal: AbortSignal): Promise<void> {
    const { name, clock, log, runOnce, onFailure } = this.#options;
    const backoff = new Backoff(this.#options.backoff, this.#options.random);
    while (!signal.aborted) {
      let failure: unknown = null;
      try {
        await runOnce(signal, () => backoff.reset());
      } catch (error) {
        failure = error;
      }
      if (signal.aborted) return;
      const waitMs = backoff.nextMs();
      if (failure !== null) {
        log.warn({ waitMs: Math.round(waitMs) }, `${name}: ${messageOf(failure)}`);
        onFailure?.(failure, waitMs);
      }
      await delay(clock, waitMs, signal).catch(() => undefined);
    }
  }
}
