import type { FootageJob, RecordingGap, SegmentRecord } from '../../contract/footage.ts';
import { verifyChain } from '../../evidence/chain/chain.ts';
import { nodeDigests } from '../../evidence/digest-node.ts';
import {
  type ClockOffsets,
  MANIFEST_FORMAT,
  type Manifest,
  type PackageCamera,
  type PackageFile,
  type Part,
} from '../../evidence/package/manifest.ts';
import { README_NAME, readmeText } from '../../evidence/package/readme.ts';
import { packageFileOf } from '../../evidence/package/write.ts';
import type { MeasuredPart } from './clip/cut-clip.ts';
import type { LocalSegmentFile } from './ports.ts';
import type { PackContent } from './worker-protocol.ts';

/** What the hub knows of a camera when footage is ordered. */
export interface CameraFacts {
  edgeId: string;
  clock: ClockOffsets;
}

/** One camera's footage, cut; its bytes still lie in the segments. */
export interface CameraFootage {
  camera: FootageJob['cameras'][number];
  facts: CameraFacts;
  parts: readonly MeasuredPart[];
  segments: readonly LocalSegmentFile[];
  gaps: readonly RecordingGap[];
  links: readonly SegmentRecord[];
}

/** A package ready to be signed and written. */
export interface PackagePlan {
  manifest: Manifest;
  /** By name in the package. */
  files: Map<string, PackContent>;
}

/** Describes a package: pure, the same for the same footage. */
export function planPackage(
  job: FootageJob,
  footage: readonly CameraFootage[],
  about: { sealedAtMs: number; version: string; fingerprint: string },
): PackagePlan {
  const readme = new TextEncoder().encode(readmeText(job.jobId, about.fingerprint));
  const files = new Map<string, PackContent>([[README_NAME, readme]]);
  const listed: PackageFile[] = [packageFileOf(nodeDigests, README_NAME, readme)];
  const cameras = footage.map((one, index) => {
    const names = one.parts.map((_, part) => originalName(index + 1, one.camera.name, part + 1));
    for (const [at, { plan, bytes, sha256, crc32 }] of one.parts.entries()) {
      const name = names[at] ?? '';
      files.set(name, { part: plan, segments: one.segments });
      listed.push({ name, bytes, sha256, crc32 });
    }
    return packageCamera(job, one, names);
  });
  const manifest: Manifest = {
    format: MANIFEST_FORMAT,
    packageId: job.jobId,
    sealedAtMs: about.sealedAtMs,
    software: { name: 'sharp-eyes', version: about.version },
    order: {
      caseNumber: job.caseNumber ?? '',
      purpose: job.purpose,
      requestedBy: job.requestedBy,
      requestedAtMs: job.requestedAtMs,
      incidentId: job.incidentId,
    },
    cameras,
    files: listed,
  };
  return { manifest, files };
}

/** A name as part of a file name: letters, digits and `-`, at most 40 characters. */
export function fileNamePart(text: string): string {
  const words = text
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, '-')
    .replace(/^-+|-+$/g, '');
  const short = [...words].slice(0, 40).join('').normalize('NFC').replace(/-+$/, '');
  return short === '' ? 'camera' : short;
}

function originalName(camera: number, name: string, part: number): string {
  const suffix = part === 1 ? '' : `-part${part}`;
  return `originals/${String(camera).padStart(2, '0')}-${fileNamePart(name)}${suffix}.mp4`;
}

function packageCamera(job: FootageJob, footage: CameraFootage, names: readonly string[]): PackageCamera {
  const { camera, facts, parts, segments, gaps, links } = footage;
  const toHub = (edgeAtMs: number): number | null =>
    facts.clock.edgeMinusHubMs === null ? null : edgeAtMs - facts.clock.edgeMinusHubMs;
  const interval = (fromMs: number, toMs: number): PackageCamera['asked'] => ({
    edgeFromMs: fromMs,
    edgeToMs: toMs,
    hubFromMs: toHub(fromMs),
    hubToMs: toHub(toMs),
  });
  const first = parts[0]?.plan;
  const last = parts.at(-1)?.plan;
  const chain = verifyChain(nodeDigests, links);
  return {
    deviceId: camera.deviceId,
    name: camera.name,
    stream: camera.stream,
    edgeId: facts.edgeId,
    clock: facts.clock,
    asked: interval(job.fromMs, job.toMs),
    actual: first === undefined || last === undefined ? null : interval(first.edgeStartAtMs, last.edgeEndAtMs),
    gaps: [...gaps],
    parts: parts.map((part, at) => packagePart(part, segments, names[at] ?? '', toHub)),
    chain: [...links],
    chainFault: chain.ok ? null : { sequence: chain.sequence, fault: chain.fault },
  };
}

function packagePart(
  { plan, placed, marks }: MeasuredPart,
  segments: readonly LocalSegmentFile[],
  file: string,
  toHub: (edgeAtMs: number) => number | null,
): Part {
  const { reason, edgeStartAtMs, edgeEndAtMs, frames, keyFrames, track } = plan;
  return {
    file,
    reason,
    edgeStartAtMs,
    edgeEndAtMs,
    hubStartAtMs: toHub(edgeStartAtMs),
    hubEndAtMs: toHub(edgeEndAtMs),
    frames,
    keyFrames,
    codec: track.codec,
    width: track.width,
    height: track.height,
    initBytes: plan.init.length,
    pieces: plan.pieces.map(({ segment, whole, decodeTimeShift }, index) => ({
      sequence: segments[segment]?.record.sequence ?? 0,
      offset: placed[index]?.offset ?? 0,
      bytes: placed[index]?.bytes ?? 0,
      whole,
      decodeTimeShift,
    })),
    marks,
  };
}
