import { SharpEyesError } from '../../contract/errors.ts';
import { type Digests, sha256Of } from '../digest.ts';
import {
  MANIFEST_MAX_BYTES,
  MANIFEST_NAME,
  type Manifest,
  manifestBytes,
  type PackageFile,
  parseManifest,
} from './manifest.ts';
import { type PackageSigner, SIGNATURE_NAME, signatureBytes } from './signature.ts';
import { layOut } from './zip-layout.ts';

/** A package file's facts from its bytes, for small files that are held in memory. */
export function packageFileOf(digests: Digests, name: string, content: Uint8Array): PackageFile {
  return { name, bytes: content.length, sha256: sha256Of(digests, content), crc32: digests.crc32(content) };
}

/**
 * Seals a package: signs the manifest and yields every byte of the container in order, holding one piece at a time.
 * @param contents opens the bytes of a file named in `manifest.files`
 * @throws SharpEyesError `LIMIT_REACHED` for a manifest over 32 MiB, `STORAGE_FAILED` when a file's bytes are not those that
 *   the manifest describes, `INTERNAL` for a manifest that its own reader would refuse
 */
export async function* writePackage(
  digests: Digests,
  manifest: Manifest,
  signer: PackageSigner,
  contents: (name: string) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const manifestContent = manifestBytes(manifest);
  if (manifestContent.length > MANIFEST_MAX_BYTES) {
    throw new SharpEyesError(
      'LIMIT_REACHED',
      `The list of contents would be ${manifestContent.length} bytes; order fewer cameras or a shorter time.`,
    );
  }
  if (parseManifest(manifestContent) === null) {
    throw new SharpEyesError('INTERNAL', 'The manifest of the package does not have the documented shape.');
  }
  const signature = await signer.sign(manifestContent);
  const seal = signatureBytes({ publicKeySpki: signer.publicKeySpki, signature });
  const front = new Map([
    [MANIFEST_NAME, manifestContent],
    [SIGNATURE_NAME, seal],
  ]);
  const frontFiles = [...front].map(([name, content]) => packageFileOf(digests, name, content));
  const layout = layOut([...frontFiles, ...manifest.files], manifest.sealedAtMs);
  for (const entry of layout.entries) {
    yield entry.header;
    const held = front.get(entry.name);
    if (held !== undefined) yield held;
    else yield* checked(digests, entry, contents(entry.name));
  }
  yield* layout.directory;
  yield layout.end;
}

async function* checked(
  digests: Digests,
  entry: { name: string; bytes: number; crc32: number },
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  let crc = 0;
  for await (const piece of content) {
    bytes += piece.length;
    crc = digests.crc32(piece, crc);
    yield piece;
  }
  if (bytes !== entry.bytes || crc !== entry.crc32) {
    throw new SharpEyesError('STORAGE_FAILED', `${entry.name} changed on disk while it was packaged; order it again.`);
  }
}
