import { type UseMutationResult, type UseQueryResult, useMutation, useQuery } from '@tanstack/react-query';
import type { ClosingCode, IncidentDetail, IncidentSummary } from '../../../contract/incident.ts';
import { errorCode } from '../transport/api-error.ts';
import { keys } from './keys.ts';
import { queryClient } from './query-client.ts';
import { api } from './services.ts';
import { useMay } from './session.ts';

const ENDED = new Set(['closed', 'rated', 'void']);

/** Whether somebody still has to do something about an incident. */
export function isOpen(incident: IncidentSummary): boolean {
  return !ENDED.has(incident.state);
}

/** Most urgent first, within a priority the newest first. */
export function byUrgency(a: IncidentSummary, b: IncidentSummary): number {
  return a.priority - b.priority || b.number - a.number;
}

export function useIncidents(state: 'open' | 'closed'): UseQueryResult<IncidentSummary[]> {
  const may = useMay('incident.read');
  return useQuery({
    queryKey: keys.incidents(state),
    queryFn: () => api.call('listIncidents', { query: { state, limit: 200 } }),
    enabled: may,
  });
}

export function useIncident(incidentId: string): UseQueryResult<IncidentDetail> {
  return useQuery({
    queryKey: keys.incident(incidentId),
    queryFn: () => api.call('incident', { params: { incidentId } }),
  });
}

/** A step on an incident. */
export type IncidentStep =
  | { kind: 'accept'; incidentId: string; version: number }
  | { kind: 'note'; incidentId: string; text: string }
  | { kind: 'close'; incidentId: string; version: number; code: ClosingCode; text: string };

function carryOut(step: IncidentStep): Promise<IncidentDetail> {
  const params = { incidentId: step.incidentId };
  if (step.kind === 'accept') return api.call('acceptIncident', { params, body: { version: step.version } });
  if (step.kind === 'note') return api.call('addNote', { params, body: { text: step.text } });
  return api.call('closeIncident', { params, body: { version: step.version, code: step.code, text: step.text } });
}

/** Accept, note, close. After a conflict the newest state is loaded, so that the person decides on what is true. */
export function useIncidentStep(): UseMutationResult<IncidentDetail, Error, IncidentStep> {
  return useMutation({
    mutationFn: carryOut,
    onSuccess: (detail) => {
      queryClient.setQueryData(keys.incident(detail.incidentId), detail);
      takeIncident(detail);
    },
    onError: (thrown, step) => {
      const code = errorCode(thrown);
      if (code !== 'CONFLICT' && code !== 'INCIDENT_STATE') return;
      void queryClient.invalidateQueries({ queryKey: keys.incident(step.incidentId) });
      void queryClient.invalidateQueries({ queryKey: ['incidents'] });
    },
  });
}

/** Puts a newer summary into the cached lists. */
export function takeIncident(incident: IncidentSummary): void {
  const open = isOpen(incident);
  for (const state of ['open', 'closed'] as const) {
    queryClient.setQueryData<IncidentSummary[]>(keys.incidents(state), (before) => {
      if (before === undefined) return before;
      const known = before.find((each) => each.incidentId === incident.incidentId);
      if (known !== undefined && known.version > incident.version) return before;
      const others = before.filter((each) => each.incidentId !== incident.incidentId);
      return (state === 'open') === open ? [...others, incident].sort(byUrgency) : others;
    });
  }
}
