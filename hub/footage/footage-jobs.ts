import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import type { FootageJob } from '../../contract/footage.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { FootageThread } from './footage-thread.ts';
import { JobFolder, type StoredJob } from './job-folder.ts';
import { JobProgress } from './job-progress.ts';
import type { CameraFacts } from './package-manifest.ts';
import type { FootageSource } from './ports.ts';
import { runJob } from './run-job.ts';
import type { HubSigner } from './signing-key.ts';

/** What a person orders; the rest of a {@link FootageJob} comes from the hub. */
export type FootageOrder = Pick<
  FootageJob,
  'kind' | 'incidentId' | 'caseNumber' | 'purpose' | 'requestedBy' | 'fromMs' | 'toMs' | 'cameras'
>;

/** Settings and ports of {@link FootageJobs}. */
export interface FootageJobsOptions {
  /** Folder of the jobs in the hub's data folder. */
  folder: string;
  source: FootageSource;
  signer: HubSigner;
  /** Edge and clock offsets of a camera. @throws SharpEyesError DEVICE_UNKNOWN */
  factsOf(deviceId: string): Promise<CameraFacts>;
  newId(): string;
  version: string;
  clock: Clock;
  log: Log;
  /** Told about every change; progress at most four times a second and job. */
  onChange(job: FootageJob): void;
  limits?: Partial<typeof DEFAULT_LIMITS>;
}

const DEFAULT_LIMITS = {
  /** Jobs worked on at once. */
  concurrent: 2,
  /** Jobs that may wait or run. */
  unfinished: 100,
  /** How long finished files are kept. */
  keepLookMs: 24 * 3_600_000,
  keepExportMs: 30 * 24 * 3_600_000,
};

const MAX_ATTEMPTS = 3;
const TELL_EVERY_MS = 250;
const CLEAN_EVERY_MS = 3_600_000;

interface Entry extends StoredJob {
  /** Set while the job runs. */
  running: { abort: AbortController; done: Promise<void> } | null;
  toldAtMs: number;
}

/** Orders of footage, from the order to the file on the hub's disk. They survive a restart: what was interrupted begins anew. */
export class FootageJobs {
  readonly #options: FootageJobsOptions;
  readonly #limits: typeof DEFAULT_LIMITS;
  readonly #disk: JobFolder;
  readonly #entries = new Map<string, Entry>();
  #cleaning: TimerHandle | null = null;
  #isStopped = true;

  constructor(options: FootageJobsOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#disk = new JobFolder(options.folder, options.log);
  }

  /** Reads the jobs from the disk and goes on with those that were not finished. */
  async start(): Promise<void> {
    for (const stored of await this.#disk.load()) {
      this.#entries.set(stored.job.jobId, { ...stored, running: null, toldAtMs: 0 });
    }
    this.#isStopped = false;
    await this.#removeExpired();
    this.#cleaning = this.#options.clock.every(CLEAN_EVERY_MS, () => void this.#removeExpired());
    this.#runNext();
  }

  /** Interrupts what runs; it begins anew at the next start. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cleaning?.cancel();
    const running = [...this.#entries.values()].flatMap((entry) => entry.running ?? []);
    for (const { abort } of running) abort.abort(new SharpEyesError('INTERNAL', 'The hub stops.'));
    await Promise.all(running.map(({ done }) => done));
  }

  /**
   * Takes an order; resolves when it is on the disk.
   * @throws SharpEyesError LIMIT_REACHED, INVALID_BODY for an interval that ends before it begins
   */
  async order(order: FootageOrder): Promise<FootageJob> {
    if (!(order.toMs > order.fromMs))
      throw new SharpEyesError('INVALID_BODY', 'The interval must end after it begins.');
    const unfinished = [...this.#entries.values()].filter(({ job }) => !isFinished(job)).length;
    if (unfinished >= this.#limits.unfinished) {
      throw new SharpEyesError('LIMIT_REACHED', `${unfinished} orders of footage are waiting already.`);
    }
    const job: FootageJob = {
      ...order,
      jobId: this.#options.newId(),
      requestedAtMs: this.#options.clock.nowMs(),
      phase: 'waiting',
      progress: 0,
      bytesDone: 0,
      bytesTotal: null,
      error: null,
      fileBytes: null,
      fileName: null,
      clipStartAtMs: null,
      gaps: [],
    };
    const entry: Entry = { job, attempts: 0, running: null, toldAtMs: 0 };
    this.#entries.set(job.jobId, entry);
    try {
      await this.#disk.save({ job, attempts: 0 });
    } catch (error) {
      this.#entries.delete(job.jobId);
      throw new SharpEyesError('STORAGE_FAILED', `The order could not be stored: ${messageOf(error)}`, {
        cause: error,
      });
    }
    this.#options.onChange(job);
    this.#runNext();
    return job;
  }

  /** Every job, newest first. */
  list(): FootageJob[] {
    return [...this.#entries.values()]
      .map(({ job }) => job)
      .toSorted((a, b) => b.requestedAtMs - a.requestedAtMs || (a.jobId < b.jobId ? 1 : -1));
  }

  /** A job, or null. */
  get(jobId: string): FootageJob | null {
    return this.#entries.get(jobId)?.job ?? null;
  }

  /** Path of a finished job's file; null until it is done. */
  filePath(jobId: string): string | null {
    const job = this.get(jobId);
    return job?.phase === 'done' ? this.#disk.resultPath(job) : null;
  }

  /** Stops a job and removes it with its file; false when there is none. */
  async cancel(jobId: string): Promise<boolean> {
    const entry = this.#entries.get(jobId);
    if (entry === undefined) return false;
    this.#entries.delete(jobId);
    entry.running?.abort.abort(new SharpEyesError('CONFLICT', 'The order was cancelled.'));
    await entry.running?.done;
    await this.#disk.remove(jobId);
    this.#runNext();
    return true;
  }

  #runNext(): void {
    const entries = [...this.#entries.values()];
    let free = this.#limits.concurrent - entries.filter((entry) => entry.running !== null).length;
    for (const entry of entries) {
      if (this.#isStopped || free <= 0) return;
      if (entry.running !== null || isFinished(entry.job)) continue;
      const abort = new AbortController();
      entry.running = { abort, done: this.#run(entry, abort.signal) };
      free--;
    }
  }

  async #run(entry: Entry, signal: AbortSignal): Promise<void> {
    const { jobId } = entry.job;
    const thread = new FootageThread();
    try {
      if (entry.attempts >= MAX_ATTEMPTS) {
        throw new SharpEyesError('INTERNAL', 'The hub stopped three times while it worked on this; order it again.');
      }
      entry.attempts++;
      await this.#change(entry, { phase: 'fetching', progress: 0, bytesDone: 0, bytesTotal: null });
      const work = await this.#disk.freshWork(jobId);
      const { source, factsOf, signer, version, clock } = this.#options;
      const progress = new JobProgress(entry.job.cameras.length, (counters) => this.#progress(entry, counters));
      const tools = { source, thread, progress, work, signal, factsOf };
      const seal = { signer, version, nowMs: () => clock.nowMs() };
      const result = await runJob(entry.job, this.#disk.resultPath(entry.job), tools, seal);
      await this.#change(entry, { ...result, phase: 'done', progress: 1 });
    } catch (error) {
      if (!signal.aborted) await this.#fail(entry, error);
      else await this.#putBack(entry);
    } finally {
      await thread.stop();
      await this.#disk.removeWork(jobId).catch((error: unknown) => this.#options.log.warn({ jobId }, messageOf(error)));
      entry.running = null;
      if (!signal.aborted) this.#runNext();
    }
  }

  /** Interrupted by an orderly stop, which is no failed attempt. A cancelled job is not known any more. */
  async #putBack(entry: Entry): Promise<void> {
    if (!this.#entries.has(entry.job.jobId)) return;
    entry.attempts--;
    entry.job = { ...entry.job, phase: 'waiting', progress: 0, bytesDone: 0, bytesTotal: null };
    await this.#store(entry);
  }

  async #fail(entry: Entry, error: unknown): Promise<void> {
    const known = error instanceof SharpEyesError;
    const { jobId } = entry.job;
    this.#options.log[known ? 'warn' : 'error']({ jobId, code: known ? error.code : 'INTERNAL' }, messageOf(error));
    const failure = { code: known ? error.code : 'INTERNAL', message: messageOf(error) };
    entry.job = { ...entry.job, phase: 'failed', error: failure };
    this.#options.onChange(entry.job);
    await this.#store(entry);
  }

  async #store(entry: Entry): Promise<void> {
    const { jobId } = entry.job;
    try {
      await this.#disk.save({ job: entry.job, attempts: entry.attempts });
    } catch (error) {
      this.#options.log.error({ jobId }, `footage: the state of a job cannot be stored: ${messageOf(error)}`);
    }
  }

  /** A step: told at once and stored. */
  async #change(entry: Entry, change: Partial<FootageJob>): Promise<void> {
    entry.job = { ...entry.job, ...change };
    if (!this.#entries.has(entry.job.jobId)) return;
    this.#options.onChange(entry.job);
    await this.#disk.save({ job: entry.job, attempts: entry.attempts });
  }

  #progress(entry: Entry, counters: Partial<FootageJob>): void {
    const phaseChanges = counters.phase !== entry.job.phase;
    entry.job = { ...entry.job, ...counters };
    const nowMs = this.#options.clock.monotonicMs();
    if (!phaseChanges && nowMs - entry.toldAtMs < TELL_EVERY_MS) return;
    entry.toldAtMs = nowMs;
    this.#options.onChange(entry.job);
  }

  async #removeExpired(): Promise<void> {
    const nowMs = this.#options.clock.nowMs();
    for (const { job } of this.#entries.values()) {
      const keepMs = job.kind === 'look' ? this.#limits.keepLookMs : this.#limits.keepExportMs;
      if (!isFinished(job) || job.requestedAtMs + keepMs > nowMs) continue;
      this.#entries.delete(job.jobId);
      await this.#disk
        .remove(job.jobId)
        .catch((error: unknown) => this.#options.log.warn({ jobId: job.jobId }, messageOf(error)));
    }
  }
}

function isFinished(job: FootageJob): boolean {
  return job.phase === 'done' || job.phase === 'failed';
}
