import { type Static, Type } from 'typebox';
import { Candidate, EdgeDevice } from './device.ts';
import { EdgeEvent, LANES, type Lane, Sample } from './event.ts';
import { Id, isId } from './ids.ts';

/** Every MQTT topic between edge and hub is made and read here, and nowhere else. */
export const TOPIC_ROOT = 'sharp-eyes/1';

/** Last part of each topic, and who publishes it. */
export type TopicKind =
  | { kind: 'status' | 'inventory' | 'telemetry' | 'replies' }
  | { kind: 'events'; lane: Lane }
  | { kind: 'acks' | 'commands' | 'receipts' | 'talk' }
  | { kind: 'media'; stream: string };

/** What only the hub publishes. */
const TO_EDGE: ReadonlySet<TopicKind['kind']> = new Set(['acks', 'commands', 'receipts', 'talk']);

/** Topics of one edge. */
export const topics = {
  status: (edgeId: string): string => `${TOPIC_ROOT}/${edgeId}/status`,
  inventory: (edgeId: string): string => `${TOPIC_ROOT}/${edgeId}/inventory`,
  events: (edgeId: string, lane: Lane): string => `${TOPIC_ROOT}/${edgeId}/events/${lane}`,
  telemetry: (edgeId: string): string => `${TOPIC_ROOT}/${edgeId}/telemetry`,
  acks: (edgeId: string): string => `${TOPIC_ROOT}/${edgeId}/acks`,
  commands: (edgeId: string): string => `${TOPIC_ROOT}/${edgeId}/commands`,
  replies: (edgeId: string): string => `${TOPIC_ROOT}/${edgeId}/replies`,
  /** Hub → edge on the media connection, QoS 0: what of the live media has arrived; see `receipt.ts`. */
  receipts: (edgeId: string): string => `${TOPIC_ROOT}/${edgeId}/receipts`,
  /** Hub → edge on the media connection, QoS 0: sound for a camera's loudspeaker; `audio` envelopes. */
  talk: (edgeId: string): string => `${TOPIC_ROOT}/${edgeId}/talk`,
  /** @param stream as {@link streamKey} makes it */
  media: (edgeId: string, stream: string): string => `${TOPIC_ROOT}/${edgeId}/media/${stream}`,
};

/** Where devices of the township's own network publish at the edge's local broker. */
const DEVICE_TOPIC_ROOT = 'devices';

/** Topic at which a device reports its state to the edge's local broker. */
export function deviceTopic(deviceId: string): string {
  return `${DEVICE_TOPIC_ROOT}/${deviceId}/state`;
}

/** What follows a device's own prefix in a topic of the local broker ('' for the prefix itself); null outside it. */
export function deviceSubtopic(deviceId: string, topic: string): string | null {
  const prefix = `${DEVICE_TOPIC_ROOT}/${deviceId}`;
  if (topic === prefix) return '';
  return topic.startsWith(`${prefix}/`) ? topic.slice(prefix.length + 1) : null;
}

/** Name of a stream in topics and registries: `<device>.<stream>`, and `.h264` behind it where it was encoded anew. */
export function streamKey(deviceId: string, stream: string, transcode = false): string {
  return transcode ? `${deviceId}.${stream}.h264` : `${deviceId}.${stream}`;
}

/** Reads a topic; null when it is not one of ours. */
export function parseTopic(topic: string): ({ edgeId: string } & TopicKind) | null {
  if (!topic.startsWith(`${TOPIC_ROOT}/`)) return null;
  const [edgeId, kind, last, ...more] = topic.slice(TOPIC_ROOT.length + 1).split('/');
  if (edgeId === undefined || !isId(edgeId) || more.length > 0) return null;
  if (kind === 'events') {
    const lane = LANES.find((name) => name === last);
    return lane === undefined ? null : { edgeId, kind, lane };
  }
  if (kind === 'media') return last === undefined || last === '' ? null : { edgeId, kind, stream: last };
  if (last !== undefined) return null;
  switch (kind) {
    case 'status':
    case 'inventory':
    case 'telemetry':
    case 'replies':
    case 'acks':
    case 'commands':
    case 'receipts':
    case 'talk':
      return { edgeId, kind };
    default:
      return null;
  }
}

/** Whether an edge may publish to a topic: only its own, and only what flows towards the hub. */
export function edgeMayPublish(edgeId: string, topic: string): boolean {
  const parsed = parseTopic(topic);
  return parsed !== null && parsed.edgeId === edgeId && !TO_EDGE.has(parsed.kind);
}

/** Whether an edge may subscribe to a filter: only its own, and only what flows towards it. */
export function edgeMaySubscribe(edgeId: string, filter: string): boolean {
  const parsed = parseTopic(filter);
  return parsed !== null && parsed.edgeId === edgeId && TO_EDGE.has(parsed.kind);
}

/** What the line between edge and hub is like for live media. */
export const LineStatus = Type.Object({
  /** What it bears; null while it was never full. */
  bitsPerSecond: Type.Union([Type.Number(), Type.Null()]),
  /** Shortest time lately from sending a picture to its receipt; null before the first. */
  roundTripMs: Type.Union([Type.Number(), Type.Null()]),
  /** Live media under way, as time of the line's rate. */
  unackedMs: Type.Number(),
  /** Streams of which less is sent than was asked for, because the line bears no more. */
  held: Type.Array(
    Type.Object({
      deviceId: Id,
      stream: Type.Union([Type.Literal('main'), Type.Literal('sub')]),
      level: Type.Union([Type.Literal('main'), Type.Literal('sub'), Type.Literal('keys'), Type.Literal('paused')]),
    }),
    { maxItems: 100 },
  ),
});
/** See the schema of the same name. */
export type LineStatus = Static<typeof LineStatus>;

/** `status`, retained; the last will carries `online: false`. */
export const EdgeStatus = Type.Object(
  {
    online: Type.Boolean(),
    /** Software version. */
    version: Type.String({ maxLength: 32 }),
    /** Changes with every start of the edge's process; two at once betray a cloned disk. */
    instance: Id,
    /** Current epoch of the outbox. */
    epoch: Id,
    /** Edge time of this message; null in the last will. */
    edgeAtMs: Type.Union([Type.Number(), Type.Null()]),
    /** Events waiting for an acknowledgement, per lane. */
    backlog: Type.Object({ alarm: Type.Integer(), event: Type.Integer() }),
    /** What was dropped since start, by cause. */
    dropped: Type.Record(Type.String({ maxLength: 64 }), Type.Number()),
    /** Free bytes on the recording disk; null when unknown. */
    diskFreeBytes: Type.Union([Type.Number(), Type.Null()]),
    /** Sentences about trouble that a person should see, newest last. */
    problems: Type.Array(
      Type.Object({
        code: Type.String({ maxLength: 64 }),
        message: Type.String({ maxLength: 512 }),
        sinceMs: Type.Number(),
      }),
      { maxItems: 32 },
    ),
    /** Where devices of the township reach this edge, for the technician's page. */
    listeners: Type.Array(
      Type.Object({ name: Type.String({ maxLength: 32 }), address: Type.String({ maxLength: 128 }) }),
      { maxItems: 16 },
    ),
    /** Absent before the first picture was sent. */
    line: Type.Optional(LineStatus),
  },
  { additionalProperties: false },
);
/** See the schema of the same name. */
export type EdgeStatus = Static<typeof EdgeStatus>;

/** `inventory`, retained: everything the edge serves and has found. */
export const EdgeInventory = Type.Object(
  {
    /** Counts up with every change. */
    version: Type.Integer(),
    devices: Type.Array(EdgeDevice, { maxItems: 2000 }),
    candidates: Type.Array(Candidate, { maxItems: 500 }),
  },
  { additionalProperties: false },
);
/** See the schema of the same name. */
export type EdgeInventory = Static<typeof EdgeInventory>;

/** `events/<lane>`: events in the order of their sequence numbers, `first`, `first + 1` … without a hole. */
export const EventBatch = Type.Object(
  {
    epoch: Id,
    first: Type.Integer({ minimum: 1 }),
    events: Type.Array(EdgeEvent, { minItems: 1, maxItems: 500 }),
  },
  { additionalProperties: false },
);
/** See the schema of the same name. */
export type EventBatch = Static<typeof EventBatch>;

/** `telemetry`: routine samples. */
export const SampleBatch = Type.Object(
  { samples: Type.Array(Sample, { minItems: 1, maxItems: 1000 }) },
  { additionalProperties: false },
);
/** See the schema of the same name. */
export type SampleBatch = Static<typeof SampleBatch>;

/**
 * `acks`: highest contiguous sequence that the hub has committed, per lane of this epoch (0: none). Sent after every
 * commit and, as a greeting, whenever the edge's `status` says it came online. An edge whose own next sequence is not
 * above an acknowledged one was restored from a backup and starts a new epoch.
 */
export const Acks = Type.Object(
  { epoch: Id, lanes: Type.Object({ alarm: Type.Integer({ minimum: 0 }), event: Type.Integer({ minimum: 0 }) }) },
  { additionalProperties: false },
);
/** See the schema of the same name. */
export type Acks = Static<typeof Acks>;
