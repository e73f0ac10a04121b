import type { FastifyInstance } from 'fastify';
import { INCIDENT_ROUTES } from '../../contract/api/incidents.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import type { Access } from '../access/access.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Incidents } from '../incidents/incidents.ts';
import type { Caller } from './caller.ts';
import { route } from './route.ts';

/** What the routes of incidents use. */
export interface IncidentServices {
  incidents: Incidents;
  access: Access;
  audit: AuditLog;
}

const LIST_LIMIT = 100;

/** Incidents and events. */
export function incidentRoutes(app: FastifyInstance, { incidents, access, audit }: IncidentServices): void {
  const { queries } = incidents;
  const demand = async (caller: Caller, incidentId: string): Promise<void> => {
    const record = await queries.record(incidentId);
    caller.demandInArea(record?.regionId ?? null);
    if (record === null) throw new SharpEyesError('NOT_FOUND', `there is no incident ${incidentId}`);
  };

  route(app, INCIDENT_ROUTES.listIncidents, ({ caller, query }) =>
    queries.list({
      state: query.state ?? 'open',
      limit: query.limit ?? LIST_LIMIT,
      before: query.before ?? null,
      regions: caller.areaFilter(),
    }),
  );

  route(app, INCIDENT_ROUTES.incident, async ({ caller, params: { incidentId } }) => {
    await demand(caller, incidentId);
    const detail = await queries.detail(incidentId);
    if (detail === null) throw new SharpEyesError('NOT_FOUND', `there is no incident ${incidentId}`);
    return detail;
  });

  route(app, INCIDENT_ROUTES.acceptIncident, async ({ caller, params: { incidentId }, body, address }) => {
    await demand(caller, incidentId);
    const { account } = caller;
    const detail = await incidents.accept(incidentId, account, body.version);
    await audit.append({ account, action: 'incident.accept', subject: incidentId, address });
    return detail;
  });

  route(app, INCIDENT_ROUTES.addNote, async ({ caller, params: { incidentId }, body }) => {
    await demand(caller, incidentId);
    return incidents.addEntry(incidentId, { by: caller.account, kind: 'note', text: body.text });
  });

  route(app, INCIDENT_ROUTES.closeIncident, async ({ caller, params: { incidentId }, body, address }) => {
    await demand(caller, incidentId);
    const { account } = caller;
    const { version, code, text } = body;
    const detail = await incidents.close(incidentId, account, version, code, text);
    await audit.append({ account, action: 'incident.close', subject: incidentId, details: { code }, address });
    return detail;
  });

  route(app, INCIDENT_ROUTES.listEvents, ({ caller, query }) => {
    // Asks for the area even when no event is there to be checked.
    caller.areaFilter();
    return queries.listEvents({
      deviceId: query.deviceId ?? null,
      limit: query.limit ?? LIST_LIMIT,
      includes: (regionId) => access.includes(caller.session, regionId),
    });
  });
}
