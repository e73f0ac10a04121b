import { rename, stat } from 'node:fs/promises';
import { SharpEyesError } from '../../contract/errors.ts';
import type { FootageJob } from '../../contract/footage.ts';
import { manifestBytes } from '../../evidence/package/manifest.ts';
import { gatherFootage, type JobTools } from './gather.ts';
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
  const footage = await gatherFootage(job, tools);
  const gaps = footage
    .flatMap(({ camera, gaps: own }) => own.map((gap) => ({ deviceId: camera.deviceId, ...gap })))
    .slice(0, 1000);
  if (footage.every(({ parts }) => parts.length === 0)) {
    const cause = gaps[0]?.cause ?? 'not-recorded';
    throw new SharpEyesError('FOOTAGE_MISSING', `Nothing was recorded of this time (${cause}).`, {
      context: { cause },
    });
  }
  const made =
    job.kind === 'look'
      ? await finishLook(footage, resultPath)
      : await finishExport(job, footage, resultPath, tools, seal);
  const { size } = await stat(resultPath);
  return { ...made, fileBytes: size, gaps };
}

type Made = Pick<JobResult, 'fileName' | 'clipStartAtMs'>;

/** A look is one film; where parameters changed in between, the longest part. */
async function finishLook(footage: readonly CameraFootage[], resultPath: string): Promise<Made> {
  const parts = footage.flatMap((one) => one.parts);
  const [longest] = parts.toSorted((a, b) => b.frames - a.frames);
  if (longest === undefined) throw new SharpEyesError('FOOTAGE_MISSING', 'Nothing was recorded of this time.');
  await rename(longest.path, resultPath);
  const name = fileNamePart(footage[0]?.camera.name ?? '');
  return { fileName: `${name}-${dateOf(longest.edgeStartAtMs)}.mp4`, clipStartAtMs: longest.edgeStartAtMs };
}

async function finishExport(
  job: FootageJob,
  footage: readonly CameraFootage[],
  resultPath: string,
  { thread, progress, signal, work }: JobTools,
  { signer, version, nowMs }: SealTools,
): Promise<Made> {
  const sealedAtMs = nowMs();
  const { manifest, files } = planPackage(job, footage, { sealedAtMs, version, fingerprint: signer.fingerprint });
  const signature = await signer.sign(manifestBytes(manifest));
  progress.sealing(manifest.files.reduce((sum, file) => sum + file.bytes, 0));
  const outputPath = `${work}/package.zip`;
  const { publicKeySpki } = signer;
  const order = { manifest, publicKeySpki, signature, files, outputPath };
  await thread.run('pack', order, (bytes) => progress.packed(bytes), signal);
  await rename(outputPath, resultPath);
  const starts = footage.flatMap(({ parts }) => parts.map((part) => part.edgeStartAtMs));
  const caseNumber = fileNamePart(job.caseNumber ?? '');
  return {
    fileName: `evidence-${caseNumber}-${dateOf(sealedAtMs)}.zip`,
    clipStartAtMs: Math.min(...starts),
  };
}

function dateOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19).replace(/[-:]/g, '');
}
