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

const Speed = Type.Number({ minimum: -1, maximum: 1 });

/** A position that a camera remembers. */
export const PtzPreset = Type.Object({
  /** The camera's own name for it. */
  token: Type.String({ maxLength: 64 }),
  /** For people. */
  name: Type.String({ maxLength: 64 }),
});
/** See the schema of the same name. */
export type PtzPreset = Static<typeof PtzPreset>;

/**
 * Everything the hub may ask of an edge: parameters and result of each order. Requests travel on `commands`, replies on
 * `replies`; an edge answers `NOT_FOUND` to a name it does not know.
 */
export const COMMANDS = {
  /**
   * Send a stream's fragments on the media lane until the lease ends; repeated to renew the lease, also with another
   * priority or sound. The result names the stream that is really sent.
   * @throws DEVICE_UNKNOWN, STREAM_UNKNOWN, LIMIT_REACHED, TRANSCODER_MISSING, TRANSCODER_BUSY
   */
  'live.start': command(
    Type.Object({
      deviceId: Id,
      stream: StreamName,
      leaseMs: Type.Integer({ minimum: 1000, maximum: 120_000 }),
      /** Number the hub chose; the edge writes it into every media message (`media-frame.ts`). */
      handle: Type.Integer({ minimum: 1, maximum: 0xffffffff }),
      /** 0 … 9, the highest of its viewers: who keeps a picture when the line is too thin for all. Default 0. */
      priority: Type.Optional(Type.Integer({ minimum: 0, maximum: 9 })),
      /** Sound is wanted too. */
      audio: Type.Optional(Type.Boolean()),
      /** Encode the pictures anew as H.264, for browsers that cannot decode what the camera sends. */
      transcode: Type.Optional(Type.Boolean()),
    }),
    Type.Object({ stream: StreamName }),
  ),
  /** Stop sending a stream, or (`transcode`) what is made of it. */
  'live.stop': command(
    Type.Object({ deviceId: Id, stream: StreamName, transcode: Type.Optional(Type.Boolean()) }),
    Type.Object({}),
  ),
  /**
   * Move a camera; it stops by itself when the order is not repeated within `timeoutMs`. Speeds from -1 to 1: right, up
   * and towards the picture are positive.
   */
  'ptz.move': command(
    Type.Object({
      deviceId: Id,
      pan: Speed,
      tilt: Speed,
      zoom: Speed,
      timeoutMs: Type.Integer({ minimum: 200, maximum: 10_000 }),
    }),
    Type.Object({}),
  ),
  /** Stop a camera's movement; one that stands still is fine. */
  'ptz.stop': command(Type.Object({ deviceId: Id }), Type.Object({})),
  /** Positions that the camera remembers. */
  'ptz.presets': command(
    Type.Object({ deviceId: Id }),
    Type.Object({ presets: Type.Array(PtzPreset, { maxItems: 500 }) }),
  ),
  /** Go to a remembered position. */
  'ptz.goto': command(Type.Object({ deviceId: Id, token: Type.String({ maxLength: 64 }) }), Type.Object({})),
  /** Remember where the camera looks now; with a `token` that position is replaced. */
  'ptz.remember': command(
    Type.Object({
      deviceId: Id,
      token: Type.Optional(Type.String({ maxLength: 64 })),
      name: Type.String({ minLength: 1, maxLength: 64 }),
    }),
    PtzPreset,
  ),
  /** Forget a position. */
  'ptz.forget': command(Type.Object({ deviceId: Id, token: Type.String({ maxLength: 64 }) }), Type.Object({})),
  /** Open the way to a device's loudspeaker; sound then comes on `talk` in envelopes with this handle. */
  'talk.start': command(
    Type.Object({ deviceId: Id, handle: Type.Integer({ minimum: 1, maximum: 0xffffffff }) }),
    Type.Object({}),
  ),
  /** Close it; one that is not open is fine. It also closes by itself when no sound comes for 5 s. */
  'talk.stop': command(Type.Object({ deviceId: Id }), Type.Object({})),
  /** A viewer in the same network takes a stream straight from the edge over WebRTC: its offer, and the answer (SDP). */
  'direct.open': command(
    Type.Object({
      deviceId: Id,
      stream: StreamName,
      sessionId: Id,
      offer: Type.String({ maxLength: 32_768 }),
      leaseMs: Type.Integer({ minimum: 1000, maximum: 120_000 }),
    }),
    Type.Object({ answer: Type.String({ maxLength: 32_768 }) }),
  ),
  /** Such a session may go on for this long. @throws NOT_FOUND when it is over */
  'direct.renew': command(
    Type.Object({ sessionId: Id, leaseMs: Type.Integer({ minimum: 1000, maximum: 120_000 }) }),
    Type.Object({}),
  ),
  /** End such a session; one that is over is fine. */
  'direct.close': command(Type.Object({ sessionId: Id }), Type.Object({})),
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
