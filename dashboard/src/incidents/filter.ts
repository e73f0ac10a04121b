import type { IncidentSummary } from '../../../contract/incident.ts';

/** What the queue shows. */
export interface Filter {
  state: 'open' | 'closed';
  /** A priority as text, or empty for all. */
  priority: '' | '1' | '2' | '3' | '4';
  owner: '' | 'mine' | 'nobody';
  /** Name of a region anywhere on the path, or empty for all. */
  region: string;
}

export const NO_FILTER: Filter = { state: 'open', priority: '', owner: '', region: '' };

/** Whether an incident passes the filter. */
export function matches(incident: IncidentSummary, filter: Filter, account: string): boolean {
  if (filter.priority !== '' && incident.priority !== Number(filter.priority)) return false;
  if (filter.owner === 'mine' && incident.owner !== account) return false;
  if (filter.owner === 'nobody' && incident.owner !== null) return false;
  return filter.region === '' || incident.regionPath.includes(filter.region);
}

/** Every region on the paths of the incidents, in reading order. */
export function regionsOf(incidents: readonly IncidentSummary[]): string[] {
  return [...new Set(incidents.flatMap((incident) => incident.regionPath))].sort((a, b) => a.localeCompare(b));
}
