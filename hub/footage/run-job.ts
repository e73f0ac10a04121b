import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SharpEyesError } from '../../contract/errors.ts';
import type { FootageJob, RecordingGap } from '../../contract/footage.ts';
import { manifestBytes } from '../../evidence/package/manifest.ts';
import { missingFootage } from './gaps.ts';
import { type GatheredCamera, type JobTools, withFootage } from './gather.ts';
import { type CameraFootage, fileNamePart, planPackage } from './package-manifest.ts';
import type { HubSigner } from './signing-key.ts';

/** What a finished job adds to its description. */
export type JobResult = Pick<FootageJob, 'fileBytes' | 'fileName' | 'clipStartAtMs' | 'gaps'>;

/** What sealing needs beside the job's tools. */
export interface SealTools {
  signer: HubSigner;
  version: string;
  nowMs(): number;
}

/**
 * Carries a job out and leaves its file at `resultPath`.
 * @throws SharpEyesError FOOTAGE_MISSING when no camera has footage of the interval; what fetching, cutting and writing throw
 */
export async function runJob(
  job: FootageJob,
  resultPath: string,
  tools: JobTools,
  seal: SealTools,
): Promise<JobResult> {
  const outputPath = join(tools.work, 'result');
  const made =
    job.kind === 'look' ? await look(job, outputPath, tools) : await sealPackage(job, outputPath, tools, seal);
  await rename(outputPath, resultPath);
  return { ...made, fileBytes: (await stat(resultPath)).size };
}

type Made = Omit<JobResult, 'fileBytes'>;
type JobGap = FootageJob['gaps'][number];

/** One film; where parameters changed in between, the longest stretch with the same. */
function look(job: FootageJob, path: string, tools: JobTools): Promise<Made> {
  const { fromMs, toMs } = job;
  const use = async ({ camera, fetched }: GatheredCamera, signal: AbortSignal): Promise<Made> => {
    const order = { fromMs, toMs, joinHoles: true, segments: fetched.segments, path };
    const film = await tools.thread.run('look', order, (bytes) => tools.progress.built(bytes), signal);
    // The film carries on over holes and does not tell where they are; the segments do.
    const recorded = fetched.segments.map(({ record }) => ({ fromMs: record.startAtMs, toMs: record.endAtMs }));
    const gaps = jobGaps(camera.deviceId, missingFootage(job, recorded, fetched.gaps));
    if (film === null) throw nothingRecorded(gaps);
    const fileName = `${fileNamePart(camera.name)}-${dateOf(film.edgeStartAtMs)}.mp4`;
    return { fileName, clipStartAtMs: film.edgeStartAtMs, gaps };
  };
  return withFootage(job, tools, use, async ([made]) => {
    if (made === undefined) throw new SharpEyesError('INVALID_BODY', 'A look needs one camera.');
    return made;
  });
}

function sealPackage(job: FootageJob, outputPath: string, tools: JobTools, seal: SealTools): Promise<Made> {
  const { fromMs, toMs } = job;
  const use = async ({ camera, facts, fetched }: GatheredCamera, signal: AbortSignal): Promise<CameraFootage> => {
    const { segments, links } = fetched;
    const order = { fromMs, toMs, joinHoles: false, segments };
    const parts = await tools.thread.run('measure', order, (bytes) => tools.progress.built(bytes), signal);
    const footage = parts.map(({ plan }) => ({ fromMs: plan.edgeStartAtMs, toMs: plan.edgeEndAtMs }));
    return { camera, facts, parts, segments, gaps: missingFootage(job, footage, fetched.gaps), links };
  };
  return withFootage(job, tools, use, async (footage) => {
    const gaps = footage.flatMap(({ camera, gaps: own }) => jobGaps(camera.deviceId, own)).slice(0, 1000);
    const starts = footage.flatMap(({ parts }) => parts.map(({ plan }) => plan.edgeStartAtMs));
    if (starts.length === 0) throw nothingRecorded(gaps);
    const sealedAtMs = await writeSealed(job, footage, outputPath, tools, seal);
    const fileName = `evidence-${fileNamePart(job.caseNumber ?? '')}-${dateOf(sealedAtMs)}.zip`;
    return { fileName, clipStartAtMs: Math.min(...starts), gaps };
  });
}

async function writeSealed(
  job: FootageJob,
  footage: readonly CameraFootage[],
  outputPath: string,
  { thread, progress, signal }: JobTools,
  { signer, version, nowMs }: SealTools,
): Promise<number> {
  const sealedAtMs = nowMs();
  const { manifest, files } = planPackage(job, footage, { sealedAtMs, version, fingerprint: signer.fingerprint });
  const signature = await signer.sign(manifestBytes(manifest));
  progress.sealing(manifest.files.reduce((sum, file) => sum + file.bytes, 0));
  const order = { manifest, publicKeySpki: signer.publicKeySpki, signature, files, outputPath };
  await thread.run('pack', order, (bytes) => progress.packed(bytes), signal);
  return sealedAtMs;
}

function jobGaps(deviceId: string, gaps: readonly RecordingGap[]): JobGap[] {
  return gaps.map((gap) => ({ deviceId, ...gap }));
}

function nothingRecorded(gaps: readonly JobGap[]): SharpEyesError {
  const cause = gaps[0]?.cause ?? 'not-recorded';
  return new SharpEyesError('FOOTAGE_MISSING', `Nothing was recorded of this time (${cause}).`, { context: { cause } });
}

function dateOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19).replace(/[-:]/g, '');
}
