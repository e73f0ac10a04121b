import type { FastifyInstance } from 'fastify';
import { DEVICE_ROUTES, type Device, type DevicePlacement } from '../../contract/api/devices.ts';
import type { CommandName, CommandParams, CommandResult } from '../../contract/command.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import { deviceTopic } from '../../contract/topics.ts';
import type { Log } from '../../platform/log.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { newDeviceId } from '../registry/devices.ts';
import type { Registry } from '../registry/registry.ts';
import type { Caller } from './caller.ts';
import { demandEdge } from './edge-routes.ts';
import { route } from './route.ts';

/** Orders to edges. Rejects with EDGE_OFFLINE, TIMEOUT or the error that the edge answered. */
export interface EdgeOrders {
  send<N extends CommandName>(
    edgeId: string,
    name: N,
    params: CommandParams<N>,
    options?: { timeoutMs?: number; ttlMs?: number },
  ): Promise<CommandResult<N>>;
}

/** What the routes of devices use. */
export interface DeviceServices {
  registry: Registry;
  audit: AuditLog;
  orders: EdgeOrders;
  log: Log;
}

/** A camera that has to be woken and asked twice answers within this. */
const CONNECT_TIMEOUT_MS = 45_000;
const SNAPSHOT_TIMEOUT_MS = 15_000;
const DISCOVERY_TIMEOUT_MS = 30_000;

/**
 * The device of a route, inside the caller's area.
 * @throws SharpEyesError `NOT_FOUND` for one outside as for one that does not exist; `DEVICE_UNKNOWN` for the whole tree
 */
export function demandDevice(registry: Registry, caller: Caller, deviceId: string): Device {
  const device = registry.device(deviceId);
  caller.demandInArea(device?.regionId ?? null);
  if (device !== null) return device;
  throw new SharpEyesError('DEVICE_UNKNOWN', `there is no device ${deviceId}`, { context: { deviceId } });
}

/** @param linkedBefore links that stand already, also to devices outside the caller's area */
function checkPlacement(
  registry: Registry,
  caller: Caller,
  placement: DevicePlacement,
  ownId: string,
  linkedBefore: readonly string[] = [],
): void {
  const { regionId, latitude, longitude, links } = placement;
  if (regionId !== null && registry.regions.tree.get(regionId) === null) {
    throw new SharpEyesError('INVALID_BODY', `there is no region ${regionId}`, { context: { regionId } });
  }
  caller.demandInArea(regionId);
  if ((latitude === null) !== (longitude === null)) {
    throw new SharpEyesError('INVALID_BODY', 'latitude and longitude belong together: give both or none');
  }
  const reachable = caller.inArea(
    links.flatMap((deviceId) => registry.device(deviceId) ?? []),
    (device) => device.regionId,
  );
  const allowed = new Set([...linkedBefore, ...reachable.map(({ deviceId }) => deviceId)]);
  // A device outside the area is refused like one that does not exist.
  const unknown = links.find((deviceId) => deviceId === ownId || !allowed.has(deviceId));
  if (unknown !== undefined) {
    throw new SharpEyesError('INVALID_BODY', `the link ${unknown} is no other device`, { context: { unknown } });
  }
}

/** Devices in service. */
export function deviceRoutes(app: FastifyInstance, services: DeviceServices): void {
  const { registry, audit, orders, log } = services;

  route(app, DEVICE_ROUTES.listDevices, async ({ caller }) =>
    caller.inArea(registry.devices(), (device) => device.regionId),
  );

  route(app, DEVICE_ROUTES.device, async ({ caller, params }) => {
    return demandDevice(registry, caller, params.deviceId);
  });

  route(app, DEVICE_ROUTES.registerDevice, async ({ caller, body, address }) => {
    const { edgeId, candidateId, driver, type, connection, profileId, record, placement } = body;
    demandEdge(registry, caller, edgeId);
    const deviceId = newDeviceId(type);
    checkPlacement(registry, caller, placement, deviceId);
    const { device } = await registry.register({ deviceId, edgeId, candidateId, type, driver }, placement, () => {
      const order = { deviceId, driver, type, candidateId, connection, profileId, record };
      return orders.send(edgeId, 'device.register', order, { timeoutMs: CONNECT_TIMEOUT_MS });
    });
    const details = { edgeId, driver, type, name: placement.name };
    await audit.append({ account: caller.account, action: 'device.register', subject: deviceId, details, address });
    const mqtt = driver === 'mqtt-device' ? { username: deviceId, topic: deviceTopic(deviceId) } : null;
    return { device: registry.device(deviceId) ?? device, mqtt };
  });

  route(app, DEVICE_ROUTES.changeDevice, async ({ caller, params, body, address }) => {
    const before = demandDevice(registry, caller, params.deviceId);
    checkPlacement(registry, caller, body.placement, before.deviceId, before.links);
    const device = await registry.placeDevice(before.deviceId, body.version, body.placement);
    const details = { name: device.name, regionId: device.regionId, version: device.version };
    await audit.append({
      account: caller.account,
      action: 'device.change',
      subject: before.deviceId,
      details,
      address,
    });
    return device;
  });

  route(app, DEVICE_ROUTES.removeDevice, async ({ caller, params, address }) => {
    const { deviceId, edgeId, name } = demandDevice(registry, caller, params.deviceId);
    const subject = deviceId;
    await audit.append({
      account: caller.account,
      action: 'device.remove',
      subject,
      details: { edgeId, name },
      address,
    });
    await registry.removeDevice(deviceId);
    // An edge that is away is told when it comes back with the device in its inventory.
    orders.send(edgeId, 'device.remove', { deviceId }).catch((error: unknown) => {
      log.info({ edge: edgeId, device: deviceId, err: error }, 'the edge could not be told to take out the device yet');
    });
  });

  route(app, DEVICE_ROUTES.snapshot, async ({ caller, params, reply }) => {
    const { deviceId, edgeId } = demandDevice(registry, caller, params.deviceId);
    const { jpegBase64 } = await orders.send(
      edgeId,
      'device.snapshot',
      { deviceId },
      { timeoutMs: SNAPSHOT_TIMEOUT_MS },
    );
    return reply.type('image/jpeg').header('cache-control', 'no-store').send(Buffer.from(jpegBase64, 'base64'));
  });
}

/** What edges find, and trying it out. */
export function candidateRoutes(app: FastifyInstance, { registry, audit, orders }: DeviceServices): void {
  route(app, DEVICE_ROUTES.listCandidates, async ({ caller }) =>
    caller.inArea(registry.candidates(), (candidate) => registry.edges.get(candidate.edgeId)?.regionId ?? null),
  );

  route(app, DEVICE_ROUTES.runDiscovery, async ({ caller, params }) => {
    demandEdge(registry, caller, params.edgeId);
    return orders.send(params.edgeId, 'discovery.run', {}, { timeoutMs: DISCOVERY_TIMEOUT_MS });
  });

  route(app, DEVICE_ROUTES.listProfiles, async ({ caller, params }) => {
    demandEdge(registry, caller, params.edgeId);
    return orders.send(params.edgeId, 'profile.list', {});
  });

  route(app, DEVICE_ROUTES.addCandidate, async ({ caller, params, body, address }) => {
    const { edgeId } = params;
    demandEdge(registry, caller, edgeId);
    const candidate = await orders.send(edgeId, 'candidate.add', body, { timeoutMs: CONNECT_TIMEOUT_MS });
    const details = { edgeId, address: candidate.address };
    const subject = candidate.candidateId;
    await audit.append({ account: caller.account, action: 'candidate.add', subject, details, address });
    return { ...candidate, edgeId, registeredAs: null };
  });

  route(app, DEVICE_ROUTES.dismissCandidate, async ({ caller, params, address }) => {
    const { edgeId, candidateId } = params;
    demandEdge(registry, caller, edgeId);
    await orders.send(edgeId, 'candidate.dismiss', { candidateId });
    const { account } = caller;
    await audit.append({ account, action: 'candidate.dismiss', subject: candidateId, details: { edgeId }, address });
  });

  route(app, DEVICE_ROUTES.probeCandidate, async ({ caller, params, body, address }) => {
    const { edgeId, candidateId } = params;
    demandEdge(registry, caller, edgeId);
    await audit.append({
      account: caller.account,
      action: 'candidate.probe',
      subject: candidateId,
      details: { edgeId },
      address,
    });
    const { connection } = body;
    return orders.send(edgeId, 'device.probe', { candidateId, connection }, { timeoutMs: CONNECT_TIMEOUT_MS });
  });
}
