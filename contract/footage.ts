import { type Static, Type } from 'typebox';
import { StreamName } from './device.ts';
import { Id } from './ids.ts';

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });

/** One recorded segment and its link in the stream's hash chain (`evidence/chain`). */
export const SegmentRecord = Type.Object(
  {
    deviceId: Id,
    stream: StreamName,
    /** Counts up by one within a stream for as long as the edge's disk lives. */
    sequence: Type.Integer({ minimum: 0 }),
    /** Edge time of the first frame. */
    startAtMs: Type.Number(),
    /** Edge time of the end of the last frame. */
    endAtMs: Type.Number(),
    bytes: Type.Integer({ minimum: 0 }),
    frames: Type.Integer({ minimum: 0 }),
    sha256: Sha256,
    /** `hash` of the record before this one; 64 zeros for the first. */
    previous: Sha256,
    hash: Sha256,
  },
  { additionalProperties: false },
);
/** See the schema of the same name. */
export type SegmentRecord = Static<typeof SegmentRecord>;

/** Why footage is missing. */
export const GAP_CAUSES = [
  'camera-lost',
  'refused-credentials',
  'disk-full',
  'disk-failed',
  'edge-stopped',
  'clock-step',
  'not-recorded',
] as const;

/** An interval over 1 s that should be recorded and is not. */
export const RecordingGap = Type.Object(
  {
    fromMs: Type.Number(),
    toMs: Type.Number(),
    cause: Type.Enum(GAP_CAUSES),
  },
  { additionalProperties: false },
);
/** See the schema of the same name. */
export type RecordingGap = Static<typeof RecordingGap>;

/** What is recorded of one stream in an asked interval. */
export const RecordingTimeline = Type.Object({
  deviceId: Id,
  stream: StreamName,
  fromMs: Type.Number(),
  toMs: Type.Number(),
  ranges: Type.Array(Type.Object({ fromMs: Type.Number(), toMs: Type.Number() }), { maxItems: 10_000 }),
  gaps: Type.Array(RecordingGap, { maxItems: 10_000 }),
});
/** See the schema of the same name. */
export type RecordingTimeline = Static<typeof RecordingTimeline>;

/** Phases of a footage job, in order; `failed` may follow any. */
export const JobPhase = Type.Union([
  Type.Literal('waiting'),
  Type.Literal('fetching'),
  Type.Literal('building'),
  Type.Literal('sealing'),
  Type.Literal('done'),
  Type.Literal('failed'),
]);
/** See the schema of the same name. */
export type JobPhase = Static<typeof JobPhase>;

/** A look at recorded footage or an export, from the order to the file. */
export const FootageJob = Type.Object({
  jobId: Id,
  kind: Type.Union([Type.Literal('look'), Type.Literal('export')]),
  incidentId: Type.Union([Id, Type.Null()]),
  caseNumber: Type.Union([Type.String(), Type.Null()]),
  purpose: Type.String(),
  requestedBy: Type.String(),
  requestedAtMs: Type.Number(),
  fromMs: Type.Number(),
  toMs: Type.Number(),
  cameras: Type.Array(Type.Object({ deviceId: Id, name: Type.String(), stream: StreamName }), { maxItems: 36 }),
  phase: JobPhase,
  /** 0 to 1 over the whole job. */
  progress: Type.Number({ minimum: 0, maximum: 1 }),
  bytesDone: Type.Number(),
  bytesTotal: Type.Union([Type.Number(), Type.Null()]),
  /** Code of `contract/errors.ts` and a sentence, when the job failed. */
  error: Type.Union([Type.Object({ code: Type.String(), message: Type.String() }), Type.Null()]),
  /** Size of the finished file; null until it is done. */
  fileBytes: Type.Union([Type.Number(), Type.Null()]),
  /** File name for the download. */
  fileName: Type.Union([Type.String(), Type.Null()]),
  /** For looks: where the recorded picture really starts (edge time). */
  clipStartAtMs: Type.Union([Type.Number(), Type.Null()]),
  /** Gaps inside the asked interval, per camera. */
  gaps: Type.Array(Type.Object({ deviceId: Id, ...RecordingGap.properties }, { additionalProperties: false }), {
    maxItems: 1000,
  }),
});
/** See the schema of the same name. */
export type FootageJob = Static<typeof FootageJob>;
