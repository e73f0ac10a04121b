import { Type } from 'typebox';
import { StreamName } from '../device.ts';
import { FootageJob, RecordingTimeline } from '../footage.ts';
import { Id } from '../ids.ts';
import type { RouteDefinition } from './route.ts';

const JobParams = Type.Object({ jobId: Id });
const Purpose = Type.String({ minLength: 3, maxLength: 500 });
const IncidentRef = Type.Union([Id, Type.Null()]);

/** Recorded footage: every look and every export has a purpose and goes onto the audit log. */
export const FOOTAGE_ROUTES = {
  timeline: {
    method: 'GET',
    path: '/api/footage/timeline',
    summary: 'What is recorded of a camera in an interval, and what is missing and why.',
    access: { kind: 'permission', permission: 'footage.view', area: 'thing' },
    query: Type.Object({ deviceId: Id, stream: StreamName, fromMs: Type.Number(), toMs: Type.Number() }),
    response: RecordingTimeline,
  },
  look: {
    method: 'POST',
    path: '/api/footage/looks',
    summary: 'Orders a recorded clip of one camera (at most 10 minutes) for viewing; audited with its purpose.',
    access: { kind: 'permission', permission: 'footage.view', area: 'thing' },
    body: Type.Object(
      {
        incidentId: IncidentRef,
        purpose: Purpose,
        deviceId: Id,
        stream: StreamName,
        fromMs: Type.Number(),
        toMs: Type.Number(),
      },
      { additionalProperties: false },
    ),
    response: FootageJob,
  },
  exportFootage: {
    method: 'POST',
    path: '/api/footage/exports',
    summary: 'Orders a sealed package of several cameras (at most 24 hours); audited with case number and purpose.',
    access: { kind: 'permission', permission: 'footage.export', area: 'thing' },
    body: Type.Object(
      {
        incidentId: IncidentRef,
        caseNumber: Type.String({ minLength: 1, maxLength: 64 }),
        purpose: Purpose,
        cameras: Type.Array(Type.Object({ deviceId: Id, stream: StreamName }, { additionalProperties: false }), {
          minItems: 1,
          maxItems: 36,
        }),
        fromMs: Type.Number(),
        toMs: Type.Number(),
      },
      { additionalProperties: false },
    ),
    response: FootageJob,
  },
  listJobs: {
    method: 'GET',
    path: '/api/footage/jobs',
    summary: 'The own orders, newest first (a supervisor sees all of the area).',
    access: { kind: 'permission', permission: 'footage.view', area: 'list' },
    query: Type.Object({ incidentId: Type.Optional(Id), kind: Type.Optional(FootageJob.properties.kind) }),
    response: Type.Array(FootageJob),
  },
  job: {
    method: 'GET',
    path: '/api/footage/jobs/:jobId',
    summary: 'Progress of an order.',
    access: { kind: 'permission', permission: 'footage.view', area: 'thing' },
    params: JobParams,
    response: FootageJob,
  },
  jobFile: {
    method: 'GET',
    path: '/api/footage/jobs/:jobId/file',
    summary: 'The finished clip or package; supports ranges. Only for the person who ordered it; audited.',
    access: { kind: 'permission', permission: 'footage.view', area: 'thing' },
    params: JobParams,
    response: null,
  },
  cancelJob: {
    method: 'DELETE',
    path: '/api/footage/jobs/:jobId',
    summary: 'Stops an order and removes its file; the audit log keeps that it was.',
    access: { kind: 'permission', permission: 'footage.view', area: 'thing' },
    params: JobParams,
    response: null,
  },
  signer: {
    method: 'GET',
    path: '/api/footage/signer',
    summary: 'Fingerprint of the key that seals packages, for `sharp-eyes verify --trust`.',
    access: { kind: 'signed-in' },
    response: Type.Object({ fingerprint: Type.String() }),
  },
} as const satisfies Record<string, RouteDefinition>;
