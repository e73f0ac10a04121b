import { Worker } from 'node:worker_threads';
import { ERRORS, type ErrorCode, SharpEyesError } from '../../contract/errors.ts';
import type { FromMediaThread, LiveWorkerData, ToMediaThread } from './protocol.ts';

const STOP_TIMEOUT_MS = 5000;

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

/** The media thread as the main thread sees it. */
export class MediaWorker {
  readonly #worker: Worker;
  #isOver = false;

  constructor(data: LiveWorkerData) {
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: data });
  }

  /**
   * Resolves with the ports when the thread listens; rejects with PORT_TAKEN.
   * @param onMessage gets everything that it says afterwards
   * @param onLost is called when the thread dies by itself
   */
  start(
    onMessage: (message: FromMediaThread) => void,
    onLost: (error: Error) => void,
  ): Promise<{ livePort: number; mediaPort: number; rtspPort?: number }> {
    return new Promise((resolve, reject) => {
      let isReady = false;
      const lost = (error: Error): void => {
        if (this.#isOver) return;
        this.#isOver = true;
        if (isReady) onLost(error);
        else reject(error);
      };
      this.#worker.on('message', (message: FromMediaThread) => {
        if (message.type === 'ready') {
          isReady = true;
          resolve(message);
        } else if (message.type === 'failed') {
          lost(new SharpEyesError(isErrorCode(message.code) ? message.code : 'INTERNAL', message.message));
        } else onMessage(message);
      });
      this.#worker.on('error', (cause) => {
        lost(new SharpEyesError('INTERNAL', 'the thread for live pictures failed', { cause }));
      });
      this.#worker.on('exit', () => lost(new SharpEyesError('INTERNAL', 'the thread for live pictures ended')));
    });
  }

  post(message: ToMediaThread): void {
    if (!this.#isOver) this.#worker.postMessage(message);
  }

  /** Lets the thread end its connections, and ends it at any rate. */
  async stop(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    const exited = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()));
    this.#worker.postMessage({ type: 'stop' } satisfies ToMediaThread);
    const forced = setTimeout(() => void this.#worker.terminate(), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(forced);
  }
}
