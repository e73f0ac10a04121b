import { Worker } from 'node:worker_threads';
import { SharpEyesError } from '../../contract/errors.ts';
import type { Log } from '../log.ts';
import type {
  SqliteFailure,
  SqliteOutcome,
  SqliteReply,
  SqliteRequest,
  SqliteWorkerData,
  SqlValue,
  Statement,
  StatementResult,
} from './protocol.ts';

/** Most requests waiting for the database; beyond it new ones are refused with LIMIT_REACHED. */
const WAITING_MAX = 100_000;

interface Waiting {
  resolve(results: StatementResult[]): void;
  reject(error: Error): void;
}

function errorOf(file: string, failure: SqliteFailure): SharpEyesError {
  if (failure.full) return new SharpEyesError('STORAGE_FULL', `the disk of ${file} is full`, { context: { file } });
  if (failure.constraint) return new SharpEyesError('CONFLICT', failure.message, { context: { file } });
  return new SharpEyesError('STORAGE_FAILED', `${file}: ${failure.message}`, { context: { file } });
}

/** A SQLite database (WAL, `synchronous=FULL`) in a thread of its own. */
export class SqliteDatabase {
  readonly #options: { file: string; migrations: readonly string[]; log: Log };
  readonly #waiting = new Map<number, Waiting>();
  /** Requests of this turn of the event loop: they cross to the other thread together. */
  #outgoing: SqliteRequest[] = [];
  #worker: Worker | null = null;
  #nextId = 1;
  #closed: SharpEyesError | null = null;

  /** @param options `file` is created when missing; `migrations` in order, never changed once shipped */
  constructor(options: { file: string; migrations: readonly string[]; log: Log }) {
    this.#options = options;
  }

  /** Opens the file and brings its schema up to date; rejects with STORAGE_FAILED. */
  start(): Promise<void> {
    const { file, migrations } = this.#options;
    const data: SqliteWorkerData = { file, migrations };
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: data });
    this.#worker = worker;
    this.#closed = null;
    return new Promise((resolve, reject) => {
      worker.on('message', (message: SqliteReply) => {
        if (message.type === 'ready') resolve();
        else if (message.type === 'failed') {
          const error = errorOf(file, message.failure);
          this.#fail(error);
          void worker.terminate();
          reject(error);
        } else for (const outcome of message.outcomes) this.#settle(outcome);
      });
      worker.on('error', (error) => {
        const failure = new SharpEyesError('STORAGE_FAILED', `the thread of ${file} failed: ${error}`, {
          cause: error,
        });
        this.#fail(failure);
        reject(failure);
      });
      worker.on('exit', () => this.#fail(new SharpEyesError('STORAGE_FAILED', `${file} is closed`)));
    });
  }

  /** Commits what waits and closes the file. */
  async stop(): Promise<void> {
    const worker = this.#worker;
    if (worker === null || this.#closed !== null) return;
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    await this.#request((id) => ({ type: 'close', id }));
    await exited;
    this.#worker = null;
  }

  /**
   * Runs the statements as one atomic transaction and resolves after its commit is on the disk. Calls that come
   * together share a commit. Rejects with STORAGE_FULL, CONFLICT (a constraint) or STORAGE_FAILED; then nothing of it
   * was stored.
   */
  transaction(statements: readonly Statement[]): Promise<StatementResult[]> {
    return this.#request((id) => ({ type: 'transaction', id, statements }));
  }

  /** Runs a query on the reading connection; it sees everything committed before. */
  async query(sql: string, params: readonly SqlValue[] = []): Promise<Record<string, SqlValue>[]> {
    const [result] = await this.#request((id) => ({ type: 'query', id, statement: { sql, params } }));
    return result?.rows ?? [];
  }

  #request(build: (id: number) => SqliteRequest): Promise<StatementResult[]> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== null || this.#worker === null) {
        reject(this.#closed ?? new SharpEyesError('STORAGE_FAILED', `${this.#options.file} is not open`));
        return;
      }
      if (this.#waiting.size >= WAITING_MAX) {
        reject(new SharpEyesError('LIMIT_REACHED', `${this.#options.file}: too many requests wait for the database`));
        return;
      }
      const id = this.#nextId++;
      this.#waiting.set(id, { resolve, reject });
      if (this.#outgoing.push(build(id)) === 1) setImmediate(() => this.#send());
    });
  }

  #send(): void {
    const requests = this.#outgoing;
    this.#outgoing = [];
    this.#worker?.postMessage(requests);
  }

  #settle(outcome: SqliteOutcome): void {
    const waiting = this.#waiting.get(outcome.id);
    if (waiting === undefined) return;
    this.#waiting.delete(outcome.id);
    if ('results' in outcome) waiting.resolve(outcome.results);
    else waiting.reject(errorOf(this.#options.file, outcome.failure));
  }

  #fail(error: SharpEyesError): void {
    this.#closed ??= error;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
  }
}
