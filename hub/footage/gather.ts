import type { FootageJob } from '../../contract/footage.ts';
import type { FootageThread } from './footage-thread.ts';
import type { JobProgress } from './job-progress.ts';
import type { CameraFacts } from './package-manifest.ts';
import type { FetchedFootage, FootageSource } from './ports.ts';

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

/** A camera's segments, on the hub's disk until they are released. */
export interface GatheredCamera {
  camera: FootageJob['cameras'][number];
  facts: CameraFacts;
  fetched: FetchedFootage;
}

/**
 * Fetches the footage of every camera of a job and works on each with `use` as soon as it is here. The first failure ends all.
 * The segments stay until `use` of every camera and `then` of them all are done, and are removed whatever happens.
 */
export async function withFootage<T, R>(
  job: FootageJob,
  tools: JobTools,
  use: (gathered: GatheredCamera, signal: AbortSignal) => Promise<T>,
  then: (used: T[]) => Promise<R>,
): Promise<R> {
  const fetched: FetchedFootage[] = [];
  const used: T[] = [];
  const failure = new AbortController();
  const signal = AbortSignal.any([tools.signal, failure.signal]);
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < job.cameras.length; index = next++) {
      const camera = job.cameras[index];
      if (camera === undefined) return;
      const gathered = await fetchCamera(job, camera, index, { ...tools, signal });
      fetched.push(gathered.fetched);
      used[index] = await use(gathered, signal);
    }
  };
  const lanes = Array.from({ length: Math.min(PARALLEL_CAMERAS, job.cameras.length) }, lane);
  try {
    await Promise.all(lanes);
    return await then(used);
  } catch (error) {
    failure.abort(error);
    await Promise.allSettled(lanes);
    throw error;
  } finally {
    await Promise.all(fetched.map((one) => one.release()));
  }
}

async function fetchCamera(
  job: FootageJob,
  camera: FootageJob['cameras'][number],
  index: number,
  { source, progress, signal, factsOf }: JobTools,
): Promise<GatheredCamera> {
  signal.throwIfAborted();
  const facts = await factsOf(camera.deviceId);
  const range = { deviceId: camera.deviceId, stream: camera.stream, fromMs: job.fromMs, toMs: job.toMs };
  const fetched = await source.fetch(range, (transfer) => progress.fetching(index, transfer), signal);
  const bytes = fetched.segments.reduce((sum, { record }) => sum + record.bytes, 0);
  progress.fetched(index, bytes);
  return { camera, facts, fetched };
}
