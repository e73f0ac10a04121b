import { open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '../../contract/errors.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import { freeBytes } from '../../platform/files.ts';
import type { Log } from '../../platform/log.ts';

/** What {@link Ballast} is built from. */
export interface BallastOptions {
  path: string;
  bytes: number;
  clock: Clock;
  log: Log;
  /** It was thrown off, or is there again. */
  onChange(present: boolean): void;
}

const CHECK_MS = 30_000;
const CHUNK_BYTES = 1024 * 1024;

/**
 * A file that only takes up space. On a disk that somebody else has filled it is thrown off, so that alarms can still be
 * committed: even deleting old rows needs room in the database's log.
 */
export class Ballast {
  readonly #options: BallastOptions;
  #timer: TimerHandle | null = null;
  #present = false;
  #working: Promise<void> = Promise.resolve();
  /** Commits that find the disk full together wait for the same release. */
  #releasing: Promise<boolean> | null = null;

  constructor(options: BallastOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { path, bytes, clock } = this.#options;
    this.#present = (await sizeOf(path)) === bytes;
    await this.#refill();
    this.#timer = clock.every(CHECK_MS, () => {
      this.#working = this.#working.then(() => this.#refill());
    });
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#working;
  }

  /** Frees its space; resolves with whether there was any to free. */
  release(): Promise<boolean> {
    this.#releasing ??= this.#release().finally(() => {
      this.#releasing = null;
    });
    return this.#releasing;
  }

  async #release(): Promise<boolean> {
    await this.#working;
    if (!this.#present) return false;
    this.#present = false;
    await rm(this.#options.path, { force: true });
    this.#options.onChange(false);
    return true;
  }

  async #refill(): Promise<void> {
    const { path, bytes, log, onChange } = this.#options;
    if (this.#present) return;
    try {
      if ((await freeBytes(dirname(path))) < 4 * bytes) return;
      await write(path, bytes);
      this.#present = true;
      onChange(true);
    } catch (error) {
      await rm(path, { force: true });
      log.debug({}, `no space is set aside for alarms: ${messageOf(error)}`);
    }
  }
}

/** Real bytes: a sparse file would hold no space. */
async function write(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES, 0x42);
    for (let done = 0; done < bytes; done += CHUNK_BYTES)
      await file.write(chunk, 0, Math.min(CHUNK_BYTES, bytes - done));
    await file.sync();
  } finally {
    await file.close();
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return -1;
  }
}
