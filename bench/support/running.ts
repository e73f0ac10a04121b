import type { BenchProcess } from './processes.ts';

/** Everything that a measurement started, to be ended in reverse order whatever happens. */
export class Running {
  readonly #stops: (() => Promise<unknown>)[] = [];

  /** Keeps something with a `stop()`, or anything with a `process`. */
  keep<T extends { stop(): Promise<unknown> } | { process: BenchProcess }>(thing: T): T {
    this.#stops.push(() => ('process' in thing ? thing.process.stop() : thing.stop()));
    return thing;
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0).reverse()) await stop();
  }
}

/** Runs `work` and ends what it started. */
export async function withRunning<T>(work: (running: Running) => Promise<T>): Promise<T> {
  const running = new Running();
  try {
    return await work(running);
  } finally {
    await running.stop();
  }
}
