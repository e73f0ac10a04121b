import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FootageJob } from '../../contract/footage.ts';
import type { FootageThread } from './footage-thread.ts';
import { missingFootage } from './gaps.ts';
import type { JobProgress } from './job-progress.ts';
import type { CameraFacts, CameraFootage } from './package-manifest.ts';
import type { FootageSource } from './ports.ts';

/** Cameras fetched at the same time within one job. */
const PARALLEL_CAMERAS = 3;

/** What a running job works with. */
export interface JobTools {
  source: FootageSource;
  thread: FootageThread;
  progress: JobProgress;
  /** Empty folder of the job. */
  work: string;
  signal: AbortSignal;
  /** @throws SharpEyesError DEVICE_UNKNOWN */
  factsOf(deviceId: string): Promise<CameraFacts>;
}

/**
 * Fetches and cuts the footage of every camera of a job; each camera's segments are removed as soon as they are cut. The first
 * failure ends all.
 */
export async function gatherFootage(job: FootageJob, tools: JobTools): Promise<CameraFootage[]> {
  const results: CameraFootage[] = [];
  const failure = new AbortController();
  const signal = AbortSignal.any([tools.signal, failure.signal]);
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < job.cameras.length; index = next++) {
      const camera = job.cameras[index];
      if (camera !== undefined) results[index] = await cameraFootage(job, camera, index, { ...tools, signal });
    }
  };
  const lanes = Array.from({ length: Math.min(PARALLEL_CAMERAS, job.cameras.length) }, lane);
  try {
    await Promise.all(lanes);
  } catch (error) {
    failure.abort(error);
    await Promise.allSettled(lanes);
    throw error;
  }
  return results;
}

async function cameraFootage(
  job: FootageJob,
  camera: FootageJob['cameras'][number],
  index: number,
  { source, thread, progress, work, signal, factsOf }: JobTools,
): Promise<CameraFootage> {
  signal.throwIfAborted();
  const facts = await factsOf(camera.deviceId);
  const asked = { fromMs: job.fromMs, toMs: job.toMs };
  const range = { deviceId: camera.deviceId, stream: camera.stream, ...asked };
  const fetched = await source.fetch(range, (transfer) => progress.fetching(index, transfer), signal);
  try {
    progress.fetched(
      index,
      fetched.segments.reduce((sum, { record }) => sum + record.bytes, 0),
    );
    const folder = join(work, String(index));
    await mkdir(folder, { recursive: true });
    const order = {
      ...asked,
      joinHoles: job.kind === 'look',
      segments: fetched.segments,
      outputPrefix: join(folder, 'part'),
    };
    const parts = await thread.run('build', order, (bytes) => progress.built(bytes), signal);
    const footage = parts.map((part) => ({ fromMs: part.edgeStartAtMs, toMs: part.edgeEndAtMs }));
    const gaps = missingFootage(asked, job.kind === 'look' ? recordedIn(fetched.segments) : footage, fetched.gaps);
    return { camera, facts, parts, gaps, links: fetched.links };
  } finally {
    await fetched.release();
  }
}

/** A look carries on over holes, so its film does not tell where they are; the segments do. */
function recordedIn(segments: readonly { record: { startAtMs: number; endAtMs: number } }[]): {
  fromMs: number;
  toMs: number;
}[] {
  return segments.map(({ record }) => ({ fromMs: record.startAtMs, toMs: record.endAtMs }));
}
