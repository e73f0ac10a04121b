import { Type } from 'typebox';
import { Id } from '../ids.ts';
import { CLOSING_CODES, IncidentDetail, IncidentEvent, IncidentSummary } from '../incident.ts';
import type { RouteDefinition } from './route.ts';

const IncidentParams = Type.Object({ incidentId: Id });
const handle = { kind: 'permission', permission: 'incident.handle', area: 'thing' } as const;
const Version = Type.Integer({ minimum: 1 });

/** Incidents and events. */
export const INCIDENT_ROUTES = {
  listIncidents: {
    method: 'GET',
    path: '/api/incidents',
    summary: 'Incidents inside the own area, most urgent and newest first.',
    access: { kind: 'permission', permission: 'incident.read', area: 'list' },
    query: Type.Object({
      state: Type.Optional(Type.Union([Type.Literal('open'), Type.Literal('closed'), Type.Literal('all')])),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
      /** Incidents with a smaller number, for paging. */
      before: Type.Optional(Type.Integer({ minimum: 1 })),
    }),
    response: Type.Array(IncidentSummary),
  },
  incident: {
    method: 'GET',
    path: '/api/incidents/:incidentId',
    summary: 'One incident with its events, reasons and history.',
    access: { kind: 'permission', permission: 'incident.read', area: 'thing' },
    params: IncidentParams,
    response: IncidentDetail,
  },
  acceptIncident: {
    method: 'POST',
    path: '/api/incidents/:incidentId/accept',
    summary: 'Takes the incident; answers CONFLICT when somebody else was faster.',
    access: handle,
    params: IncidentParams,
    body: Type.Object({ version: Version }, { additionalProperties: false }),
    response: IncidentDetail,
  },
  addNote: {
    method: 'POST',
    path: '/api/incidents/:incidentId/notes',
    summary: 'Writes a note into the history.',
    access: handle,
    params: IncidentParams,
    body: Type.Object({ text: Type.String({ minLength: 1, maxLength: 4000 }) }, { additionalProperties: false }),
    response: IncidentDetail,
  },
  closeIncident: {
    method: 'POST',
    path: '/api/incidents/:incidentId/close',
    summary: 'Closes the incident with a code.',
    access: handle,
    params: IncidentParams,
    body: Type.Object(
      {
        version: Version,
        code: Type.Enum(CLOSING_CODES),
        text: Type.String({ maxLength: 4000 }),
      },
      { additionalProperties: false },
    ),
    response: IncidentDetail,
  },
  listEvents: {
    method: 'GET',
    path: '/api/events',
    summary: 'Events inside the own area, newest first; with `deviceId` those of one device.',
    access: { kind: 'permission', permission: 'incident.read', area: 'list' },
    query: Type.Object({
      deviceId: Type.Optional(Id),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
    }),
    response: Type.Array(IncidentEvent),
  },
} as const satisfies Record<string, RouteDefinition>;
