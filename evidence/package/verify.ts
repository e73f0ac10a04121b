import type { Digests } from '../digest.ts';
import { type ByteSource, holdsAt, readExactly, readThrough } from './byte-source.ts';
import { checkChains } from './check-chains.ts';
import { fingerprintOf, parseFingerprint } from './fingerprint.ts';
import { changedStretches } from './locate.ts';
import { MANIFEST_MAX_BYTES, MANIFEST_NAME, type Manifest, type PackageFile, parseManifest } from './manifest.ts';
import { parseSignature, type Seal, SIGNATURE_MAX_BYTES, SIGNATURE_NAME } from './signature.ts';
import { CONTAINER, type Problem, type ProblemCode, type Verdict } from './verdict.ts';
import { layOut, localHeader, type PlacedEntry, type ZipEntry, type ZipLayout } from './zip-layout.ts';

/** Settings of {@link verifyPackage}. */
export interface VerifyOptions {
  /** Fingerprint of the key that should have signed; grouping and case do not matter. */
  trust?: string;
  /** Called between pieces, 0 to 1. */
  onProgress?: (done: number) => void;
}

/**
 * Checks a package from its first byte to its last. Only the two small files at the front are read by what the container
 * claims, within fixed bounds; from the signed manifest every other byte follows, and is compared. Nothing is unpacked and
 * no directory is believed, so a hostile container can cost no more than reading it once.
 */
export async function verifyPackage(
  digests: Digests,
  source: ByteSource,
  options: VerifyOptions = {},
): Promise<Verdict> {
  const front = await readFront(digests, source);
  if ('problem' in front) {
    return {
      state: front.problem.code === 'not-a-package' ? 'malformed' : 'tampered',
      problems: [front.problem],
      fingerprint: front.seal === null ? null : fingerprintOf(digests, front.seal.publicKeySpki),
      signer: 'unchecked',
      manifest: null,
      chains: [],
    };
  }
  const { manifest, seal, layout } = front;
  const fingerprint = fingerprintOf(digests, seal.publicKeySpki);
  const problems = await compareAll(digests, source, manifest, layout, options.onProgress);
  return {
    state: problems.length === 0 ? 'intact' : 'tampered',
    problems,
    fingerprint,
    signer:
      options.trust === undefined ? 'unchecked' : parseFingerprint(options.trust) === fingerprint ? 'trusted' : 'other',
    manifest,
    chains: await checkChains(digests, source, manifest, layout),
  };
}

interface Front {
  manifest: Manifest;
  seal: Seal;
  layout: ZipLayout;
}

function problem(file: string, code: ProblemCode): Problem {
  return { file, code, footage: [] };
}

/** Manifest and signature: everything that is believed about the rest. */
async function readFront(
  digests: Digests,
  source: ByteSource,
): Promise<Front | { problem: Problem; seal: Seal | null }> {
  const manifestEntry = await readEntry(digests, source, 0, MANIFEST_NAME, MANIFEST_MAX_BYTES);
  if ('problem' in manifestEntry) return { ...manifestEntry, seal: null };
  const signatureEntry = await readEntry(digests, source, manifestEntry.end, SIGNATURE_NAME, SIGNATURE_MAX_BYTES);
  if ('problem' in signatureEntry) return { ...signatureEntry, seal: null };
  const seal = parseSignature(signatureEntry.content);
  if (seal === null) return { problem: problem(SIGNATURE_NAME, 'signature-unreadable'), seal };
  if (!(await digests.verifyEd25519(seal.publicKeySpki, manifestEntry.content, seal.signature))) {
    return { problem: problem(MANIFEST_NAME, 'signature-wrong'), seal };
  }
  const manifest = parseManifest(manifestEntry.content);
  if (manifest === null) return { problem: problem(MANIFEST_NAME, 'manifest-unreadable'), seal };
  const files: ZipEntry[] = [manifestEntry.entry, signatureEntry.entry, ...manifest.files];
  return { manifest, seal, layout: layOut(files, manifest.sealedAtMs) };
}

interface FrontEntry {
  entry: ZipEntry;
  content: Uint8Array;
  /** Offset of what follows. */
  end: number;
}

/** One of the two front files. Of its header only size and CRC are believed; the time is compared later. */
async function readEntry(
  digests: Digests,
  source: ByteSource,
  offset: number,
  name: string,
  maxBytes: number,
): Promise<FrontEntry | { problem: Problem }> {
  const first = offset === 0;
  const length = localHeader({ name, bytes: 0, crc32: 0 }, 0).length;
  const header = await readExactly(source, offset, length);
  if (header.length < length) return { problem: problem(name, first ? 'not-a-package' : 'cut-off') };
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  const entry: ZipEntry = { name, crc32: view.getUint32(14, true), bytes: view.getUint32(18, true) };
  const expected = localHeader(entry, 0);
  const sameButTime = header.every((byte, at) => (at >= 10 && at < 14) || byte === expected[at]);
  if (!sameButTime || entry.bytes > maxBytes) {
    return { problem: problem(name, first ? 'not-a-package' : 'header-changed') };
  }
  const content = await readExactly(source, offset + length, entry.bytes);
  if (content.length < entry.bytes) return { problem: problem(name, 'cut-off') };
  if (digests.crc32(content) !== entry.crc32) return { problem: problem(name, 'content-changed') };
  return { entry, content, end: offset + length + entry.bytes };
}

async function compareAll(
  digests: Digests,
  source: ByteSource,
  manifest: Manifest,
  layout: ZipLayout,
  onProgress: ((done: number) => void) | undefined,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  const sealed = new Map(manifest.files.map((file) => [file.name, file]));
  for (const entry of layout.entries) {
    const file = sealed.get(entry.name);
    const found = await compareEntry(digests, source, entry, file, (at) => onProgress?.(at / layout.totalBytes));
    if (found === null) continue;
    const part = manifest.cameras.flatMap((camera) => camera.parts).find((candidate) => candidate.file === entry.name);
    if (part !== undefined && found.code !== 'header-changed') {
      found.footage = await changedStretches(digests, source, part, entry.dataOffset, entry.bytes);
    }
    problems.push(found);
  }
  if (!(await directoryHolds(source, layout))) problems.push(problem(CONTAINER, 'directory-changed'));
  if (source.size !== layout.totalBytes) problems.push(problem(CONTAINER, 'size-differs'));
  onProgress?.(1);
  return problems;
}

async function compareEntry(
  digests: Digests,
  source: ByteSource,
  entry: PlacedEntry,
  file: PackageFile | undefined,
  onPosition: (at: number) => void,
): Promise<Problem | null> {
  const headerHolds = await holdsAt(source, entry.offset, entry.header);
  if (file !== undefined) {
    const hash = digests.sha256();
    let crc = 0;
    let at = entry.dataOffset;
    const complete = await readThrough(source, entry.dataOffset, entry.bytes, (bytes) => {
      hash.update(bytes);
      crc = digests.crc32(bytes, crc);
      at += bytes.length;
      onPosition(at);
    });
    if (!complete) return problem(entry.name, 'cut-off');
    if (hash.digest() !== file.sha256 || crc !== file.crc32) return problem(entry.name, 'content-changed');
  }
  return headerHolds ? null : problem(entry.name, 'header-changed');
}

async function directoryHolds(source: ByteSource, layout: ZipLayout): Promise<boolean> {
  let at = layout.directoryOffset;
  for (const header of [...layout.directory, layout.end]) {
    if (!(await holdsAt(source, at, header))) return false;
    at += header.length;
  }
  return true;
}
