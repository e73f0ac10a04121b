import { messageOf } from '../../contract/errors.ts';
import type { Sample } from '../../contract/event.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { SqliteDatabase } from '../../platform/sqlite/database.ts';

/** What {@link SampleOutbox} is built from. */
export interface SampleOutboxOptions {
  database: SqliteDatabase;
  clock: Clock;
  log: Log;
  /** Most samples kept for the hub. */
  maxSamples: number;
  /** Pause between two batches, so that a backlog of samples never fills a thin line. */
  pauseMs: number;
  onDropped(samples: number): void;
}

/** Sends a `SampleBatch` as JSON text; resolves when the broker has it. */
export type SendSamples = (json: string) => Promise<void>;

const FLUSH_MS = 1000;
const BATCH_SAMPLES = 500;
/** Samples in memory beyond which the newest are dropped; only reached when the disk does not keep up. */
const BUFFER_SAMPLES = 10_000;

/**
 * Routine sensor samples on their way to the hub: collected for a second, kept on the disk over outages, sent one batch
 * at a time. They are worth less than events: when space runs out they go first, and a crash may cost the last second.
 */
export class SampleOutbox {
  readonly #options: SampleOutboxOptions;
  #buffer: Sample[] = [];
  #stored = 0;
  #timer: TimerHandle | null = null;
  #send: SendSamples | null = null;
  #sending: Promise<void> | null = null;
  #flushing: Promise<void> = Promise.resolve();

  constructor(options: SampleOutboxOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { database, clock } = this.#options;
    const [row] = await database.query('SELECT coalesce(sum(samples), 0) AS samples FROM sample_batch');
    this.#stored = Number(row?.['samples']);
    this.#timer = clock.every(FLUSH_MS, () => this.#flush());
  }

  /** Stores what is collected. The database must still be open. */
  async stop(): Promise<void> {
    this.disconnected();
    this.#timer?.cancel();
    this.#flush();
    await this.#flushing;
    await this.#sending;
  }

  /** Takes a sample; returns at once. */
  add(sample: Sample): void {
    if (this.#buffer.length >= BUFFER_SAMPLES) this.#options.onDropped(1);
    else this.#buffer.push(sample);
  }

  connected(send: SendSamples): void {
    this.#send = send;
    this.#drain();
  }

  disconnected(): void {
    this.#send = null;
  }

  /** Gives up the oldest tenth; resolves with the bytes that it freed. */
  async dropOldest(): Promise<number> {
    const [removed] = await this.#options.database.transaction([
      {
        sql: `DELETE FROM sample_batch WHERE position IN
                (SELECT position FROM sample_batch ORDER BY position LIMIT (SELECT count(*) / 10 + 1 FROM sample_batch))
              RETURNING samples, length(json) AS bytes`,
      },
    ]);
    const rows = removed?.rows ?? [];
    const samples = rows.reduce((sum, row) => sum + Number(row['samples']), 0);
    this.#stored -= samples;
    if (samples > 0) this.#options.onDropped(samples);
    return rows.reduce((sum, row) => sum + Number(row['bytes']), 0);
  }

  #flush(): void {
    while (this.#buffer.length > 0) {
      const samples = this.#buffer.splice(0, BATCH_SAMPLES);
      this.#flushing = this.#flushing.then(() => this.#store(samples));
    }
    this.#flushing = this.#flushing.then(() => this.#drain());
  }

  async #store(samples: readonly Sample[]): Promise<void> {
    try {
      const json = JSON.stringify({ samples });
      await this.#options.database.transaction([
        { sql: 'INSERT INTO sample_batch (samples, json) VALUES (?, ?)', params: [samples.length, json] },
      ]);
      this.#stored += samples.length;
      if (this.#stored > this.#options.maxSamples) await this.dropOldest();
    } catch (error) {
      this.#options.onDropped(samples.length);
      this.#options.log.warn({ samples: samples.length }, `samples could not be stored: ${messageOf(error)}`);
    }
  }

  #drain(): void {
    if (this.#sending !== null || this.#send === null) return;
    this.#sending = this.#sendAll()
      .catch((error) => this.#options.log.debug({}, `samples stay for later: ${messageOf(error)}`))
      .finally(() => {
        this.#sending = null;
      });
  }

  async #sendAll(): Promise<void> {
    const { database, clock, pauseMs } = this.#options;
    while (this.#send !== null) {
      const [row] = await database.query('SELECT position, samples, json FROM sample_batch ORDER BY position LIMIT 1');
      if (row === undefined || this.#send === null) return;
      await this.#send(String(row['json']));
      const position = row['position'] ?? null;
      const [removed] = await database.transaction([
        { sql: 'DELETE FROM sample_batch WHERE position = ?', params: [position] },
      ]);
      if ((removed?.changes ?? 0) > 0) this.#stored -= Number(row['samples']);
      await new Promise<void>((resolve) => clock.after(pauseMs, resolve));
    }
  }
}
