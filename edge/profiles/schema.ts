import { type Static, Type } from 'typebox';
import { DeviceType, DriverName } from '../../contract/device.ts';
import { EVENT_KIND_LIST, type EventKind, Priority } from '../../contract/event.ts';
import { MODBUS_TABLES } from '../../protocols/modbus/read.ts';
import { MODBUS_TYPES } from '../../protocols/modbus/values.ts';

const CLOSED = { additionalProperties: false } as const;

const Scalar = Type.Union([Type.String({ maxLength: 256 }), Type.Number(), Type.Boolean()]);

/** Where a fact stands in a raw event: names joined by dots, e.g. `data.State`. */
const Path = Type.String({ pattern: '^[A-Za-z_][\\w-]*(\\.[\\w:-]+)*$', maxLength: 128 });

/**
 * What a fact has to be: equal to a scalar (texts without regard to case), one of a list, text with a beginning,
 * text that contains one of several, present or absent, or a number between limits.
 */
export const Matcher = Type.Union([
  Scalar,
  Type.Array(Scalar, { minItems: 1, maxItems: 64 }),
  Type.Object({ startsWith: Type.String({ minLength: 1, maxLength: 256 }) }, CLOSED),
  Type.Object(
    { contains: Type.Array(Type.String({ minLength: 2, maxLength: 64 }), { minItems: 1, maxItems: 64 }) },
    CLOSED,
  ),
  Type.Object({ present: Type.Boolean() }, CLOSED),
  Type.Object({ min: Type.Optional(Type.Number()), max: Type.Optional(Type.Number()) }, CLOSED),
]);
/** See the schema of the same name. */
export type Matcher = Static<typeof Matcher>;

/** All facts named here must match. */
export const When = Type.Record(Type.String(), Matcher, { minProperties: 1, maxProperties: 8 });
/** See the schema of the same name. */
export type When = Static<typeof When>;

/** State of an event: fixed, or decided by the value of a fact, the first of several that is there. A value in no list makes no event. */
export const StateRule = Type.Union([
  Type.Literal('active'),
  Type.Literal('cleared'),
  Type.Literal('pulse'),
  Type.Object(
    {
      at: Type.Union([Path, Type.Array(Path, { minItems: 1, maxItems: 16 })]),
      active: Type.Optional(Type.Array(Scalar, { minItems: 1, maxItems: 32 })),
      cleared: Type.Optional(Type.Array(Scalar, { minItems: 1, maxItems: 32 })),
      pulse: Type.Optional(Type.Array(Scalar, { minItems: 1, maxItems: 32 })),
    },
    CLOSED,
  ),
]);
/** See the schema of the same name. */
export type StateRule = Static<typeof StateRule>;

/** `Unsafe`, because TypeBox cannot see the members of a mapped list and would infer `never`. */
const Kind = Type.Unsafe<EventKind>(Type.Union(EVENT_KIND_LIST.map((kind) => Type.Literal(kind))));
const RuleId = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,47}$' });
const Sources = Type.Array(Path, { minItems: 1, maxItems: 8 });

/** Facts that go into the event's data: from a path, or a fixed value. */
export const DataRule = Type.Record(
  Type.String({ pattern: '^[a-z][A-Za-z0-9]{0,31}$' }),
  Type.Union([Type.Object({ at: Path }, CLOSED), Type.Object({ value: Scalar }, CLOSED)]),
  { maxProperties: 16 },
);
/** See the schema of the same name. */
export type DataRule = Static<typeof DataRule>;

/** One kind of report and the event it becomes. */
export const EventRule = Type.Object(
  {
    id: RuleId,
    when: When,
    kind: Kind,
    state: StateRule,
    /** Which part of the device reported: the first of these facts that is there. */
    source: Type.Optional(Sources),
    data: Type.Optional(DataRule),
    priority: Type.Optional(Priority),
    /** Only for reports that no other rule wants, the first of these that does: what a maker nobody here knows may mean. */
    fallback: Type.Optional(Type.Boolean()),
    /** The device forgets to clear it: cleared by the edge when it was not renewed for this long. */
    expireAfterMs: Type.Optional(Type.Integer({ minimum: 1_000, maximum: 86_400_000 })),
  },
  CLOSED,
);
/** See the schema of the same name. */
export type EventRule = Static<typeof EventRule>;

/** A limit: a number, or the name of a parameter that a site may set. */
export const Limit = Type.Union([Type.Number(), Type.String({ pattern: '^[a-z][A-Za-z0-9]{0,31}$' })]);
/** See the schema of the same name. */
export type Limit = Static<typeof Limit>;

/** An alarm on a measured value, with hysteresis: active from `raiseAt` on, cleared beyond `clearAt`. */
export const ThresholdRule = Type.Object(
  {
    id: RuleId,
    kind: Kind,
    /** `above`: raised at or above `raiseAt`, cleared at or below `clearAt`; `below` the other way round. */
    direction: Type.Union([Type.Literal('above'), Type.Literal('below')]),
    raiseAt: Limit,
    clearAt: Limit,
    priority: Type.Optional(Priority),
  },
  CLOSED,
);
/** See the schema of the same name. */
export type ThresholdRule = Static<typeof ThresholdRule>;

/** A value that the edge reads from a Modbus device. */
export const RegisterRule = Type.Object(
  {
    /** Under which name it stands in the raw event: `values.<id>`. */
    id: Type.String({ pattern: '^[a-z][A-Za-z0-9]{0,31}$' }),
    table: Type.Enum(MODBUS_TABLES),
    /** Counted from 0, as it goes over the line. */
    address: Type.Integer({ minimum: 0, maximum: 65_535 }),
    /** Of registers; bits have none. Default uint16. */
    type: Type.Optional(Type.Enum(MODBUS_TYPES)),
    /** Which register of a larger number comes first; default high-first. */
    words: Type.Optional(Type.Union([Type.Literal('high-first'), Type.Literal('low-first')])),
  },
  CLOSED,
);
/** See the schema of the same name. */
export type RegisterRule = Static<typeof RegisterRule>;

/** A measured quantity. */
export const ReadingRule = Type.Object(
  {
    id: RuleId,
    when: Type.Optional(When),
    quantity: Type.String({ pattern: '^[a-z][a-z0-9-]{0,63}$' }),
    value: Path,
    unit: Type.String({ minLength: 1, maxLength: 16 }),
    /** Factor from the device's unit to `unit`; default 1. */
    scale: Type.Optional(Type.Number()),
    source: Type.Optional(Sources),
    thresholds: Type.Optional(Type.Array(ThresholdRule, { maxItems: 4 })),
  },
  CLOSED,
);
/** See the schema of the same name. */
export type ReadingRule = Static<typeof ReadingRule>;

const SampleEvent = Type.Object(
  {
    rule: RuleId,
    kind: Kind,
    state: Type.Union([Type.Literal('active'), Type.Literal('cleared'), Type.Literal('pulse')]),
    source: Type.Optional(Type.String()),
    data: Type.Optional(Type.Record(Type.String(), Type.Union([Scalar, Type.Null()]))),
  },
  CLOSED,
);

/** A recorded report and what has to become of it: the profile's own proof. Samples follow each other in time. */
export const ProfileSample = Type.Object(
  {
    description: Type.String({ minLength: 1, maxLength: 200 }),
    raw: Type.Record(Type.String(), Type.Unknown()),
    events: Type.Array(SampleEvent, { maxItems: 8 }),
    readings: Type.Optional(
      Type.Array(Type.Object({ quantity: Type.String(), value: Type.Number(), unit: Type.String() }, CLOSED)),
    ),
    /** What the device's clock said, milliseconds since 1970; left out when it said nothing. */
    deviceAtMs: Type.Optional(Type.Number()),
  },
  CLOSED,
);
/** See the schema of the same name. */
export type ProfileSample = Static<typeof ProfileSample>;

/** A number that a site may set, e.g. the level at which a gauge alarms. */
export const Parameter = Type.Object(
  {
    default: Type.Number(),
    unit: Type.String({ maxLength: 16 }),
    title: Type.String({ maxLength: 80 }),
    titleZh: Type.String({ maxLength: 80 }),
  },
  CLOSED,
);

/** A device model: what its reports mean. One file in `device-profiles/`. */
export const DeviceProfile = Type.Object(
  {
    /** Folder and file name: `generic/onvif-camera`. */
    id: Type.String({ pattern: '^[a-z0-9-]+/[a-z0-9-]+$', maxLength: 128 }),
    title: Type.String({ minLength: 1, maxLength: 80 }),
    titleZh: Type.String({ minLength: 1, maxLength: 80 }),
    driver: DriverName,
    type: DeviceType,
    /** Takes over rules, readings and parameters of another profile; a rule with the same id replaces the other's. */
    extends: Type.Optional(Type.String({ maxLength: 128 })),
    /** Makers and models it is suggested for: beginnings, without regard to case. */
    suggestFor: Type.Optional(
      Type.Array(
        Type.Object(
          { manufacturer: Type.Optional(Type.String()), model: Type.Optional(Type.String()) },
          { ...CLOSED, minProperties: 1 },
        ),
        { maxItems: 64 },
      ),
    ),
    /** Distinct troubles of the model, each with where it can be checked. */
    caveats: Type.Optional(
      Type.Array(Type.Object({ text: Type.String(), link: Type.Optional(Type.String()) }, CLOSED), { maxItems: 32 }),
    ),
    parameters: Type.Optional(Type.Record(Type.String({ pattern: '^[a-z][A-Za-z0-9]{0,31}$' }), Parameter)),
    /** Where the device's own time stands: xs:dateTime text, or seconds or milliseconds since 1970. */
    deviceTime: Type.Optional(Path),
    /** What is read of a Modbus device, and how often. */
    registers: Type.Optional(Type.Array(RegisterRule, { minItems: 1, maxItems: 256 })),
    pollSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 3600 })),
    events: Type.Optional(Type.Array(EventRule, { maxItems: 128 })),
    readings: Type.Optional(Type.Array(ReadingRule, { maxItems: 32 })),
    samples: Type.Array(ProfileSample, { minItems: 1, maxItems: 128 }),
  },
  CLOSED,
);
/** See the schema of the same name. */
export type DeviceProfile = Static<typeof DeviceProfile>;
