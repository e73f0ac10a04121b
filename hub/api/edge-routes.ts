import type { FastifyInstance } from 'fastify';
import { CENTRE_ROUTES } from '../../contract/api/centre.ts';
import { DEVICE_ROUTES, type Edge } from '../../contract/api/devices.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { type HubAddresses, joinFileText } from '../registry/join-token.ts';
import type { Registry } from '../registry/registry.ts';
import type { Caller } from './caller.ts';
import { route } from './route.ts';

/** What the routes of regions and edges use. */
export interface EdgeServices {
  registry: Registry;
  audit: AuditLog;
  addresses(): HubAddresses;
}

/**
 * The edge of a route, inside the caller's area.
 * @throws SharpEyesError `NOT_FOUND` for one outside as for one that does not exist; `EDGE_UNKNOWN` for the whole tree
 */
export function demandEdge(registry: Registry, caller: Caller, edgeId: string): Edge {
  const edge = registry.edges.get(edgeId);
  caller.demandInArea(edge?.regionId ?? null);
  if (edge !== null) return edge;
  throw new SharpEyesError('EDGE_UNKNOWN', `there is no edge ${edgeId}`, { context: { edgeId } });
}

/** The region tree. */
export function regionRoutes(app: FastifyInstance, { registry, audit }: EdgeServices): void {
  route(app, DEVICE_ROUTES.listRegions, async ({ caller }) =>
    caller.inArea(registry.regions.tree.all(), (region) => region.regionId),
  );

  route(app, DEVICE_ROUTES.createRegion, async ({ caller, body, address }) => {
    const region = await registry.createRegion(body);
    const details = { name: region.name, level: region.level, parentId: region.parentId };
    await audit.append({
      account: caller.account,
      action: 'region.create',
      subject: region.regionId,
      details,
      address,
    });
    return region;
  });

  route(app, DEVICE_ROUTES.changeRegion, async ({ caller, params, body, address }) => {
    const region = await registry.renameRegion(params.regionId, body.name);
    const details = { name: region.name };
    await audit.append({
      account: caller.account,
      action: 'region.change',
      subject: region.regionId,
      details,
      address,
    });
    return region;
  });
}

/** Edges: their state, enrolling and joining. */
export function edgeRoutes(app: FastifyInstance, { registry, audit, addresses }: EdgeServices): void {
  route(app, DEVICE_ROUTES.listEdges, async ({ caller }) => {
    // `sharp-eyes hub enrol` may have written one from another process.
    await registry.edges.refresh();
    return caller.inArea(registry.edges.all(), (edge) => edge.regionId);
  });

  route(app, DEVICE_ROUTES.enrolEdge, async ({ caller, body, address }) => {
    const { edgeId, name, regionId } = body;
    if (regionId !== null && registry.regions.tree.get(regionId) === null) {
      throw new SharpEyesError('INVALID_BODY', `there is no region ${regionId}`, { context: { regionId } });
    }
    const { token, expiresAtMs } = await registry.edges.enrol(edgeId, name, regionId);
    const details = { name, regionId };
    await audit.append({ account: caller.account, action: 'edge.enrol', subject: edgeId, details, address });
    return { edgeId, joinFile: joinFileText(edgeId, token, expiresAtMs, addresses()), expiresAtMs };
  });

  route(
    app,
    CENTRE_ROUTES.join,
    async ({ body, address }) => {
      const edge = await registry.join(body);
      const details = { version: body.version };
      await audit.append({ account: null, action: 'edge.join', subject: edge.edgeId, details, address });
      return { edgeId: edge.edgeId, name: edge.name };
    },
    { perMinute: 20, bodyLimitBytes: 8192 },
  );
}
