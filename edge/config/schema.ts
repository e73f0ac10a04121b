import { type Static, Type } from 'typebox';
import { section } from '../../platform/config/section.ts';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

const Cidr = Type.String({ pattern: '^[0-9a-fA-F.:]+/[0-9]{1,3}$', description: 'Network, e.g. 192.168.1.0/24.' });

const network = section({
  allowed: Type.Array(Cidr, {
    default: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
    maxItems: 64,
    description: 'Networks in which the edge may reach devices. Nothing else is ever dialled for a device.',
  }),
  loopback: Type.Boolean({ default: false, description: 'Devices on this machine itself, for the virtual township.' }),
});

const discovery = section({
  enabled: Type.Boolean({ default: true }),
  addresses: Type.Array(Type.String({ maxLength: 64 }), {
    default: [],
    maxItems: 16,
    description: 'Addresses of this machine on the networks to search; empty: every IPv4 address but loopback.',
  }),
  unicast: Type.Array(Type.String({ maxLength: 64 }), {
    default: [],
    maxItems: 4096,
    description: 'Addresses also asked one by one, for networks that multicast does not reach.',
  }),
  periodSeconds: Type.Integer({ minimum: 5, maximum: 86_400, default: 300 }),
});

const localBroker = section({
  enabled: Type.Boolean({ default: false }),
  host: Type.String({ default: '0.0.0.0' }),
  port: Type.Integer({ minimum: 0, maximum: 65_535, default: 1883 }),
});

const dc09 = section({
  enabled: Type.Boolean({ default: false }),
  host: Type.String({ default: '0.0.0.0' }),
  port: Type.Integer({ minimum: 0, maximum: 65_535, default: 12_128 }),
  accounts: Type.Array(
    Type.Object(
      {
        account: Type.String({ pattern: '^[0-9A-Fa-f]{3,16}$' }),
        key: Type.Optional(Type.String({ pattern: '^([0-9A-Fa-f]{32}|[0-9A-Fa-f]{48}|[0-9A-Fa-f]{64})$' })),
        supervisionSeconds: Type.Optional(Type.Integer({ minimum: 5, maximum: 90_000 })),
        tolerateBadCrc: Type.Optional(Type.Boolean({ description: 'For boxes known to count their CRC wrong.' })),
      },
      { additionalProperties: false },
    ),
    { default: [], maxItems: 1000, description: 'Keys and supervision of alarm boxes by DC-09 account.' },
  ),
});

const hj212 = section({
  enabled: Type.Boolean({ default: false }),
  host: Type.String({ default: '0.0.0.0' }),
  port: Type.Integer({ minimum: 0, maximum: 65_535, default: 9212 }),
  stations: Type.Array(
    Type.Object(
      {
        station: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', description: 'Its number (MN).' }),
        supervisionSeconds: Type.Optional(
          Type.Integer({
            minimum: 5,
            maximum: 90_000,
            description: 'It has to be heard at least so often; 7500 where nothing is said.',
          }),
        ),
        tolerateBadCrc: Type.Optional(Type.Boolean({ description: 'For stations known to count their check wrong.' })),
        utcOffsetMinutes: Type.Optional(
          Type.Integer({
            minimum: -840,
            maximum: 840,
            description: 'Of its clock; 480 (China) where nothing is said.',
          }),
        ),
      },
      { additionalProperties: false },
    ),
    { default: [], maxItems: 1000, description: 'Supervision and habits of environmental stations (HJ 212).' },
  ),
});

const recording = section({
  folder: Type.Union([Type.String({ minLength: 1 }), Type.Null()], {
    default: null,
    description: 'Default: `recordings` in the data folder.',
  }),
  quotaBytes: Type.Number({ minimum: 16 * MIB, default: 100 * GIB, description: 'Oldest footage goes beyond this.' }),
  reserveBytes: Type.Number({
    minimum: 0,
    default: 512 * MIB,
    description: 'Free space that recording leaves to events; below it recording stops.',
  }),
  segmentSeconds: Type.Integer({ minimum: 2, maximum: 120, default: 10 }),
  streams: Type.Union([Type.Literal('main'), Type.Literal('sub'), Type.Literal('both')], { default: 'main' }),
});

const live = section({
  maxStreams: Type.Integer({ minimum: 1, maximum: 1000, default: 64 }),
  bufferBytes: Type.Integer({
    minimum: 32 * 1024,
    default: MIB,
    description: 'Unsent live media beyond which the edge drops to the next key frame.',
  }),
  lineBitsPerSecond: Type.Union([Type.Integer({ minimum: 64_000 }), Type.Null()], {
    default: null,
    description: 'Rate of the line to the hub, e.g. 4000000; null: measured.',
  }),
  headroom: Type.Number({
    minimum: 0,
    maximum: 0.9,
    default: 0.15,
    description: 'Share of the line that live media leaves to events.',
  }),
  transcodes: Type.Integer({
    minimum: 0,
    maximum: 64,
    default: 2,
    description: 'Streams encoded anew at once, for browsers that cannot decode H.265; each takes up to a core.',
  }),
  transcodeWidth: Type.Integer({
    minimum: 320,
    maximum: 3840,
    default: 1280,
    description: 'Wider pictures are made smaller when they are encoded anew.',
  }),
  transcodeKbit: Type.Integer({
    minimum: 200,
    maximum: 20_000,
    default: 1500,
    description: 'Most kbit/s of a picture of 1280 × 720 that is encoded anew; smaller ones get less.',
  }),
});

const direct = section({
  enabled: Type.Boolean({
    default: false,
    description: 'Viewers whom the hub has admitted may take live pictures straight from this edge (WebRTC).',
  }),
  addresses: Type.Array(Type.String({ maxLength: 64 }), {
    default: [],
    maxItems: 16,
    description: 'Addresses of this machine that viewers are told; empty: every one but loopback.',
  }),
  firstPort: Type.Union([Type.Integer({ minimum: 1024, maximum: 65_000 }), Type.Null()], {
    default: null,
    description: 'First of 200 UDP ports for it, where a firewall has to know; null: any.',
  }),
  maxViewers: Type.Integer({ minimum: 1, maximum: 100, default: 8 }),
});

const republish = section({
  enabled: Type.Boolean({
    default: false,
    description: 'Other programs may read streams over RTSP: rtsp://<edge>:<port>/<device>/<main or sub>.',
  }),
  host: Type.String({ default: '0.0.0.0', minLength: 1, maxLength: 253 }),
  port: Type.Integer({ minimum: 0, maximum: 65_535, default: 8554 }),
  udp: Type.Boolean({
    default: false,
    description: 'RTP over UDP too, for readers that ask for it; always over TCP inside the connection.',
  }),
  udpPort: Type.Integer({
    minimum: 0,
    maximum: 65_534,
    multipleOf: 2,
    default: 8556,
    description: 'Even port of RTP over UDP; the one above is for its reports. 0: any.',
  }),
  maxReaders: Type.Integer({ minimum: 1, maximum: 1000, default: 64, description: 'Streams that are read at once.' }),
  certificateFile: Type.Union([Type.String({ minLength: 1 }), Type.Null()], {
    default: null,
    description: 'PEM file with a certificate; with keyFile, readers come over rtsps instead of rtsp.',
  }),
  keyFile: Type.Union([Type.String({ minLength: 1 }), Type.Null()], {
    default: null,
    description: 'PEM file of its key.',
  }),
});

const uplink = section({
  maxBytes: Type.Number({ minimum: MIB, default: 2 * GIB, description: 'Bytes of events kept for the hub.' }),
  maxSamples: Type.Integer({ minimum: 1000, default: 1_000_000 }),
  backlogBytesPerSecond: Type.Integer({
    minimum: 1000,
    default: 250_000,
    description: 'How fast old events drain after an outage; alarms are not held back.',
  }),
});

const limits = section({
  devices: Type.Integer({ minimum: 1, maximum: 2000, default: 500 }),
  candidates: Type.Integer({ minimum: 1, maximum: 500, default: 500 }),
  concurrentDials: Type.Integer({ minimum: 1, maximum: 100, default: 32 }),
});

/** The edge's configuration file. Who the edge is and where its hub is comes from joining, not from here. */
export const EdgeConfig = section({
  data: Type.String({ minLength: 1, default: '.sharp-eyes/edge', description: 'Folder of everything the edge keeps.' }),
  network,
  discovery,
  localBroker,
  dc09,
  hj212,
  recording,
  live,
  direct,
  republish,
  uplink,
  limits,
});
/** See the schema of the same name. */
export type EdgeConfig = Static<typeof EdgeConfig>;
