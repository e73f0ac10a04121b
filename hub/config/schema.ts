import { type Static, Type } from 'typebox';
import { section } from '../../platform/config/section.ts';

const MIB = 1024 ** 2;
const Port = (byDefault: number, description: string) =>
  Type.Integer({ minimum: 0, maximum: 65_535, default: byDefault, description: `${description} 0: any free one.` });
const Optional = (description: string) =>
  Type.Union([Type.String({ minLength: 1, maxLength: 512 }), Type.Null()], { default: null, description });

const listen = section({
  host: Type.String({
    default: '127.0.0.1',
    minLength: 1,
    maxLength: 253,
    description: 'Address to listen on, for browsers and edges. 0.0.0.0: every address of this machine, with TLS.',
  }),
  port: Port(8443, 'Port of the dashboard and the API.'),
  livePort: Port(8444, 'Port on which the dashboard gets live pictures.'),
});

const broker = section({
  kind: Type.Union([Type.Literal('embedded'), Type.Literal('external')], {
    default: 'embedded',
    description: 'The brokers inside the hub, or two of their own, e.g. Mosquitto: for events and for live pictures.',
  }),
  port: Port(8883, 'Where edges send events.'),
  mediaPort: Port(8884, 'Where edges send live pictures.'),
  url: Optional('external: where the hub reaches it for events, e.g. mqtts://mosquitto:8883.'),
  mediaUrl: Optional('external: where the hub reaches it for live pictures.'),
  publicUrl: Optional('external: where edges reach it for events, when that is another address.'),
  publicMediaUrl: Optional('external: where edges reach it for live pictures, when that is another address.'),
  user: Type.String({ default: 'sharp-eyes-hub', pattern: '^[A-Za-z0-9._-]{1,64}$' }),
  passwordFile: Optional("external: file with the hub's password at the broker; made when it is missing."),
  files: Optional("external: folder for Mosquitto's files, written anew whenever an edge joins."),
  pidFile: Optional('external: pid file of the Mosquitto for events, which is told (SIGHUP) to read its files again.'),
  mediaPidFile: Optional('external: the same of the one for live pictures.'),
});

const republish = section({
  enabled: Type.Boolean({
    default: false,
    description: 'Other programs may read live streams over RTSP: rtsp(s)://<hub>:<port>/<device>/<main or sub>.',
  }),
  host: Optional('Address to listen on for it; by default the one of `listen`.'),
  port: Port(8554, 'Port of RTSP.'),
  udp: Type.Boolean({
    default: false,
    description: 'RTP over UDP too, for readers that ask for it; with TLS the pictures then go in the clear.',
  }),
  udpPort: Type.Integer({
    minimum: 0,
    maximum: 65_534,
    multipleOf: 2,
    default: 8556,
    description: 'Even port of RTP over UDP; the one above is for its reports. 0: any.',
  }),
  plain: Type.Boolean({
    default: false,
    description:
      'rtsp instead of rtsps although the hub has TLS, for programs that know no other; pictures go in the clear.',
  }),
  maxReaders: Type.Integer({ minimum: 1, maximum: 1000, default: 64, description: 'Streams that are read at once.' }),
});

const retention = section({
  clipHours: Type.Integer({ minimum: 1, maximum: 8760, default: 24, description: 'Recorded clips for viewing.' }),
  packageDays: Type.Integer({ minimum: 1, maximum: 3650, default: 30, description: 'Sealed packages.' }),
  sampleDays: Type.Integer({ minimum: 1, maximum: 3650, default: 90, description: "Sensors' samples." }),
  samples: Type.Integer({ minimum: 1000, default: 20_000_000, description: 'Most samples kept; the oldest go.' }),
});

const limits = section({
  connections: Type.Integer({ minimum: 10, default: 2000, description: 'Open connections to the web server.' }),
  dashboards: Type.Integer({ minimum: 1, default: 200, description: 'Open dashboards.' }),
  viewers: Type.Integer({ minimum: 1, default: 200, description: 'Open connections for live pictures.' }),
  viewersPerAccount: Type.Integer({
    minimum: 1,
    default: 32,
    description: 'Open connections for live pictures of one account.',
  }),
  liveStreams: Type.Integer({ minimum: 1, default: 400, description: 'Live streams at once.' }),
  mpeg1Streams: Type.Integer({
    minimum: 0,
    maximum: 64,
    default: 4,
    description: 'Live streams made into MPEG-1 at once, for screens that decode nothing else; each takes a core.',
  }),
  edges: Type.Integer({ minimum: 1, default: 500, description: 'Connected edges.' }),
  requestsPerMinute: Type.Integer({ minimum: 60, default: 3000, description: 'Requests of one address.' }),
  bodyBytes: Type.Integer({ minimum: 16 * 1024, default: 256 * 1024, description: 'Body of a request.' }),
  packetBytes: Type.Integer({ minimum: 64 * 1024, default: 8 * MIB, description: 'MQTT packet of an edge.' }),
  jobs: Type.Integer({ minimum: 1, maximum: 16, default: 2, description: 'Clips and packages made at once.' }),
  waitingJobs: Type.Integer({ minimum: 1, default: 100, description: 'Orders of footage that wait or are made.' }),
});

/** The hub's configuration file. */
export const HubConfig = section({
  data: Type.String({ minLength: 1, default: '.sharp-eyes/hub', description: 'Folder of everything the hub keeps.' }),
  listen,
  tls: Type.Union([Type.Literal('auto'), Type.Literal('always'), Type.Literal('never')], {
    default: 'auto',
    description: 'auto: unless only this machine can reach the hub. never: only allowed then.',
  }),
  names: Type.Array(Type.String({ pattern: '^[A-Za-z0-9.:-]{1,253}$' }), {
    default: [],
    maxItems: 32,
    description: 'Names and addresses under which people and edges reach the hub; the first one goes into join files.',
  }),
  broker,
  rules: Optional('Folder of correlation rules; by default those that ship with the product.'),
  dashboard: Optional('Folder of the built dashboard; by default the one that ships with the product.'),
  demo: Type.Boolean({ default: false, description: 'The virtual township is running.' }),
  republish,
  retention,
  limits,
});
/** See the schema of the same name. */
export type HubConfig = Static<typeof HubConfig>;
