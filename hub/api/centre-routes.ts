import type { FastifyInstance } from 'fastify';
import { CENTRE_ROUTES, type Wall } from '../../contract/api/centre.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import { VERSION } from '../../platform/version.ts';
import type { Access } from '../access/access.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Registry } from '../registry/registry.ts';
import type { Walls } from '../walls/walls.ts';
import type { Caller } from './caller.ts';
import { buildOpenApi } from './openapi.ts';
import { route } from './route.ts';

/** What the routes of the centre use. */
export interface CentreServices {
  access: Access;
  audit: AuditLog;
  registry: Registry;
  walls: Walls;
  /** Every counter of the hub by name. */
  counters(): Record<string, number>;
  /** The hub's authority; null without TLS. */
  caPem: string | null;
}

/** Walls. */
export function wallRoutes(app: FastifyInstance, { walls, registry, audit }: CentreServices): void {
  const within = (caller: Caller, wall: Wall): Wall => {
    const cameras = wall.tiles.flatMap((tile) => (tile === null ? [] : [tile]));
    const visible = new Set(caller.inArea(cameras, (deviceId) => registry.device(deviceId)?.regionId ?? null));
    return { ...wall, tiles: wall.tiles.map((tile) => (tile !== null && visible.has(tile) ? tile : null)) };
  };

  route(app, CENTRE_ROUTES.listWalls, async ({ caller }) => walls.list().map((wall) => within(caller, wall)));

  route(app, CENTRE_ROUTES.changeWall, async ({ caller, params, body, address }) => {
    const unknown = body.tiles.find((tile) => tile !== null && registry.device(tile) === null);
    if (unknown !== undefined) {
      throw new SharpEyesError('INVALID_BODY', `there is no device ${unknown}`, { context: { deviceId: unknown } });
    }
    const wall = await walls.change(params.wallId, body);
    const details = { layout: wall.layout, version: wall.version };
    await audit.append({ account: caller.account, action: 'wall.change', subject: wall.wallId, details, address });
    return wall;
  });
}

/** The audit log and the state of the hub. */
export function centreRoutes(app: FastifyInstance, { audit, counters, caPem }: CentreServices): void {
  route(app, CENTRE_ROUTES.listAudit, ({ query }) => audit.list(query));

  route(app, CENTRE_ROUTES.verifyAudit, () => audit.verify(), { perMinute: 6 });

  route(app, CENTRE_ROUTES.health, async () => ({ ok: true, version: VERSION }));

  route(app, CENTRE_ROUTES.centreState, async () => ({ counters: counters() }));

  route(app, CENTRE_ROUTES.ca, async ({ reply }) => {
    if (caPem === null) throw new SharpEyesError('NOT_FOUND', 'this hub works without TLS and has no authority');
    return reply.type('application/x-pem-file').send(caPem);
  });

  let openApi: Promise<unknown> | null = null;
  app.get('/api/openapi.json', { config: { access: { kind: 'signed-in' } } }, async () => {
    openApi ??= buildOpenApi();
    return openApi;
  });
}
