import { type Static, Type } from 'typebox';
import {
  Candidate,
  DeviceConnection,
  DeviceType,
  DriverName,
  EdgeDevice,
  ProbeResult,
  ProfileSummary,
} from '../device.ts';
import { Id } from '../ids.ts';
import { EdgeStatus } from '../topics.ts';
import type { RouteDefinition } from './route.ts';

/** Levels of the region tree, from the top. */
export const REGION_LEVELS = ['county', 'township', 'village', 'grid', 'micro-grid'] as const;

/** A node of the region tree. */
export const Region = Type.Object(
  {
    regionId: Id,
    parentId: Type.Union([Id, Type.Null()]),
    level: Type.Enum(REGION_LEVELS),
    name: Type.String({ minLength: 1, maxLength: 100 }),
    /** Division code (GB/T 2260), when there is one. */
    code: Type.Union([Type.String({ maxLength: 12 }), Type.Null()]),
  },
  { additionalProperties: false },
);
/** See the schema of the same name. */
export type Region = Static<typeof Region>;

/** What the hub knows of an edge. */
export const Edge = Type.Object({
  edgeId: Id,
  name: Type.String(),
  regionId: Type.Union([Id, Type.Null()]),
  joinedAtMs: Type.Union([Type.Number(), Type.Null()]),
  online: Type.Boolean(),
  sinceMs: Type.Number(),
  /** Edge clock minus hub clock, as far as messages tell; null when unknown. */
  clockOffsetMs: Type.Union([Type.Number(), Type.Null()]),
  status: Type.Union([EdgeStatus, Type.Null()]),
  /** Public key to which device passwords are sealed (uncompressed P-256 point, base64url); null before it joined. */
  sealingKey: Type.Union([Type.String(), Type.Null()]),
});
/** See the schema of the same name. */
export type Edge = Static<typeof Edge>;

const Latitude = Type.Union([Type.Number({ minimum: -90, maximum: 90 }), Type.Null()]);
const Longitude = Type.Union([Type.Number({ minimum: -180, maximum: 180 }), Type.Null()]);
const Name = Type.String({ minLength: 1, maxLength: 100 });

/** What people decide about a device; the hub owns it. */
export const DevicePlacement = Type.Object(
  {
    name: Name,
    regionId: Type.Union([Id, Type.Null()]),
    /** WGS 84 degrees. */
    latitude: Latitude,
    longitude: Longitude,
    /** Where a camera looks: degrees clockwise from north; null when unknown. */
    bearingDeg: Type.Union([Type.Number({ minimum: 0, maximum: 360 }), Type.Null()]),
    /** How far and how wide a camera sees. */
    viewDistanceM: Type.Union([Type.Number({ minimum: 0, maximum: 5000 }), Type.Null()]),
    viewAngleDeg: Type.Union([Type.Number({ minimum: 1, maximum: 360 }), Type.Null()]),
    /** Devices that belong to this one by a person's decision (a door's camera). */
    links: Type.Array(Id, { maxItems: 16 }),
  },
  { additionalProperties: false },
);
/** See the schema of the same name. */
export type DevicePlacement = Static<typeof DevicePlacement>;

/** A registered device: what people decided and what its edge reports. */
export const Device = Type.Object({
  ...DevicePlacement.properties,
  deviceId: Id,
  edgeId: Id,
  type: DeviceType,
  driver: DriverName,
  /** Logical number for the keyboard. */
  number: Type.Integer(),
  regionPath: Type.Array(Type.String()),
  registeredAtMs: Type.Number(),
  /** The edge is connected and the device is reachable. */
  online: Type.Boolean(),
  /** `edge-offline` when the edge is away, else what the edge says. */
  reason: Type.String(),
  sinceMs: Type.Number(),
  /** What the edge reports; null until it did. */
  edge: Type.Union([EdgeDevice, Type.Null()]),
  version: Type.Integer(),
});
/** See the schema of the same name. */
export type Device = Static<typeof Device>;

/** A candidate together with its edge. */
export const HubCandidate = Type.Intersect([
  Candidate,
  Type.Object({ edgeId: Id, registeredAs: Type.Union([Id, Type.Null()]) }),
]);
/** See the schema of the same name. */
export type HubCandidate = Static<typeof HubCandidate>;

const manage = { kind: 'permission', permission: 'device.manage', area: 'thing' } as const;
const readList = { kind: 'permission', permission: 'device.read', area: 'list' } as const;
const EdgeParams = Type.Object({ edgeId: Id });
const DeviceParams = Type.Object({ deviceId: Id });
const CandidateParams = Type.Object({ edgeId: Id, candidateId: Id });

/** Regions, edges, devices and what was found. */
export const DEVICE_ROUTES = {
  listRegions: {
    method: 'GET',
    path: '/api/regions',
    summary: 'The region tree inside the own area.',
    access: readList,
    response: Type.Array(Region),
  },
  createRegion: {
    method: 'POST',
    path: '/api/regions',
    summary: 'Adds a node to the region tree.',
    access: { kind: 'permission', permission: 'region.manage', area: 'whole' },
    body: Type.Object(
      {
        parentId: Region.properties.parentId,
        level: Region.properties.level,
        name: Region.properties.name,
        code: Region.properties.code,
      },
      { additionalProperties: false },
    ),
    response: Region,
  },
  changeRegion: {
    method: 'PATCH',
    path: '/api/regions/:regionId',
    summary: 'Renames a node of the region tree.',
    access: { kind: 'permission', permission: 'region.manage', area: 'whole' },
    params: Type.Object({ regionId: Id }),
    body: Type.Object({ name: Region.properties.name }, { additionalProperties: false }),
    response: Region,
  },
  listEdges: {
    method: 'GET',
    path: '/api/edges',
    summary: 'Edges and their state.',
    access: readList,
    response: Type.Array(Edge),
  },
  enrolEdge: {
    method: 'POST',
    path: '/api/edges',
    summary: 'Makes a one-use join file for a new edge, valid for 24 hours.',
    access: { kind: 'permission', permission: 'edge.manage', area: 'whole' },
    body: Type.Object(
      { edgeId: Id, name: Name, regionId: Type.Union([Id, Type.Null()]) },
      { additionalProperties: false },
    ),
    response: Type.Object({ edgeId: Id, joinFile: Type.String(), expiresAtMs: Type.Number() }),
  },
  runDiscovery: {
    method: 'POST',
    path: '/api/edges/:edgeId/discovery',
    summary: 'Looks for devices in the township now.',
    access: manage,
    params: EdgeParams,
    response: Type.Object({ candidates: Type.Integer() }),
  },
  listProfiles: {
    method: 'GET',
    path: '/api/edges/:edgeId/profiles',
    summary: 'Device profiles that the edge knows.',
    access: { kind: 'permission', permission: 'device.manage', area: 'thing' },
    params: EdgeParams,
    response: Type.Object({
      profiles: Type.Array(ProfileSummary),
    }),
  },
  listCandidates: {
    method: 'GET',
    path: '/api/candidates',
    summary: 'What the edges found and nobody registered yet.',
    access: { kind: 'permission', permission: 'device.manage', area: 'list' },
    response: Type.Array(HubCandidate),
  },
  addCandidate: {
    method: 'POST',
    path: '/api/edges/:edgeId/candidates',
    summary: 'Adds a candidate by its RTSP or ONVIF address; the edge checks the address before it dials.',
    access: manage,
    params: EdgeParams,
    body: Type.Object(
      { url: Type.String({ minLength: 8, maxLength: 512 }), name: Type.Optional(Type.String({ maxLength: 128 })) },
      { additionalProperties: false },
    ),
    response: HubCandidate,
  },
  dismissCandidate: {
    method: 'DELETE',
    path: '/api/edges/:edgeId/candidates/:candidateId',
    summary: 'Forgets a candidate until it is seen again.',
    access: manage,
    params: CandidateParams,
    response: null,
  },
  probeCandidate: {
    method: 'POST',
    path: '/api/edges/:edgeId/candidates/:candidateId/probe',
    summary: 'Connects to a candidate and shows what it is, with a picture. At most two sign-in attempts.',
    access: manage,
    params: CandidateParams,
    body: Type.Object({ connection: DeviceConnection }, { additionalProperties: false }),
    response: ProbeResult,
  },
  listDevices: {
    method: 'GET',
    path: '/api/devices',
    summary: 'Registered devices inside the own area.',
    access: readList,
    response: Type.Array(Device),
  },
  device: {
    method: 'GET',
    path: '/api/devices/:deviceId',
    summary: 'One device.',
    access: { kind: 'permission', permission: 'device.read', area: 'thing' },
    params: DeviceParams,
    response: Device,
  },
  registerDevice: {
    method: 'POST',
    path: '/api/devices',
    summary: 'Takes a device into service: the edge connects first, then it stands in the registry.',
    access: manage,
    body: Type.Object(
      {
        edgeId: Id,
        candidateId: Type.Union([Id, Type.Null()]),
        driver: DriverName,
        type: DeviceType,
        connection: DeviceConnection,
        profileId: Type.Union([Type.String({ maxLength: 128 }), Type.Null()]),
        record: Type.Boolean(),
        placement: DevicePlacement,
      },
      { additionalProperties: false },
    ),
    /** For `mqtt-device`: the user name under which the sensor signs in at the edge's local broker, and its topic. */
    response: Type.Object({
      device: Device,
      mqtt: Type.Union([Type.Object({ username: Type.String(), topic: Type.String() }), Type.Null()]),
    }),
  },
  changeDevice: {
    method: 'PATCH',
    path: '/api/devices/:deviceId',
    summary: 'Changes name and place; `version` is the one the change was decided on.',
    access: manage,
    params: DeviceParams,
    body: Type.Object({ version: Type.Integer(), placement: DevicePlacement }, { additionalProperties: false }),
    response: Device,
  },
  removeDevice: {
    method: 'DELETE',
    path: '/api/devices/:deviceId',
    summary: 'Takes a device out of service.',
    access: manage,
    params: DeviceParams,
    response: null,
  },
  snapshot: {
    method: 'GET',
    path: '/api/devices/:deviceId/snapshot',
    summary: 'A live still picture (JPEG).',
    access: { kind: 'permission', permission: 'live.view', area: 'thing' },
    params: DeviceParams,
    response: null,
  },
} as const satisfies Record<string, RouteDefinition>;
