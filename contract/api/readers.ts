import { type Static, Type } from 'typebox';
import type { RouteDefinition } from './route.ts';

/** A password with which another program reads live streams over RTSP in a person's name. */
export const Reader = Type.Object({
  /** User name of the program. */
  reader: Type.String({ maxLength: 64 }),
  /** What it is for. */
  name: Type.String({ minLength: 1, maxLength: 64 }),
  createdAtMs: Type.Number(),
  lastUsedAtMs: Type.Union([Type.Number(), Type.Null()]),
});
/** See the schema of the same name. */
export type Reader = Static<typeof Reader>;

/** Where programs read, and who may. */
export const ReaderList = Type.Object({
  /** Null while re-publishing is off: `republish.enabled` in the hub's configuration. */
  server: Type.Union([
    Type.Object({ scheme: Type.Union([Type.Literal('rtsp'), Type.Literal('rtsps')]), port: Type.Integer() }),
    Type.Null(),
  ]),
  readers: Type.Array(Reader),
});
/** See the schema of the same name. */
export type ReaderList = Static<typeof ReaderList>;

/** The own passwords for other programs. What they may read follows role and area of the account at every moment. */
export const READER_ROUTES = {
  listReaders: {
    method: 'GET',
    path: '/api/session/readers',
    summary: 'The own passwords for programs that read live streams over RTSP.',
    access: { kind: 'signed-in' },
    response: ReaderList,
  },
  createReader: {
    method: 'POST',
    path: '/api/session/readers',
    summary: 'Makes a password for one program; it is shown once. Audited.',
    access: { kind: 'signed-in' },
    body: Type.Object({ name: Reader.properties.name }, { additionalProperties: false }),
    response: Type.Object({ reader: Reader, password: Type.String() }),
  },
  removeReader: {
    method: 'DELETE',
    path: '/api/session/readers/:reader',
    summary: 'Takes a password back; what it reads ends at once. Audited.',
    access: { kind: 'signed-in' },
    params: Type.Object({ reader: Reader.properties.reader }),
    response: null,
  },
} as const satisfies Record<string, RouteDefinition>;
