import type { Log } from '../../platform/log.ts';

/** Something that is started and stopped. */
export interface Module {
  start?(): unknown;
  stop?(): unknown;
}

/** The modules that run, in the order in which they were started. */
export class Modules {
  readonly #log: Log;
  readonly #started: { name: string; module: Module }[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  /** Starts a module; it is stopped with the others even when its start fails halfway. */
  async begin<M extends Module>(name: string, module: M): Promise<M> {
    this.#started.push({ name, module });
    await module.start?.();
    return module;
  }

  /** Stops everything in reverse; one that fails does not keep the others running. */
  async stop(): Promise<void> {
    for (let next = this.#started.pop(); next !== undefined; next = this.#started.pop()) {
      try {
        await next.module.stop?.();
      } catch (error) {
        this.#log.error({ err: error, module: next.name }, 'a module did not stop cleanly');
      }
    }
  }
}
