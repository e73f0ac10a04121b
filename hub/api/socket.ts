import type { Server as HttpServer, IncomingMessage } from 'node:http';
import { Server, type Socket } from 'socket.io';
import type { Permission } from '../../contract/access.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import type { FootageJob } from '../../contract/footage.ts';
import type { DashboardToHub, HubToDashboard } from '../../contract/socket.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { Access } from '../access/access.ts';
import { isOwnOrigin } from '../access/origin.ts';
import { type Session, tokenFromCookies, tokenHash } from '../access/session.ts';
import type { HubEvents } from '../hub-events.ts';
import { mayFollowJob } from './job-access.ts';

interface SocketData {
  session: Session;
}
type ViewerSocket = Socket<DashboardToHub, HubToDashboard, Record<string, never>, SocketData>;
type ViewerServer = Server<DashboardToHub, HubToDashboard, Record<string, never>, SocketData>;

/** What the {@link DashboardSocket} is built from. */
export interface DashboardSocketOptions {
  server: HttpServer;
  access: Access;
  events: HubEvents;
  /** Region of a device; null when it has none or is gone. */
  regionOf(deviceId: string): string | null;
  clock: Clock;
  log: Log;
  limits: { sockets: number };
}

const CHECK_SESSIONS_EVERY_MS = 60_000;

/** Tells the dashboards what changed; each gets only what its account may see. */
export class DashboardSocket {
  readonly #options: DashboardSocketOptions;
  #io: ViewerServer | null = null;
  #unlisten: (() => void)[] = [];
  #timer: TimerHandle | null = null;

  constructor(options: DashboardSocketOptions) {
    this.#options = options;
  }

  start(): void {
    const { server, limits, clock } = this.#options;
    const io: ViewerServer = new Server(server, {
      serveClient: false,
      maxHttpBufferSize: 16 * 1024,
      connectTimeout: 10_000,
      allowRequest: (request, done) => {
        const isFull = io.engine.clientsCount >= limits.sockets;
        done(isFull ? 'too many dashboards' : null, !isFull && isAllowedOrigin(request));
      },
    });
    io.use((socket, next) => {
      this.#authenticate(socket).then(
        () => next(),
        (error: Error) => next(error),
      );
    });
    this.#io = io;
    this.#listen();
    this.#timer = clock.every(CHECK_SESSIONS_EVERY_MS, () => void this.#recheck(() => true));
  }

  async stop(): Promise<void> {
    for (const unlisten of this.#unlisten) unlisten();
    this.#timer?.cancel();
    const io = this.#io;
    this.#io = null;
    if (io === null) return;
    io.disconnectSockets(true);
    // Closing the HTTP server is its owner's business: only the sockets on it end here.
    io.engine.close();
  }

  /** Open dashboards. */
  get count(): number {
    return this.#io?.engine.clientsCount ?? 0;
  }

  async #authenticate(socket: ViewerSocket): Promise<void> {
    const token = tokenFromCookies(socket.request.headers.cookie);
    const session = token === null ? null : await this.#options.access.sessions.find(tokenHash(token));
    if (session === null || session.mustChangePassword) {
      const code = 'NOT_SIGNED_IN';
      throw Object.assign(new SharpEyesError(code, 'sign in first'), { data: { code } });
    }
    socket.data.session = session;
  }

  #listen(): void {
    const { events } = this.#options;
    const emit = this.#emitWhere.bind(this);
    this.#unlisten = [
      events.on('incident', (incident, change) =>
        emit('incident.read', incident.regionId, (socket) => socket.emit('incident', incident, change)),
      ),
      events.on('device', (device) => emit('device.read', device.regionId, (socket) => socket.emit('device', device))),
      events.on('deviceRemoved', (deviceId, regionId) =>
        emit('device.read', regionId, (socket) => socket.emit('deviceRemoved', deviceId)),
      ),
      events.on('edge', (edge) => emit('device.read', edge.regionId, (socket) => socket.emit('edge', edge))),
      events.on('candidate', (candidate, regionId) =>
        emit('device.manage', regionId, (socket) => socket.emit('candidate', candidate)),
      ),
      events.on('ptz', (control, regionId) => emit('live.view', regionId, (socket) => socket.emit('ptz', control))),
      events.on('wall', (wall) => {
        for (const socket of this.#sockets()) {
          const { session } = socket.data;
          const mayView = (deviceId: string): boolean =>
            this.#options.access.allows(session, 'live.view', { regionId: this.#options.regionOf(deviceId) });
          const tiles = wall.tiles.map((tile) => (tile !== null && mayView(tile) ? tile : null));
          socket.emit('wall', { ...wall, tiles });
        }
      }),
      events.on('job', (job) => {
        for (const socket of this.#sockets()) if (this.#mayFollow(socket.data.session, job)) socket.emit('job', job);
      }),
      events.on('sessionEnded', (ended) => this.#end(ended)),
      events.on('accountChanged', (account) => void this.#recheck((session) => session.account === account)),
    ];
  }

  #mayFollow(session: Session, job: FootageJob): boolean {
    const { access, regionOf } = this.#options;
    const isInArea = job.cameras.every(({ deviceId }) => access.includes(session, regionOf(deviceId)));
    return isInArea && mayFollowJob(session, job);
  }

  #emitWhere(permission: Permission, regionId: string | null, send: (socket: ViewerSocket) => void): void {
    for (const socket of this.#sockets()) {
      if (this.#options.access.allows(socket.data.session, permission, { regionId })) send(socket);
    }
  }

  #sockets(): ViewerSocket[] {
    return [...(this.#io?.sockets.sockets.values() ?? [])];
  }

  #end(ended: { sessionId: string } | { account: string; exceptSessionId: string | null }): void {
    for (const socket of this.#sockets()) {
      const { sessionId, account } = socket.data.session;
      const isMeant =
        'sessionId' in ended
          ? ended.sessionId === sessionId
          : ended.account === account && ended.exceptSessionId !== sessionId;
      if (isMeant) signOut(socket);
    }
  }

  /** Reads sessions again: they may be over, or their role or area may have changed. */
  async #recheck(which: (session: Session) => boolean): Promise<void> {
    for (const socket of this.#sockets()) {
      if (!which(socket.data.session)) continue;
      try {
        const session = await this.#options.access.sessions.find(socket.data.session.sessionId);
        if (session === null) signOut(socket);
        else socket.data.session = session;
      } catch (error) {
        this.#options.log.warn({ err: error }, 'the session of a dashboard could not be checked; it was cut off');
        socket.disconnect(true);
      }
    }
  }
}

function signOut(socket: ViewerSocket): void {
  socket.emit('signedOut');
  socket.disconnect(true);
}

function isAllowedOrigin(request: IncomingMessage): boolean {
  return isOwnOrigin(request.headers.origin, request.headers.host);
}
