import type { IncidentSummary } from '../../contract/incident.ts';
import type { Path } from './path.ts';

/** Accepts and closes every open incident. */
export async function closeIncidents(path: Path): Promise<void> {
  const { admin } = path.whole.hub;
  const open = (await admin.get('/api/incidents?state=open')).json as IncidentSummary[];
  for (const { incidentId } of open) await closeIncident(path, incidentId);
}

/** Accepts and closes an incident, whatever else changes it meanwhile. */
export async function closeIncident(path: Path, incidentId: string): Promise<void> {
  const { admin } = path.whole.hub;
  const address = `/api/incidents/${incidentId}`;
  const version = async (): Promise<number> => ((await admin.get(address)).json as { version: number }).version;
  await admin.send('POST', `${address}/accept`, { version: await version() });
  const answer = await admin.send('POST', `${address}/close`, { version: await version(), code: 'test', text: '' });
  if (answer.status === 409) return closeIncident(path, incidentId);
  if (answer.status !== 200) throw new Error(`the incident was not closed: ${answer.text}`);
}
