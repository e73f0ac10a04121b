import { join, resolve } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { listenError } from '../../platform/net/listen.ts';
import { PACKAGE_ROOT } from '../../platform/version.ts';
import { createApp } from '../api/app.ts';
import { centreRoutes, wallRoutes } from '../api/centre-routes.ts';
import { serveDashboard } from '../api/dashboard-files.ts';
import { candidateRoutes, deviceRoutes, type EdgeOrders } from '../api/device-routes.ts';
import { directRoutes } from '../api/direct-routes.ts';
import { edgeRoutes, regionRoutes } from '../api/edge-routes.ts';
import { footageRoutes } from '../api/footage-routes.ts';
import { incidentRoutes } from '../api/incident-routes.ts';
import { ptzRoutes } from '../api/ptz-routes.ts';
import { readerRoutes } from '../api/reader-routes.ts';
import { accountRoutes, sessionRoutes } from '../api/session-routes.ts';
import { DashboardSocket } from '../api/socket.ts';
import type { DirectViewers } from '../direct/direct-viewers.ts';
import { mountUploads } from '../footage/mount-uploads.ts';
import type { Incidents } from '../incidents/incidents.ts';
import type { Ptz } from '../ptz/ptz.ts';
import type { HubAddresses } from '../registry/join-token.ts';
import type { HubContext } from './context.ts';
import type { HubCore } from './core.ts';
import type { Footage } from './footage.ts';

/** What the routes use beside the core. */
export interface WebServices {
  orders: EdgeOrders;
  direct: DirectViewers;
  ptz: Ptz;
  incidents: Incidents;
  footage: Footage;
  addresses(): HubAddresses;
  counters(): Record<string, number>;
}

/** Builds the web server with every route; {@link startWeb} makes it listen. */
export async function buildWeb(context: HubContext, core: HubCore, services: WebServices): Promise<FastifyInstance> {
  const { config, clock, log, ports } = context;
  const { limits } = config;
  const livePort = (): number => ports.live;
  const isSecure = core.tls !== null;
  const { jobs, fingerprint, uploads } = services.footage;
  const all = { ...core, ...services, jobs, fingerprint, clock, log, livePort, isSecure, isDemo: config.demo };
  const app = await createApp({
    access: core.access,
    isAuthenticEdge: (edgeId, secret) => core.registry.edges.isAuthentic(edgeId, secret),
    tls: core.tls,
    livePort,
    limits: {
      connections: limits.connections,
      requestsPerMinute: limits.requestsPerMinute,
      bodyBytes: limits.bodyBytes,
    },
    log,
  });
  sessionRoutes(app, all);
  accountRoutes(app, all);
  const scheme = core.tls === null || config.republish.plain ? 'rtsp' : 'rtsps';
  readerRoutes(app, { ...all, readerServer: () => (ports.rtsp === 0 ? null : { scheme, port: ports.rtsp }) });
  regionRoutes(app, all);
  edgeRoutes(app, all);
  deviceRoutes(app, all);
  candidateRoutes(app, all);
  directRoutes(app, all);
  ptzRoutes(app, all);
  incidentRoutes(app, all);
  footageRoutes(app, all);
  await mountUploads(app, uploads);
  wallRoutes(app, all);
  centreRoutes(app, all);
  await serveDashboard(app, resolve(config.dashboard ?? join(PACKAGE_ROOT, 'dashboard', 'dist')));
  return app;
}

/** Makes the web server listen and opens the dashboards' socket on it. Rejects with PORT_TAKEN. */
export async function startWeb(context: HubContext, core: HubCore, app: FastifyInstance): Promise<void> {
  const { config, clock, log, modules, ports } = context;
  const { host, port } = config.listen;
  await modules.begin('web', { stop: () => app.close() });
  const socket = new DashboardSocket({
    server: app.server,
    access: core.access,
    events: core.events,
    regionOf: (deviceId) => core.registry.device(deviceId)?.regionId ?? null,
    clock,
    log,
    limits: { sockets: config.limits.dashboards },
  });
  await modules.begin('dashboards', socket);
  context.count('dashboards', () => ({ open: socket.count }));
  try {
    await app.listen({ host, port });
  } catch (error) {
    throw listenError(error as NodeJS.ErrnoException, { host, port }, 'the dashboard and the API');
  }
  const bound = app.server.address();
  ports.web = typeof bound === 'object' && bound !== null ? bound.port : port;
}
