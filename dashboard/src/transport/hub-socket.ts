import { io, type Socket } from 'socket.io-client';
import type { DashboardToHub, HubToDashboard } from '../../../contract/socket.ts';

/** Whether the hub's announcements arrive, and since when that is so (browser clock). */
export interface HubLink {
  connected: boolean;
  sinceMs: number;
}

/** The one socket over which the hub announces changes. Reconnects by itself. */
export class HubSocket {
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();
  #socket: Socket<HubToDashboard, DashboardToHub> | null = null;
  #link: HubLink;

  constructor(options: { now: () => number }) {
    this.#now = options.now;
    // Innocent until a connection was really lost: nobody wants a warning while the first page loads.
    this.#link = { connected: true, sinceMs: options.now() };
  }

  /** Connects with the session cookie and keeps doing so. */
  start(handlers: { [E in keyof HubToDashboard]: HubToDashboard[E] } & { reconnected: () => void }): void {
    if (this.#socket !== null) return;
    this.#link = { connected: true, sinceMs: this.#now() };
    const socket: Socket<HubToDashboard, DashboardToHub> = io({
      transports: ['websocket', 'polling'],
      reconnectionDelay: 500,
      reconnectionDelayMax: 2000,
    });
    this.#socket = socket;
    const { reconnected, ...events } = handlers;
    let before = false;
    socket.on('connect', () => {
      this.#set(true);
      if (before) reconnected();
      before = true;
    });
    socket.on('disconnect', () => this.#set(false));
    socket.on('connect_error', () => this.#set(false));
    socket.on('incident', events.incident);
    socket.on('device', events.device);
    socket.on('deviceRemoved', events.deviceRemoved);
    socket.on('edge', events.edge);
    socket.on('candidate', events.candidate);
    socket.on('job', events.job);
    socket.on('wall', events.wall);
    socket.on('ptz', events.ptz);
    socket.on('signedOut', events.signedOut);
  }

  stop(): void {
    this.#socket?.removeAllListeners();
    this.#socket?.disconnect();
    this.#socket = null;
  }

  /** For `useSyncExternalStore`. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly link = (): HubLink => this.#link;

  #set(connected: boolean): void {
    if (this.#link.connected === connected) return;
    this.#link = { connected, sinceMs: this.#now() };
    for (const listener of this.#listeners) listener();
  }
}
