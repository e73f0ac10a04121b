import { type Static, type TSchema, Type } from 'typebox';
import {
  Candidate,
  DeviceConnection,
  DeviceType,
  DriverName,
  EdgeDevice,
  ProbeResult,
  ProfileSummary,
  StreamName,
} from './device.ts';
import { RecordingGap, RecordingTimeline, SegmentRecord } from './footage.ts';
import { Id } from './ids.ts';

function command<P extends TSchema, R extends TSchema>(params: P, result: R): { params: P; result: R } {
  return { params, result };
}

/**
 * Everything the hub may ask of an edge: parameters and result of each order. Requests travel on `commands`, replies on
 * `replies`; an edge answers `NOT_FOUND` to a name it does not know.
 */
export const COMMANDS = {
  /** Send a stream's fragments on the media lane until the lease ends; repeated to renew the lease. */
  'live.start': command(
    Type.Object({
      deviceId: Id,
      stream: StreamName,
      leaseMs: Type.Integer({ minimum: 1000, maximum: 120_000 }),
      /** Number the hub chose; the edge writes it into every media message (`media-frame.ts`). */
      handle: Type.Integer({ minimum: 1, maximum: 0xffffffff }),
    }),
    Type.Object({ stream: StreamName }),
  ),
  /** Stop sending a stream. */
  'live.stop': command(Type.Object({ deviceId: Id, stream: StreamName }), Type.Object({})),
  /** Look for devices now. */
  'discovery.run': command(Type.Object({}), Type.Object({ candidates: Type.Integer() })),
  /** Add a candidate by its RTSP or ONVIF address. */
  'candidate.add': command(
    Type.Object({ url: Type.String({ maxLength: 512 }), name: Type.Optional(Type.String({ maxLength: 128 })) }),
    Candidate,
  ),
  /** Forget a candidate until it is seen again. */
  'candidate.dismiss': command(Type.Object({ candidateId: Id }), Type.Object({})),
  /** Connect to a candidate with credentials and report what it is; at most two sign-in attempts. */
  'device.probe': command(Type.Object({ candidateId: Id, connection: DeviceConnection }), ProbeResult),
  /** Take a device into service. With `candidateId` it is the probed one; without, `connection` says it all. */
  'device.register': command(
    Type.Object({
      deviceId: Id,
      driver: DriverName,
      type: DeviceType,
      candidateId: Type.Union([Id, Type.Null()]),
      connection: DeviceConnection,
      profileId: Type.Union([Type.String({ maxLength: 128 }), Type.Null()]),
      record: Type.Boolean(),
    }),
    EdgeDevice,
  ),
  /** Take a device out of service; its footage stays until retention removes it. */
  'device.remove': command(Type.Object({ deviceId: Id }), Type.Object({})),
  /** A still picture, JPEG as base64, at most 300 kB. */
  'device.snapshot': command(
    Type.Object({ deviceId: Id }),
    Type.Object({ jpegBase64: Type.String({ maxLength: 420_000 }) }),
  ),
  /** Device profiles that the edge knows. */
  'profile.list': command(
    Type.Object({}),
    Type.Object({
      profiles: Type.Array(ProfileSummary, { maxItems: 1000 }),
    }),
  ),
  /** What is recorded in an interval. */
  'footage.timeline': command(
    Type.Object({ deviceId: Id, stream: StreamName, fromMs: Type.Number(), toMs: Type.Number() }),
    RecordingTimeline,
  ),
  /**
   * Upload every segment that overlaps [fromMs, toMs). The reply lists what will arrive and comes before the uploads
   * end; a segment that is still being written is closed first.
   */
  'footage.fetch': command(
    Type.Object({
      requestId: Id,
      deviceId: Id,
      stream: StreamName,
      fromMs: Type.Number(),
      toMs: Type.Number(),
      /** Path on the hub, e.g. `/edge-api/uploads/`; the edge knows the hub's address. */
      uploadPath: Type.String({ maxLength: 128 }),
    }),
    Type.Object({
      segments: Type.Array(SegmentRecord, { maxItems: 5000 }),
      gaps: Type.Array(RecordingGap, { maxItems: 1000 }),
    }),
  ),
} as const;

/** Name of a command. */
export type CommandName = keyof typeof COMMANDS;
/** Parameters of a command. */
export type CommandParams<N extends CommandName> = Static<(typeof COMMANDS)[N]['params']>;
/** Result of a command. */
export type CommandResult<N extends CommandName> = Static<(typeof COMMANDS)[N]['result']>;

/** A request as it travels. */
export const CommandRequest = Type.Object(
  {
    id: Id,
    name: Type.String({ maxLength: 64 }),
    params: Type.Unknown(),
    /** How long the request is worth carrying out after it was received, so that clocks need not agree. */
    ttlMs: Type.Integer({ minimum: 100, maximum: 600_000 }),
    /** Hub time of sending. */
    sentAtMs: Type.Number(),
  },
  { additionalProperties: false },
);
/** See the schema of the same name. */
export type CommandRequest = Static<typeof CommandRequest>;

/** A reply as it travels. */
export const CommandReply = Type.Object(
  {
    id: Id,
    ok: Type.Boolean(),
    result: Type.Optional(Type.Unknown()),
    error: Type.Optional(
      Type.Object({ code: Type.String({ maxLength: 64 }), message: Type.String({ maxLength: 1024 }) }),
    ),
  },
  { additionalProperties: false },
);
/** See the schema of the same name. */
export type CommandReply = Static<typeof CommandReply>;
