import { type Static, Type } from 'typebox';
import { REGION_LEVELS } from '../../contract/api/devices.ts';
import { EVENT_KIND_LIST, EventState, Priority } from '../../contract/event.ts';
import { Id } from '../../contract/ids.ts';
import { section } from '../../platform/config/section.ts';

const Kind = Type.Union(EVENT_KIND_LIST.map((kind) => Type.Literal(kind)));

/** What may join an incident that a rule started. */
export const JoinClause = section({
  kinds: Type.Array(Kind, { minItems: 1, maxItems: 64 }),
  /**
   * Where the event has to come from, seen from the device that started the incident: the device itself, one that a
   * person linked with it, the same region on a level, or a distance on the map.
   */
  where: Type.Union([
    Type.Literal('same-device'),
    Type.Literal('linked'),
    Type.Literal('same-region'),
    Type.Literal('within'),
  ]),
  /** For `same-region`. */
  level: Type.Union(
    REGION_LEVELS.map((level) => Type.Literal(level)),
    { default: 'village' },
  ),
  /** For `within`. */
  meters: Type.Number({ minimum: 1, maximum: 5000, default: 50 }),
  /** Event time: this long before the incident's first event and after its newest. */
  windowSeconds: Type.Number({ minimum: 1, maximum: 86_400 }),
});
/** See the schema of the same name. */
export type JoinClause = Static<typeof JoinClause>;

/** A correlation rule: what starts an incident, what joins it and which cameras are shown. One rule per file. */
export const Rule = section({
  id: Id,
  title: Type.Object(
    { zh: Type.String({ minLength: 1, maxLength: 64 }), en: Type.String({ minLength: 1, maxLength: 64 }) },
    { additionalProperties: false },
  ),
  starts: section({
    /** Without kinds the rule starts on every kind that no other rule starts on, known or not. */
    kinds: Type.Array(Kind, { maxItems: 64, default: [] }),
    states: Type.Array(EventState, { minItems: 1, maxItems: 3, default: ['active', 'pulse'] }),
    /** Only events of this priority or higher (1 is the highest). */
    priorityAtMost: Type.Integer({ minimum: 1, maximum: 4, default: 4 }),
  }),
  /** Priority of the incident; without it that of the event. */
  priority: Type.Optional(Priority),
  joins: Type.Array(JoinClause, { maxItems: 32, default: [] }),
  cameras: section({
    /** The device itself, when it is a camera. */
    own: Type.Boolean({ default: true }),
    linked: Type.Boolean({ default: true }),
    /** Cameras whose field of view covers the place. */
    seesThePlace: Type.Boolean({ default: true }),
    nearest: section({
      count: Type.Integer({ minimum: 0, maximum: 16, default: 2 }),
      maxMeters: Type.Number({ minimum: 1, maximum: 5000, default: 200 }),
    }),
  }),
  /** After this long nothing joins any more, so that a trickle does not keep an incident going for ever. */
  maxDurationMinutes: Type.Number({ minimum: 1, maximum: 10_080, default: 240 }),
  /** Beyond this many events only clears and repetitions of the same alarm join. */
  maxEvents: Type.Integer({ minimum: 1, maximum: 10_000, default: 500 }),
});
/** See the schema of the same name. */
export type Rule = Static<typeof Rule>;
