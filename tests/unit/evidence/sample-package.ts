import { generateKeyPairSync, sign } from 'node:crypto';
import { CHAIN_START } from '../../../evidence/chain/chain.ts';
import { nextLink } from '../../../evidence/chain/chain-node.ts';
import { sha256Of } from '../../../evidence/digest.ts';
import { nodeDigests } from '../../../evidence/digest-node.ts';
import type { ByteSource } from '../../../evidence/package/byte-source.ts';
import { MANIFEST_FORMAT, type Manifest } from '../../../evidence/package/manifest.ts';
import { readmeText } from '../../../evidence/package/readme.ts';
import type { PackageSigner } from '../../../evidence/package/signature.ts';
import { packageFileOf, writePackage } from '../../../evidence/package/write.ts';

/** A new key that signs. */
export function newSigner(): PackageSigner {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    publicKeySpki: publicKey.export({ format: 'der', type: 'spki' }),
    sign: async (message) => sign(null, message, privateKey),
  };
}

/** Bytes in memory as a source; every read hands out a copy. */
export function sourceOf(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: async (offset, length) => bytes.slice(offset, offset + length) };
}

const START_MS = Date.UTC(2026, 4, 1, 8, 0, 0);

/** Files of the sample: two "films" of fixed noise, marked every 500 bytes = 1 s. */
export function sampleFiles(): Map<string, Uint8Array> {
  const film = (length: number, seed: number): Uint8Array =>
    Uint8Array.from({ length }, (_, at) => (at * 31 + seed * 17 + (at >> 3)) & 0xff);
  return new Map([
    ['README.txt', new TextEncoder().encode(readmeText('pkg-1', 'ABCD').slice(0, 300))],
    ['originals/01-村口.mp4', film(1800, 1)],
    ['originals/02-gate.mp4', film(1200, 2)],
  ]);
}

/** A manifest over {@link sampleFiles}. */
export function sampleManifest(files = sampleFiles()): Manifest {
  const films = [...files.keys()].filter((name) => name.startsWith('originals/'));
  return {
    format: MANIFEST_FORMAT,
    packageId: 'pkg-1',
    sealedAtMs: Date.UTC(2026, 4, 2, 10, 30, 7, 123),
    software: { name: 'sharp-eyes', version: '0.1.0' },
    order: {
      caseNumber: '2026-0501-17',
      purpose: '盗窃案调查',
      requestedBy: 'officer.li',
      requestedAtMs: Date.UTC(2026, 4, 2, 10, 0, 0),
      incidentId: null,
    },
    cameras: films.map((file, index) => {
      const content = files.get(file) ?? new Uint8Array();
      const deviceId = `cam-${index + 1}`;
      const interval = {
        edgeFromMs: START_MS,
        edgeToMs: START_MS + 3000,
        hubFromMs: START_MS - 20,
        hubToMs: START_MS + 2980,
      };
      return {
        deviceId,
        name: file,
        stream: 'main' as const,
        edgeId: 'edge-1',
        clock: { edgeMinusHubMs: 20, deviceMinusEdgeMs: null, measuredAtMs: START_MS },
        asked: interval,
        actual: interval,
        gaps: [],
        parts: [
          {
            file,
            reason: 'asked' as const,
            edgeStartAtMs: START_MS,
            edgeEndAtMs: START_MS + Math.ceil(content.length / 500) * 1000,
            hubStartAtMs: null,
            hubEndAtMs: null,
            frames: 75,
            keyFrames: 3,
            codec: 'avc1.640028',
            width: 1920,
            height: 1080,
            initBytes: 100,
            pieces: [],
            marks: Array.from({ length: Math.ceil(content.length / 500) }, (_, at) => ({
              offset: at * 500,
              edgeAtMs: START_MS + at * 1000,
              sha256: sha256Of(nodeDigests, content.subarray(at * 500, at * 500 + 500)),
            })),
          },
        ],
        chain: [
          nextLink(CHAIN_START, {
            deviceId,
            stream: 'main',
            sequence: 0,
            startAtMs: START_MS,
            endAtMs: START_MS + 3000,
            bytes: content.length,
            frames: 75,
            sha256: sha256Of(nodeDigests, content),
          }),
        ],
        chainFault: null,
      };
    }),
    files: [...files].map(([name, content]) => packageFileOf(nodeDigests, name, content)),
  };
}

/** Writes a package into memory. */
export async function seal(
  signer: PackageSigner,
  manifest = sampleManifest(),
  files = sampleFiles(),
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const contents = async function* (name: string): AsyncGenerator<Uint8Array> {
    yield files.get(name) ?? new Uint8Array();
  };
  for await (const piece of writePackage(nodeDigests, manifest, signer, contents)) pieces.push(piece);
  return Buffer.concat(pieces);
}
