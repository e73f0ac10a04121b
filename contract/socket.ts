import type { Wall } from './api/centre.ts';
import type { Device, Edge, HubCandidate } from './api/devices.ts';
import type { PtzControl } from './api/ptz.ts';
import type { FootageJob } from './footage.ts';
import type { IncidentSummary } from './incident.ts';

/** socket.io messages from the hub; each viewer gets only what lies in the account's area and role. */
export interface HubToDashboard {
  /** An incident was opened or changed. */
  incident: (incident: IncidentSummary, change: 'opened' | 'joined' | 'accepted' | 'noted' | 'closed') => void;
  /** A device was registered, changed or changed its state. */
  device: (device: Device) => void;
  /** A device was taken out of service. */
  deviceRemoved: (deviceId: string) => void;
  edge: (edge: Edge) => void;
  /** Something new was found. */
  candidate: (candidate: HubCandidate) => void;
  job: (job: FootageJob) => void;
  wall: (wall: Wall) => void;
  /** Somebody began to turn a camera, or nobody does any more. */
  ptz: (control: PtzControl) => void;
  /** The session ended (signed out, expired, disabled); the dashboard asks to sign in again. */
  signedOut: () => void;
}

/** socket.io messages to the hub: none; orders go through the REST API, where they are checked and answered. */
export type DashboardToHub = Record<string, never>;
