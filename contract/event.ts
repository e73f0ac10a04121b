import { type Static, Type } from 'typebox';
import { Id } from './ids.ts';

/** Lanes of the outbox. Alarms overtake everything else. */
export const LANES = ['alarm', 'event'] as const;
/** One of {@link LANES}. */
export type Lane = (typeof LANES)[number];

/** 1 is the highest, 4 the lowest (the numbering of GB/T 28181 AlarmPriority). */
export const Priority = Type.Union([Type.Literal(1), Type.Literal(2), Type.Literal(3), Type.Literal(4)]);
/** Urgency of an event or incident; 1 is the highest. */
export type Priority = Static<typeof Priority>;

/**
 * Everything a device or the system itself can report, with its usual priority and lane.
 * Vendor words are mapped to these by `device-profiles/`.
 */
export const EVENT_KINDS = {
  'help.pressed': { priority: 1, lane: 'alarm' },
  duress: { priority: 1, lane: 'alarm' },
  fire: { priority: 1, lane: 'alarm' },
  smoke: { priority: 1, lane: 'alarm' },
  gas: { priority: 1, lane: 'alarm' },
  medical: { priority: 1, lane: 'alarm' },
  burglary: { priority: 1, lane: 'alarm' },
  'door.forced': { priority: 1, lane: 'alarm' },
  'door.held-open': { priority: 2, lane: 'alarm' },
  'door.tamper': { priority: 2, lane: 'alarm' },
  'door.access-denied': { priority: 3, lane: 'event' },
  'door.access-granted': { priority: 4, lane: 'event' },
  'door.opened': { priority: 4, lane: 'event' },
  'door.closed': { priority: 4, lane: 'event' },
  'water-level.high': { priority: 2, lane: 'alarm' },
  'temperature.high': { priority: 2, lane: 'alarm' },
  'dust.high': { priority: 3, lane: 'alarm' },
  'noise.high': { priority: 3, lane: 'alarm' },
  'water-quality': { priority: 2, lane: 'alarm' },
  'sensor.alarm': { priority: 2, lane: 'alarm' },
  tamper: { priority: 2, lane: 'alarm' },
  intrusion: { priority: 2, lane: 'alarm' },
  'line.crossed': { priority: 3, lane: 'event' },
  motion: { priority: 4, lane: 'event' },
  'digital-input': { priority: 3, lane: 'event' },
  'video.loss': { priority: 3, lane: 'event' },
  'power.fault': { priority: 3, lane: 'event' },
  'battery.low': { priority: 4, lane: 'event' },
  'supervision.lost': { priority: 2, lane: 'alarm' },
  'device.offline': { priority: 3, lane: 'event' },
  'device.online': { priority: 4, lane: 'event' },
  'device.clock-offset': { priority: 4, lane: 'event' },
  'device.garbage': { priority: 4, lane: 'event' },
  'recording.gap': { priority: 3, lane: 'event' },
  'storage.full': { priority: 2, lane: 'alarm' },
  test: { priority: 4, lane: 'event' },
  other: { priority: 4, lane: 'event' },
} as const satisfies Record<string, { priority: Priority; lane: Lane }>;

/** One of the kinds of {@link EVENT_KINDS}. */
export type EventKind = keyof typeof EVENT_KINDS;

/** All kinds, for schemas and tests. */
export const EVENT_KIND_LIST = Object.keys(EVENT_KINDS) as EventKind[];

/** Whether a text is a known kind. */
export function isEventKind(text: string): text is EventKind {
  return Object.hasOwn(EVENT_KINDS, text);
}

/** `active` begins a state, `cleared` ends it, `pulse` has no duration. */
export const EventState = Type.Union([Type.Literal('active'), Type.Literal('cleared'), Type.Literal('pulse')]);
/** See the schema of the same name. */
export type EventState = Static<typeof EventState>;

/** Facts of an event: short scalars, e.g. `{ level: 3.2, unit: 'm' }`. */
export const EventData = Type.Record(
  Type.String({ maxLength: 64 }),
  Type.Union([Type.String({ maxLength: 512 }), Type.Number(), Type.Boolean(), Type.Null()]),
  { maxProperties: 32 },
);

/** An event as an edge commits it to its outbox and sends it to the hub. */
export const EdgeEvent = Type.Object(
  {
    /** Time-ordered id, made at the edge. */
    id: Id,
    deviceId: Id,
    kind: Type.String({ maxLength: 64 }),
    state: EventState,
    priority: Priority,
    /** What the device's own clock said; null when it said nothing. */
    deviceAtMs: Type.Union([Type.Number(), Type.Null()]),
    /** When the edge received it, by the edge's clock. */
    edgeAtMs: Type.Number(),
    data: EventData,
    /** Which profile and which of its rules made this event. */
    profile: Type.Optional(Type.String({ maxLength: 128 })),
    /** Part of the device that reported (door, zone, channel, input). */
    source: Type.Optional(Type.String({ maxLength: 128 })),
  },
  { additionalProperties: false },
);
/** See the schema of the same name. */
export type EdgeEvent = Static<typeof EdgeEvent>;

/** A sensor's sample; routine, may be dropped when the outbox is full. */
export const Sample = Type.Object(
  {
    deviceId: Id,
    quantity: Type.String({ maxLength: 64 }),
    value: Type.Number(),
    unit: Type.String({ maxLength: 16 }),
    edgeAtMs: Type.Number(),
  },
  { additionalProperties: false },
);
/** See the schema of the same name. */
export type Sample = Static<typeof Sample>;

/** Events that arrive at the hub more than this after the edge received them are marked late. */
export const LATE_AFTER_MS = 10_000;

/** An event as the hub stores it. */
export interface HubEvent extends EdgeEvent {
  edgeId: string;
  /** When the hub committed it, by the hub's clock. */
  hubAtMs: number;
  /** It arrived more than {@link LATE_AFTER_MS} after the edge received it. */
  late: boolean;
}
