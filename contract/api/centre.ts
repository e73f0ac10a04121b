import { type Static, Type } from 'typebox';
import { Id } from '../ids.ts';
import type { RouteDefinition } from './route.ts';

/** Tiles of a wall. */
export const WALL_LAYOUTS = ['1', '4', '6', '8', '9', '13', '16', '25', '36'] as const;

/** A wall; the server owns it, browsers show it. */
export const Wall = Type.Object(
  {
    wallId: Id,
    name: Type.String({ minLength: 1, maxLength: 100 }),
    layout: Type.Enum(WALL_LAYOUTS),
    /** Camera of each tile, in order; null for an empty one. */
    tiles: Type.Array(Type.Union([Id, Type.Null()]), { maxItems: 36 }),
    /** New cameras of the area fill empty tiles by themselves. */
    autoFill: Type.Boolean(),
    version: Type.Integer(),
  },
  { additionalProperties: false },
);
/** See the schema of the same name. */
export type Wall = Static<typeof Wall>;

/** An entry of the audit log; `hash` chains it to the one before. */
export const AuditEntry = Type.Object({
  sequence: Type.Integer(),
  atMs: Type.Number(),
  account: Type.Union([Type.String(), Type.Null()]),
  /** What was done, e.g. `footage.look`, `footage.export`, `device.register`, `edge.impersonation`. */
  action: Type.String(),
  /** What it was done to. */
  subject: Type.String(),
  purpose: Type.Union([Type.String(), Type.Null()]),
  details: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])),
  address: Type.Union([Type.String(), Type.Null()]),
  previous: Type.String(),
  hash: Type.String(),
});
/** See the schema of the same name. */
export type AuditEntry = Static<typeof AuditEntry>;

/** Walls, audit log and the state of the hub. */
export const CENTRE_ROUTES = {
  listWalls: {
    method: 'GET',
    path: '/api/walls',
    summary: 'Walls.',
    access: { kind: 'permission', permission: 'live.view', area: 'list' },
    response: Type.Array(Wall),
  },
  changeWall: {
    method: 'PUT',
    path: '/api/walls/:wallId',
    summary: 'Changes a wall; `version` is the one the change was decided on.',
    access: { kind: 'permission', permission: 'wall.manage', area: 'whole' },
    params: Type.Object({ wallId: Id }),
    body: Type.Object(
      {
        name: Wall.properties.name,
        layout: Wall.properties.layout,
        tiles: Wall.properties.tiles,
        autoFill: Type.Boolean(),
        version: Type.Integer(),
      },
      { additionalProperties: false },
    ),
    response: Wall,
  },
  listAudit: {
    method: 'GET',
    path: '/api/audit',
    summary: 'The audit log, newest first.',
    access: { kind: 'permission', permission: 'audit.read', area: 'whole' },
    query: Type.Object({
      before: Type.Optional(Type.Integer()),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
      action: Type.Optional(Type.String({ maxLength: 64 })),
    }),
    response: Type.Array(AuditEntry),
  },
  verifyAudit: {
    method: 'GET',
    path: '/api/audit/verification',
    summary: 'Recomputes the chain of the whole audit log.',
    access: { kind: 'permission', permission: 'audit.read', area: 'whole' },
    response: Type.Object({
      intact: Type.Boolean(),
      entries: Type.Integer(),
      brokenAt: Type.Union([Type.Integer(), Type.Null()]),
    }),
  },
  health: {
    method: 'GET',
    path: '/api/health',
    summary: 'Whether the hub works; for supervisors of processes.',
    access: { kind: 'public', why: 'says only whether the hub runs' },
    response: Type.Object({ ok: Type.Boolean(), version: Type.String() }),
  },
  centreState: {
    method: 'GET',
    path: '/api/state',
    summary: 'Counters of the hub: queues, drops, refused messages.',
    access: { kind: 'permission', permission: 'audit.read', area: 'whole' },
    response: Type.Object({ counters: Type.Record(Type.String(), Type.Number()) }),
  },
  ca: {
    method: 'GET',
    path: '/ca.pem',
    summary: "The hub's own certificate authority, to be imported into browsers.",
    access: { kind: 'public', why: 'a certificate is public' },
    response: null,
  },
  join: {
    method: 'POST',
    path: '/edge-api/join',
    summary: 'An edge joins with its one-use token, leaves its keys and takes its credential.',
    access: { kind: 'public', why: 'the one-use token in the body is the proof; attempts are limited' },
    body: Type.Object(
      {
        edgeId: Id,
        token: Type.String({ minLength: 16, maxLength: 128 }),
        /** Uncompressed P-256 point, base64url. */
        sealingKey: Type.String({ maxLength: 128 }),
        /** Ed25519 public key (SPKI, base64url) with which the edge signs its recordings. */
        signingKey: Type.String({ maxLength: 128 }),
        /** Made by the edge, 32 random bytes as base64url; the hub keeps only a verifier. */
        secret: Type.String({ minLength: 40, maxLength: 64 }),
        version: Type.String({ maxLength: 32 }),
      },
      { additionalProperties: false },
    ),
    response: Type.Object({ edgeId: Id, name: Type.String() }),
  },
} as const satisfies Record<string, RouteDefinition>;

/** Content of a join file, JSON. */
export const JoinFile = Type.Object(
  {
    sharpEyesJoin: Type.Literal(1),
    edgeId: Id,
    token: Type.String({ minLength: 16, maxLength: 128 }),
    expiresAtMs: Type.Number(),
    /** E.g. `https://hub.example:8443`. */
    hubUrl: Type.String({ maxLength: 256 }),
    /** Event lane, e.g. `mqtts://hub.example:8883`. */
    mqttUrl: Type.String({ maxLength: 256 }),
    /** Media lane. */
    mediaUrl: Type.String({ maxLength: 256 }),
    /** The hub's CA; null on loopback without TLS. */
    caPem: Type.Union([Type.String({ maxLength: 8192 }), Type.Null()]),
  },
  { additionalProperties: false },
);
/** See the schema of the same name. */
export type JoinFile = Static<typeof JoinFile>;
