import { mkdirSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FootageJob, RecordingGap } from '../../contract/footage.ts';
import { FootageJobs, type FootageJobsOptions } from '../../hub/footage/footage-jobs.ts';
import type { FootageSource } from '../../hub/footage/ports.ts';
import { openSigningKey } from '../../hub/footage/signing-key.ts';
import { systemClock } from '../../platform/clock.ts';
import { silentLog } from '../../platform/log.ts';
import { type RecordedSegment, saveSegments } from './recorded-segments.ts';
import { waitFor } from './wait.ts';

/** A source that has segments at hand, as an edge would have sent them. */
export function localSource(
  folder: string,
  recordings: ReadonlyMap<string, readonly RecordedSegment[]>,
  gaps: readonly RecordingGap[] = [],
): FootageSource {
  return {
    async fetch({ deviceId, fromMs, toMs }, onProgress) {
      const own = (recordings.get(deviceId) ?? []).filter(
        ({ record }) => record.endAtMs > fromMs && record.startAtMs < toMs,
      );
      mkdirSync(folder, { recursive: true });
      const target = mkdtempSync(join(folder, 'fetched-'));
      const segments = saveSegments(target, own);
      const bytes = own.reduce((sum, { record }) => sum + record.bytes, 0);
      onProgress({ bytesDone: bytes, bytesTotal: bytes });
      const links = own.map(({ record }) => record);
      return { segments, gaps: [...gaps], links, release: () => rm(target, { recursive: true }) };
    },
  };
}

/** Footage jobs over a source, in a folder; `changes` collects what a dashboard would be told. */
export async function footageHub(
  folder: string,
  source: FootageSource,
  options: Partial<FootageJobsOptions> = {},
): Promise<{
  jobs: FootageJobs;
  fingerprint: string;
  changes: FootageJob[];
  finished(jobId: string): Promise<FootageJob>;
}> {
  const signer = await openSigningKey(join(folder, 'keys'));
  const changes: FootageJob[] = [];
  let count = 0;
  const jobs = new FootageJobs({
    folder: join(folder, 'jobs'),
    source,
    signer,
    factsOf: async () => ({
      edgeId: 'edge-1',
      clock: { edgeMinusHubMs: 40, deviceMinusEdgeMs: -1200, measuredAtMs: 1_700_000_000_000 },
    }),
    newId: () => `job-${++count}`,
    version: '0.1.0',
    clock: systemClock,
    log: silentLog,
    onChange: (job) => changes.push(job),
    ...options,
  });
  await jobs.start();
  const finished = (jobId: string): Promise<FootageJob> =>
    waitFor(`job ${jobId}`, () => {
      const job = jobs.get(jobId);
      return job?.phase === 'done' || job?.phase === 'failed' ? job : null;
    });
  return { jobs, fingerprint: signer.fingerprint, changes, finished };
}
