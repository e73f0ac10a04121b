import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { messageOf } from '../../contract/errors.ts';
import { FootageJob } from '../../contract/footage.ts';
import { isId } from '../../contract/ids.ts';
import { writeFileSafely } from '../../platform/files.ts';
import type { Log } from '../../platform/log.ts';

/** A job as it stands on the disk. */
export interface StoredJob {
  job: FootageJob;
  /** How often it was begun; one that a crash interrupts again and again is given up. */
  attempts: number;
}

/** Jobs on the disk: a folder each, with `job.json`, the finished file, and `work/` while it runs. */
export class JobFolder {
  readonly #folder: string;
  readonly #log: Log;

  constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#log = log;
  }

  /** Where the finished file of a job lies. */
  resultPath(job: FootageJob): string {
    return join(this.#folder, job.jobId, job.kind === 'look' ? 'clip.mp4' : 'package.zip');
  }

  /** An empty folder for what a job makes on its way, emptied if it was there. */
  async freshWork(jobId: string): Promise<string> {
    const work = join(this.#folder, jobId, 'work');
    await rm(work, { recursive: true, force: true });
    await mkdir(work, { recursive: true, mode: 0o700 });
    return work;
  }

  /** Removes what a job made on its way; the finished file stays. */
  async removeWork(jobId: string): Promise<void> {
    await rm(join(this.#folder, jobId, 'work'), { recursive: true, force: true });
  }

  /** Writes a job's state durably. */
  save(stored: StoredJob): Promise<void> {
    return writeFileSafely(join(this.#folder, stored.job.jobId, 'job.json'), JSON.stringify(stored));
  }

  /** Removes a job with all its files. */
  async remove(jobId: string): Promise<void> {
    await rm(join(this.#folder, jobId), { recursive: true, force: true });
  }

  /** Every job on the disk; one that cannot be read is logged and passed over. */
  async load(): Promise<StoredJob[]> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const names = (await readdir(this.#folder)).filter(isId);
    const jobs = await Promise.all(names.map((name) => this.#read(name)));
    return jobs.filter((job) => job !== null);
  }

  async #read(name: string): Promise<StoredJob | null> {
    try {
      const { job, attempts } = JSON.parse(await readFile(join(this.#folder, name, 'job.json'), 'utf8')) as StoredJob;
      if (Value.Check(FootageJob, job) && job.jobId === name && Number.isInteger(attempts)) return { job, attempts };
      this.#log.warn({ jobId: name }, 'footage: the description of a job has another shape; it is passed over');
    } catch (error) {
      this.#log.warn({ jobId: name }, `footage: a job cannot be read: ${messageOf(error)}`);
    }
    return null;
  }
}
