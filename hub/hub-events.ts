import { EventEmitter } from 'node:events';
import type { Wall } from '../contract/api/centre.ts';
import type { Device, Edge, HubCandidate } from '../contract/api/devices.ts';
import type { PtzControl } from '../contract/api/ptz.ts';
import type { FootageJob } from '../contract/footage.ts';
import type { IncidentSummary } from '../contract/incident.ts';

/** What the parts of the hub tell each other and the dashboards: event name and arguments. */
export interface HubEventMap {
  incident: [incident: IncidentSummary, change: 'opened' | 'joined' | 'accepted' | 'noted' | 'closed'];
  device: [device: Device];
  /** A device was taken into service; `device` is emitted too. */
  deviceAdded: [device: Device];
  deviceRemoved: [deviceId: string, regionId: string | null];
  /** A region was added or renamed. */
  regionsChanged: [];
  edge: [edge: Edge];
  /** An edge has joined and has a new credential; `edge` is emitted too. */
  edgeJoined: [edgeId: string];
  /** `regionId` is the region of the candidate's edge. */
  candidate: [candidate: HubCandidate, regionId: string | null];
  job: [job: FootageJob];
  wall: [wall: Wall];
  /** Who turns a camera; `regionId` is the camera's. */
  ptz: [control: PtzControl, regionId: string | null];
  /** Role or area of an account changed: whoever holds its sessions reads them again. */
  accountChanged: [account: string];
  /** Sessions that ended before their time: one, or all of an account. */
  sessionEnded: [ended: { sessionId: string } | { account: string; exceptSessionId: string | null }];
}

/** The hub's one emitter. Listeners are called in the order in which they were added and must not throw. */
export class HubEvents {
  readonly #emitter = new EventEmitter();

  constructor() {
    this.#emitter.setMaxListeners(100);
  }

  /** Calls `listener` for each event of a name; returns the function that ends it. */
  on<K extends keyof HubEventMap>(name: K, listener: (...args: HubEventMap[K]) => void): () => void {
    const call = listener as (...args: unknown[]) => void;
    this.#emitter.on(name, call);
    return () => this.#emitter.off(name, call);
  }

  /** Tells everybody who listens. */
  emit<K extends keyof HubEventMap>(name: K, ...args: HubEventMap[K]): void {
    this.#emitter.emit(name, ...args);
  }
}
