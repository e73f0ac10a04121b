import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { StreamName } from '../../contract/device.ts';
import { RecordingGap, SegmentRecord } from '../../contract/footage.ts';
import { Id } from '../../contract/ids.ts';
import { canonicalJson, parseCanonicalJson } from '../canonical-json.ts';

/** Value of `format`: a package of another format is refused, not guessed at. */
export const MANIFEST_FORMAT = 'sharp-eyes-evidence-1';

/** Name of the first file in a package. */
export const MANIFEST_NAME = 'manifest.json';

/** Largest manifest that is written or read. */
export const MANIFEST_MAX_BYTES = 32 * 1024 * 1024;

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Size = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Nullable = <T extends Type.TSchema>(type: T): Type.TUnion<[T, Type.TNull]> => Type.Union([type, Type.Null()]);
const closed = { additionalProperties: false };

/** Names of the files in a package. Everything else (`..`, absolute paths, control characters) is refused. */
export const FILE_NAME = /^(README\.txt|originals\/\d{2,3}-[\p{L}\p{N}\p{M}_-]{1,60}\.mp4)$/u;

/** A file of the package; `crc32` is what the ZIP headers carry. */
export const PackageFile = Type.Object(
  {
    name: Type.String({ maxLength: 200 }),
    bytes: Size,
    sha256: Sha256,
    crc32: Type.Integer({ minimum: 0, maximum: 0xffffffff }),
  },
  closed,
);
/** See the schema of the same name. */
export type PackageFile = Static<typeof PackageFile>;

/** From `offset` to the next mark (or the end of the file) the bytes have this hash: names the second that was changed. */
export const Mark = Type.Object({ offset: Size, edgeAtMs: Type.Number(), sha256: Sha256 }, closed);
/** See the schema of the same name. */
export type Mark = Static<typeof Mark>;

/**
 * What a part took from one recorded segment: `bytes` at `offset` of the part. Where `whole`, the segment as it was recorded can be
 * made again: the part's first `initBytes` bytes, then the piece with the shift added back; its SHA-256 is in the chain.
 */
export const Piece = Type.Object(
  {
    sequence: Size,
    offset: Size,
    bytes: Size,
    whole: Type.Boolean(),
    /** Taken off the `tfdt` of every fragment of the piece, in the track's time scale. */
    decodeTimeShift: Size,
  },
  closed,
);
/** See the schema of the same name. */
export type Piece = Static<typeof Piece>;

/** Why a part begins where it does. */
export const PartReason = Type.Union([
  Type.Literal('asked'),
  Type.Literal('gap'),
  Type.Literal('parameters-changed'),
  Type.Literal('timeline-restarted'),
]);
/** See the schema of the same name. */
export type PartReason = Static<typeof PartReason>;

/** One uninterrupted film of a camera. */
export const Part = Type.Object(
  {
    file: Type.String({ maxLength: 200 }),
    reason: PartReason,
    edgeStartAtMs: Type.Number(),
    edgeEndAtMs: Type.Number(),
    /** The same by the hub's clock; null while the difference of the clocks is unknown. */
    hubStartAtMs: Nullable(Type.Number()),
    hubEndAtMs: Nullable(Type.Number()),
    frames: Size,
    keyFrames: Size,
    /** RFC 6381, e.g. `avc1.640028`. */
    codec: Type.String({ maxLength: 64 }),
    width: Size,
    height: Size,
    initBytes: Size,
    pieces: Type.Array(Piece, { maxItems: 10_000 }),
    marks: Type.Array(Mark, { maxItems: 10_000 }),
  },
  closed,
);
/** See the schema of the same name. */
export type Part = Static<typeof Part>;

/** An interval [fromMs, toMs) of edge time and the same by the hub's clock, where the difference is known. */
const Interval = Type.Object(
  {
    edgeFromMs: Type.Number(),
    edgeToMs: Type.Number(),
    hubFromMs: Nullable(Type.Number()),
    hubToMs: Nullable(Type.Number()),
  },
  closed,
);

/** Differences of the clocks as they were measured; null where nobody could. */
export const ClockOffsets = Type.Object(
  {
    edgeMinusHubMs: Nullable(Type.Number()),
    deviceMinusEdgeMs: Nullable(Type.Number()),
    /** Hub time of the measurement. */
    measuredAtMs: Nullable(Type.Number()),
  },
  closed,
);
/** See the schema of the same name. */
export type ClockOffsets = Static<typeof ClockOffsets>;

/** One camera's footage. */
export const PackageCamera = Type.Object(
  {
    deviceId: Id,
    name: Type.String({ maxLength: 128 }),
    stream: StreamName,
    edgeId: Id,
    clock: ClockOffsets,
    asked: Interval,
    /** From the key frame at or before the asked start to the last frame; null when nothing was recorded. */
    actual: Nullable(Interval),
    gaps: Type.Array(RecordingGap, { maxItems: 1000 }),
    parts: Type.Array(Part, { maxItems: 999 }),
    /** The recorder's records of every segment that the footage came from. */
    chain: Type.Array(SegmentRecord, { maxItems: 10_000 }),
    /** What the hub found when it checked the chain; null when it holds. */
    chainFault: Nullable(Type.Object({ sequence: Size, fault: Type.String({ maxLength: 32 }) }, closed)),
  },
  closed,
);
/** See the schema of the same name. */
export type PackageCamera = Static<typeof PackageCamera>;

/** Content of `manifest.json`: what is in the package, where it came from and why it was made. */
export const Manifest = Type.Object(
  {
    format: Type.Literal(MANIFEST_FORMAT),
    packageId: Id,
    /** Hub time. */
    sealedAtMs: Type.Number({ minimum: 0, maximum: 8.64e15 }),
    software: Type.Object({ name: Type.String({ maxLength: 64 }), version: Type.String({ maxLength: 64 }) }, closed),
    order: Type.Object(
      {
        caseNumber: Type.String({ maxLength: 64 }),
        purpose: Type.String({ maxLength: 500 }),
        requestedBy: Type.String({ maxLength: 128 }),
        /** Hub time. */
        requestedAtMs: Type.Number(),
        incidentId: Nullable(Id),
      },
      closed,
    ),
    cameras: Type.Array(PackageCamera, { maxItems: 64 }),
    /** In the order of the container, after `manifest.json` and `manifest.sig`. */
    files: Type.Array(PackageFile, { maxItems: 4096 }),
  },
  closed,
);
/** See the schema of the same name. */
export type Manifest = Static<typeof Manifest>;

/** The bytes of `manifest.json`. */
export function manifestBytes(manifest: Manifest): Uint8Array {
  return new TextEncoder().encode(canonicalJson(manifest));
}

/** Reads `manifest.json`; null when it is not canonical, of another shape, or contradicts itself. */
export function parseManifest(bytes: Uint8Array): Manifest | null {
  const manifest = parseCanonicalJson(bytes, (value): value is Manifest => Value.Check(Manifest, value));
  return manifest !== null && isConsistent(manifest) ? manifest : null;
}

function isConsistent(manifest: Manifest): boolean {
  const names = new Set<string>();
  for (const { name } of manifest.files) {
    if (!FILE_NAME.test(name) || name !== name.normalize('NFC') || names.has(name)) return false;
    names.add(name);
  }
  if (!Number.isSafeInteger(2 * manifest.files.reduce((sum, file) => sum + file.bytes, 0))) return false;
  const sizes = new Map(manifest.files.map((file) => [file.name, file.bytes]));
  return manifest.cameras.every((camera) =>
    camera.parts.every((part) => {
      const bytes = sizes.get(part.file);
      return bytes !== undefined && marksCover(part.marks, bytes);
    }),
  );
}

function marksCover(marks: readonly Mark[], bytes: number): boolean {
  let last = -1;
  for (const { offset } of marks) {
    if (offset <= last || offset >= bytes) return false;
    if (last === -1 && offset !== 0) return false;
    last = offset;
  }
  return true;
}
