import { Worker } from 'node:worker_threads';
import { SharpEyesError } from '../../contract/errors.ts';
import type { FootageReply, FootageTask, FootageTasks } from './worker-protocol.ts';

interface Waiting {
  onBytes: (bytes: number) => void;
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
}

/** Handle on one thread for heavy footage work. Tasks run one after the other. Started with its first task. */
export class FootageThread {
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #nextId = 1;

  /**
   * Carries out a task in the thread. Aborting ends the thread at once, with whatever else it had to do; files that were being
   * written stay behind for the caller to remove.
   * @throws SharpEyesError with the task's code, STORAGE_FAILED or STORAGE_FULL from the disk; the signal's reason
   */
  run<T extends FootageTask>(
    task: T,
    order: FootageTasks[T]['order'],
    onBytes: (bytes: number) => void = () => undefined,
    signal?: AbortSignal,
  ): Promise<FootageTasks[T]['result']> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const id = this.#nextId++;
      const onAbort = (): void => void this.#end(signal?.reason);
      signal?.addEventListener('abort', onAbort, { once: true });
      const settle = <A>(then: (value: A) => void): ((value: A) => void) => {
        return (value) => {
          signal?.removeEventListener('abort', onAbort);
          then(value);
        };
      };
      this.#waiting.set(id, {
        onBytes,
        resolve: settle((result) => resolve(result as FootageTasks[T]['result'])),
        reject: settle(reject),
      });
      this.#started().postMessage({ id, task, order });
    });
  }

  /** Ends the thread; what it was doing is rejected. */
  async stop(): Promise<void> {
    await this.#end(new SharpEyesError('STORAGE_FAILED', 'The hub stopped while it worked on footage.'));
  }

  #started(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(new URL('./worker.ts', import.meta.url));
    worker.unref();
    worker.on('message', (reply: FootageReply) => this.#receive(reply));
    worker.on('error', (error) =>
      this.#fail(worker, new SharpEyesError('INTERNAL', `footage: ${error}`, { cause: error })),
    );
    worker.on('exit', () => this.#fail(worker, new SharpEyesError('INTERNAL', 'The thread for footage ended.')));
    this.#worker = worker;
    return worker;
  }

  #receive(reply: FootageReply): void {
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    if (reply.kind === 'progress') return waiting.onBytes(reply.bytes);
    this.#waiting.delete(reply.id);
    if (reply.kind === 'done') waiting.resolve(reply.result);
    else waiting.reject(new SharpEyesError(reply.code, reply.message));
  }

  #fail(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
  }

  async #end(reason: unknown): Promise<void> {
    const worker = this.#worker;
    if (worker === null) return;
    this.#fail(worker, reason);
    await worker.terminate();
  }
}
