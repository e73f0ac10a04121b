import type { SegmentRecord } from '../../contract/footage.ts';
import { verifyChain } from '../chain/chain.ts';
import type { Digests } from '../digest.ts';
import type { ByteSource } from './byte-source.ts';
import type { Manifest, PackageCamera, Part, Piece } from './manifest.ts';
import { recordedHash } from './recorded-segment.ts';
import type { ChainReport } from './verdict.ts';
import type { ZipLayout } from './zip-layout.ts';

/** Checks each camera's chain, and each whole segment in the package against its record. */
export async function checkChains(
  digests: Digests,
  source: ByteSource,
  manifest: Manifest,
  layout: ZipLayout,
): Promise<ChainReport[]> {
  const offsets = new Map(layout.entries.map((entry) => [entry.name, entry.dataOffset]));
  const reports: ChainReport[] = [];
  for (const camera of manifest.cameras) reports.push(await checkCamera(digests, source, camera, offsets));
  return reports;
}

async function checkCamera(
  digests: Digests,
  source: ByteSource,
  camera: PackageCamera,
  offsets: ReadonlyMap<string, number>,
): Promise<ChainReport> {
  const { deviceId, stream, chain } = camera;
  const links = verifyChain(digests, chain);
  const report: ChainReport = {
    deviceId,
    stream,
    segments: chain.length,
    proven: 0,
    fault: links.ok ? null : { sequence: links.sequence, fault: links.fault },
  };
  for (const { part, piece } of wholePieces(camera)) {
    const record = chain.find((candidate) => candidate.sequence === piece.sequence);
    const holds = record !== undefined && (await isAsRecorded(digests, source, part, piece, record, offsets));
    if (holds) report.proven++;
    else report.fault ??= { sequence: piece.sequence, fault: 'segment-differs' };
  }
  return report;
}

function wholePieces(camera: PackageCamera): { part: Part; piece: Piece }[] {
  return camera.parts.flatMap((part) => part.pieces.filter((piece) => piece.whole).map((piece) => ({ part, piece })));
}

async function isAsRecorded(
  digests: Digests,
  source: ByteSource,
  part: Part,
  piece: Piece,
  record: SegmentRecord,
  offsets: ReadonlyMap<string, number>,
): Promise<boolean> {
  const offset = offsets.get(part.file);
  if (offset === undefined || part.initBytes + piece.bytes !== record.bytes) return false;
  return (await recordedHash(digests, source, offset, part.initBytes, piece)) === record.sha256;
}
