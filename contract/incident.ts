import { type Static, Type } from 'typebox';
import { EdgeEvent, Priority } from './event.ts';
import { Id } from './ids.ts';

/**
 * Lifecycle, the closed loop of county centres. This version walks reported → accepted → closed; the others are
 * reserved so that stored data and clients need no change when they come.
 */
export const INCIDENT_STATES = [
  'reported',
  'accepted',
  'dispatched',
  'handled',
  'verified',
  'closed',
  'rated',
  'returned',
  'suspended',
  'void',
] as const;
/** One of {@link INCIDENT_STATES}. */
export type IncidentState = (typeof INCIDENT_STATES)[number];

/** Why an incident was closed. */
export const CLOSING_CODES = ['handled', 'false-alarm', 'test', 'duplicate', 'other'] as const;
/** One of {@link CLOSING_CODES}. */
export type ClosingCode = (typeof CLOSING_CODES)[number];

/**
 * Why an event belongs to an incident, or why a camera is shown with it. `code` is closed, `params` fill the sentence
 * that the dashboard has for it in each language.
 */
export const Reason = Type.Object(
  {
    code: Type.Union([
      Type.Literal('starts'),
      Type.Literal('same-device'),
      Type.Literal('same-place'),
      Type.Literal('same-region'),
      Type.Literal('within-distance'),
      Type.Literal('linked'),
      Type.Literal('sees-the-place'),
      Type.Literal('nearest'),
      Type.Literal('own-camera'),
      Type.Literal('clears'),
    ]),
    /** E.g. `{ rule: 'help-box', meters: 12, seconds: 8, other: 'Help box 3', region: '北街' }`. */
    params: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
  },
  { additionalProperties: false },
);
/** See the schema of the same name. */
export type Reason = Static<typeof Reason>;

/** An event inside an incident. */
export const IncidentEvent = Type.Object({
  event: EdgeEvent,
  edgeId: Id,
  hubAtMs: Type.Number(),
  late: Type.Boolean(),
  deviceName: Type.String(),
  regionId: Type.Union([Id, Type.Null()]),
  reasons: Type.Array(Reason),
});
/** See the schema of the same name. */
export type IncidentEvent = Static<typeof IncidentEvent>;

/** A camera that is shown with an incident, best first. */
export const IncidentCamera = Type.Object({
  deviceId: Id,
  name: Type.String(),
  distanceM: Type.Union([Type.Number(), Type.Null()]),
  reasons: Type.Array(Reason),
});
/** See the schema of the same name. */
export type IncidentCamera = Static<typeof IncidentCamera>;

/** A note on an incident, or one of the system's own entries in its history. */
export const IncidentEntry = Type.Object({
  atMs: Type.Number(),
  /** Account name; null for the system. */
  by: Type.Union([Type.String(), Type.Null()]),
  kind: Type.Union([
    Type.Literal('note'),
    Type.Literal('opened'),
    Type.Literal('joined'),
    Type.Literal('accepted'),
    Type.Literal('closed'),
    Type.Literal('looked'),
    Type.Literal('exported'),
  ]),
  text: Type.String({ maxLength: 4000 }),
});
/** See the schema of the same name. */
export type IncidentEntry = Static<typeof IncidentEntry>;

/** An incident as lists show it. */
export const IncidentSummary = Type.Object({
  incidentId: Id,
  /** Running number of the centre, for people. */
  number: Type.Integer(),
  /** Kind of the event that started it. */
  kind: Type.String(),
  /** Id of the rule that started it. */
  rule: Type.String(),
  priority: Priority,
  state: Type.Enum(INCIDENT_STATES),
  regionId: Type.Union([Id, Type.Null()]),
  /** Names from the top of the region tree to the place, for reading. */
  regionPath: Type.Array(Type.String()),
  /** Name of the device that started it. */
  deviceName: Type.String(),
  /** Edge time of its first and its newest event. */
  firstEventAtMs: Type.Number(),
  lastEventAtMs: Type.Number(),
  openedAtMs: Type.Number(),
  /** Account that has it. */
  owner: Type.Union([Type.String(), Type.Null()]),
  eventCount: Type.Integer(),
  cameras: Type.Array(IncidentCamera, { maxItems: 16 }),
  /** Counts up with each change; steps name the version they were decided on. */
  version: Type.Integer(),
  closingCode: Type.Union([Type.Enum(CLOSING_CODES), Type.Null()]),
});
/** See the schema of the same name. */
export type IncidentSummary = Static<typeof IncidentSummary>;

/** An incident with everything that belongs to it. */
export const IncidentDetail = Type.Intersect([
  IncidentSummary,
  Type.Object({ events: Type.Array(IncidentEvent), entries: Type.Array(IncidentEntry) }),
]);
/** See the schema of the same name. */
export type IncidentDetail = Static<typeof IncidentDetail>;
