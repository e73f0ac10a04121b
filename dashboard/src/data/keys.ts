/** Keys of everything that is cached. */
export const keys = {
  session: ['session'] as const,
  incidents: (state: 'open' | 'closed') => ['incidents', state] as const,
  incident: (incidentId: string) => ['incident', incidentId] as const,
  events: (deviceId: string) => ['events', deviceId] as const,
  devices: ['devices'] as const,
  edges: ['edges'] as const,
  regions: ['regions'] as const,
  candidates: ['candidates'] as const,
  profiles: (edgeId: string) => ['profiles', edgeId] as const,
  walls: ['walls'] as const,
  jobs: ['jobs'] as const,
  timeline: (deviceId: string, fromMs: number, toMs: number) => ['timeline', deviceId, fromMs, toMs] as const,
  signer: ['signer'] as const,
  accounts: ['accounts'] as const,
  audit: (action: string) => ['audit', action] as const,
  centreState: ['centre-state'] as const,
};
