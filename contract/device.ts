import { type Static, Type } from 'typebox';
import { Id } from './ids.ts';
import { Sealed } from './sealed.ts';

/** How an edge reaches a device. */
export const DriverName = Type.Union([
  Type.Literal('onvif'),
  Type.Literal('rtsp'),
  Type.Literal('sia-dc09'),
  Type.Literal('mqtt-device'),
  Type.Literal('hj212'),
  Type.Literal('modbus'),
]);
/** See the schema of the same name. */
export type DriverName = Static<typeof DriverName>;

/** What a device is to a person. */
export const DeviceType = Type.Union([
  Type.Literal('camera'),
  Type.Literal('door'),
  Type.Literal('alarm-box'),
  Type.Literal('sensor'),
  Type.Literal('other'),
]);
/** See the schema of the same name. */
export type DeviceType = Static<typeof DeviceType>;

/** A device profile, as a person chooses it. */
export const ProfileSummary = Type.Object({
  id: Type.String(),
  driver: DriverName,
  type: DeviceType,
  title: Type.String(),
  titleZh: Type.String(),
});

/** Streams of a camera by role. */
export const StreamName = Type.Union([Type.Literal('main'), Type.Literal('sub')]);
/** See the schema of the same name. */
export type StreamName = Static<typeof StreamName>;

/** Why a device or stream is as it is; the dashboard has a sentence for each. */
export const DEVICE_REASONS = [
  'ok',
  'connecting',
  'unreachable',
  'no-answer',
  'refused-credentials',
  'locked-out',
  'garbage',
  'silent',
  'ended',
  'unsupported-codec',
  'address-not-allowed',
  'supervision-lost',
  'never-seen',
  'stopped',
] as const;
/** One of {@link DEVICE_REASONS}. */
export type DeviceReason = (typeof DEVICE_REASONS)[number];

const Reason = Type.Enum(DEVICE_REASONS);

/** One stream of a camera, as the edge sees it. */
export const StreamInfo = Type.Object({
  name: StreamName,
  codec: Type.Union([Type.String(), Type.Null()]),
  width: Type.Union([Type.Number(), Type.Null()]),
  height: Type.Union([Type.Number(), Type.Null()]),
  fps: Type.Union([Type.Number(), Type.Null()]),
  /** Bits per second over the last seconds. */
  bitrate: Type.Union([Type.Number(), Type.Null()]),
  state: Type.Union([Type.Literal('connecting'), Type.Literal('live'), Type.Literal('idle'), Type.Literal('failed')]),
  reason: Reason,
});
/** See the schema of the same name. */
export type StreamInfo = Static<typeof StreamInfo>;

/** Whether footage is being written. */
export const RecordingInfo = Type.Object({
  state: Type.Union([Type.Literal('recording'), Type.Literal('stopped'), Type.Literal('failed')]),
  reason: Type.Union([
    Type.Literal('ok'),
    Type.Literal('no-stream'),
    Type.Literal('disk-full'),
    Type.Literal('disk-failed'),
    Type.Literal('off'),
  ]),
  sinceMs: Type.Number(),
  /** Edge time of the oldest footage kept; null when there is none. */
  oldestAtMs: Type.Union([Type.Number(), Type.Null()]),
});
/** See the schema of the same name. */
export type RecordingInfo = Static<typeof RecordingInfo>;

/** Maker's data of a device. */
export const DeviceIdentity = Type.Object({
  manufacturer: Type.Union([Type.String({ maxLength: 128 }), Type.Null()]),
  model: Type.Union([Type.String({ maxLength: 128 }), Type.Null()]),
  firmware: Type.Union([Type.String({ maxLength: 128 }), Type.Null()]),
  serial: Type.Union([Type.String({ maxLength: 128 }), Type.Null()]),
  mac: Type.Union([Type.String({ maxLength: 32 }), Type.Null()]),
});
/** See the schema of the same name. */
export type DeviceIdentity = Static<typeof DeviceIdentity>;

/** What a device can do; a missing one counts as false. */
export const DeviceAbilities = Type.Object({
  /** It can be turned or zoomed. */
  ptz: Type.Boolean(),
  /** It has a microphone. */
  listen: Type.Boolean(),
  /** It has a loudspeaker that can be reached. */
  talk: Type.Boolean(),
  /** Viewers in the township's network may take its pictures straight from the edge. */
  direct: Type.Optional(Type.Boolean()),
});
/** See the schema of the same name. */
export type DeviceAbilities = Static<typeof DeviceAbilities>;

/** A device that an edge has registered, as it stands in the edge's inventory. */
export const EdgeDevice = Type.Object({
  deviceId: Id,
  driver: DriverName,
  type: DeviceType,
  /** Address as a person may read it, without user information. */
  address: Type.String({ maxLength: 512 }),
  identity: DeviceIdentity,
  profileId: Type.Union([Type.String({ maxLength: 128 }), Type.Null()]),
  online: Type.Boolean(),
  reason: Reason,
  /** Edge time since when `online` and `reason` hold. */
  sinceMs: Type.Number(),
  /** Device clock minus edge clock; null when unknown. */
  clockOffsetMs: Type.Union([Type.Number(), Type.Null()]),
  streams: Type.Array(StreamInfo, { maxItems: 8 }),
  recording: Type.Union([RecordingInfo, Type.Null()]),
  /** What a person can do with it beyond looking. */
  abilities: Type.Optional(DeviceAbilities),
});
/** See the schema of the same name. */
export type EdgeDevice = Static<typeof EdgeDevice>;

/** Something found on the township's network that nobody has registered yet. */
export const Candidate = Type.Object({
  /** Derived from the device's own identity (endpoint reference, URL), never from its address alone. */
  candidateId: Id,
  driver: DriverName,
  type: DeviceType,
  address: Type.String({ maxLength: 512 }),
  name: Type.String({ maxLength: 128 }),
  hardware: Type.String({ maxLength: 128 }),
  /** How it was found. */
  foundBy: Type.Union([Type.Literal('ws-discovery'), Type.Literal('hello'), Type.Literal('manual')]),
  firstSeenMs: Type.Number(),
  lastSeenMs: Type.Number(),
  /** What is new about it since a person last looked. */
  change: Type.Union([Type.Literal('new'), Type.Literal('moved'), Type.Literal('gone'), Type.Literal('known')]),
});
/** See the schema of the same name. */
export type Candidate = Static<typeof Candidate>;

/** How to reach a device; the edge owns it, the password is sealed to the edge's key. */
export const DeviceConnection = Type.Object(
  {
    /** ONVIF device service or RTSP address, without user information. */
    url: Type.Optional(Type.String({ maxLength: 512 })),
    username: Type.Optional(Type.String({ maxLength: 128 })),
    /** The password, sealed to the edge ({@link Sealed}). */
    password: Type.Optional(Sealed),
    /** DC-09 account (3 to 16 hexadecimal digits). */
    account: Type.Optional(Type.String({ pattern: '^[0-9A-Fa-f]{3,16}$' })),
    /** Identity (MN) of an HJ 212 station. */
    station: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' })),
    /** How a camera's RTP comes; left out: inside the RTSP connection and, where the camera refuses that, over UDP. */
    transport: Type.Optional(Type.Union([Type.Literal('auto'), Type.Literal('tcp'), Type.Literal('udp')])),
  },
  { additionalProperties: false },
);
/** See the schema of the same name. */
export type DeviceConnection = Static<typeof DeviceConnection>;

/** What a probe of a candidate found. */
export const ProbeResult = Type.Object({
  ok: Type.Boolean(),
  reason: Reason,
  /** A sentence with the context needed to act. */
  message: Type.String({ maxLength: 512 }),
  identity: Type.Union([DeviceIdentity, Type.Null()]),
  type: DeviceType,
  streams: Type.Array(StreamInfo, { maxItems: 8 }),
  clockOffsetMs: Type.Union([Type.Number(), Type.Null()]),
  suggestedProfileId: Type.Union([Type.String({ maxLength: 128 }), Type.Null()]),
  /** A still picture, JPEG as base64, at most 300 kB; null when the device gives none. */
  snapshotBase64: Type.Union([Type.String({ maxLength: 420_000 }), Type.Null()]),
});
/** See the schema of the same name. */
export type ProbeResult = Static<typeof ProbeResult>;
