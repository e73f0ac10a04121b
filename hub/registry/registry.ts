import { Compile } from 'typebox/compile';
import type { Device, DevicePlacement, Edge, HubCandidate, Region } from '../../contract/api/devices.ts';
import { messageOf } from '../../contract/errors.ts';
import { EdgeInventory, EdgeStatus, parseTopic } from '../../contract/topics.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { EdgeLink } from '../broker/link.ts';
import type { HubEvents } from '../hub-events.ts';
import type { HubStorage } from '../storage/hub-storage.ts';
import { type DeviceIdentityOfHub, Devices, type RegisteredDevice } from './devices.ts';
import { Edges, type JoinRequest } from './edges.ts';
import { Regions } from './regions.ts';

/** What the {@link Registry} is built from. */
export interface RegistryOptions {
  storage: HubStorage;
  audit: AuditLog;
  events: HubEvents;
  clock: Clock;
  log: Log;
}

const status = Compile(EdgeStatus);
const inventory = Compile(EdgeInventory);

/** Regions, edges and devices: what people decided, together with what the edges report. */
export class Registry {
  readonly regions: Regions;
  readonly edges: Edges;
  readonly devicesInService: Devices;
  readonly #options: RegistryOptions;
  readonly #counters = { malformed: 0, unknownEdge: 0, foreignDevices: 0, adopted: 0, clonedEdges: 0 };
  /** Ids whose edge may report them before they are stored. */
  readonly #registering = new Set<string>();
  #orderRemoval: ((edgeId: string, deviceId: string) => Promise<unknown>) | null = null;
  #unlisten: () => void = () => undefined;
  #tasks: Promise<unknown> = Promise.resolve();

  constructor(options: RegistryOptions) {
    const { storage, clock } = options;
    this.#options = options;
    this.regions = new Regions(storage, clock);
    this.edges = new Edges(storage, clock);
    this.devicesInService = new Devices(storage, clock);
  }

  /** Reads everything from the database. */
  async start(): Promise<void> {
    await this.regions.start();
    await this.edges.refresh();
    await this.devicesInService.start();
  }

  /**
   * Takes status and inventory from the edges.
   * @param orderRemoval tells an edge to take out a device that was removed while it was away
   */
  connect(link: EdgeLink, orderRemoval: (edgeId: string, deviceId: string) => Promise<unknown>): void {
    this.#orderRemoval = orderRemoval;
    this.#unlisten = link.onMessage((topic, payload, packet) => this.#receive(topic, payload, packet.retain));
  }

  /** Stops listening and waits for what was begun. */
  async stop(): Promise<void> {
    this.#unlisten();
    await this.#tasks;
  }

  /** A device in service; null when there is none. */
  device(deviceId: string): Device | null {
    const device = this.devicesInService.get(deviceId);
    return device === null ? null : this.#view(device);
  }

  /** Every device in service, by number. */
  devices(): Device[] {
    return this.devicesInService.all().map((device) => this.#view(device));
  }

  /** What an edge, or every edge, has found. */
  candidates(edgeId?: string): HubCandidate[] {
    const registered = new Map<string, string>();
    for (const device of this.devicesInService.all()) {
      if (device.candidateId !== null) registered.set(`${device.edgeId}/${device.candidateId}`, device.deviceId);
    }
    const edgeIds = edgeId === undefined ? this.edges.all().map((edge) => edge.edgeId) : [edgeId];
    return edgeIds.flatMap((id) =>
      (this.edges.state(id)?.inventory?.candidates ?? []).map((candidate) => ({
        ...candidate,
        edgeId: id,
        registeredAs: registered.get(`${id}/${candidate.candidateId}`) ?? null,
      })),
    );
  }

  /** Adds a node to the region tree ({@link Regions.create}) and tells everybody. */
  async createRegion(wanted: Omit<Region, 'regionId'>): Promise<Region> {
    const region = await this.regions.create(wanted);
    this.#options.events.emit('regionsChanged');
    return region;
  }

  /** Renames a node of the region tree; rejects with NOT_FOUND. */
  async renameRegion(regionId: string, name: string): Promise<Region> {
    const region = await this.regions.rename(regionId, name);
    this.#options.events.emit('regionsChanged');
    return region;
  }

  /**
   * Takes a device into service. `connect` makes the edge connect to it; when that fails nothing is registered, and an
   * edge that did it all the same is told to take it out.
   */
  async register<T>(
    identity: DeviceIdentityOfHub,
    placement: DevicePlacement,
    connect: () => Promise<T>,
  ): Promise<{ device: Device; connected: T }> {
    const { deviceId } = identity;
    this.#registering.add(deviceId);
    try {
      const connected = await connect();
      return { device: await this.#add(identity, placement), connected };
    } catch (error) {
      this.devicesInService.refuse(deviceId);
      throw error;
    } finally {
      this.#registering.delete(deviceId);
    }
  }

  /** Changes what people decided about a device; rejects with CONFLICT. */
  async placeDevice(deviceId: string, version: number, placement: DevicePlacement): Promise<Device> {
    const device = this.#view(await this.devicesInService.place(deviceId, version, placement));
    this.#options.events.emit('device', device);
    return device;
  }

  /** Takes a device out of service. An edge that is away is told when it comes back. */
  async removeDevice(deviceId: string): Promise<void> {
    const device = this.devicesInService.get(deviceId);
    if (device === null) return;
    await this.devicesInService.remove(deviceId);
    this.#options.events.emit('deviceRemoved', deviceId, device.placement.regionId);
  }

  /** Takes an edge in ({@link Edges.join}) and tells everybody. */
  async join(request: JoinRequest): Promise<Edge> {
    const edge = await this.edges.join(request);
    this.#options.events.emit('edgeJoined', edge.edgeId);
    this.#options.events.emit('edge', edge);
    return edge;
  }

  counters(): Record<string, number> {
    return { ...this.#counters };
  }

  #receive(topic: string, payload: Uint8Array, isOld: boolean): void {
    const parsed = parseTopic(topic);
    if (parsed === null || (parsed.kind !== 'status' && parsed.kind !== 'inventory')) return;
    const { edgeId, kind } = parsed;
    if (this.edges.state(edgeId) === null) {
      this.#counters.unknownEdge++;
      return;
    }
    try {
      const value: unknown = JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString());
      if (kind === 'status' && status.Check(value)) return this.#takeStatus(edgeId, value, isOld);
      if (kind === 'inventory' && inventory.Check(value)) return this.#takeInventory(edgeId, value);
    } catch (error) {
      this.#options.log.debug({ edge: edgeId, kind, err: error }, 'a message of an edge is not JSON');
    }
    this.#counters.malformed++;
    this.#options.log.warn({ edge: edgeId, kind }, `a message does not have the documented shape; it was ignored`);
  }

  #takeStatus(edgeId: string, message: EdgeStatus, isOld: boolean): void {
    const state = this.edges.state(edgeId);
    if (state === null) return;
    const { turned, isCloned } = state.take(message, this.#options.clock.nowMs(), isOld);
    if (isCloned) {
      this.#counters.clonedEdges++;
      const details = { instance: message.instance };
      this.#run(this.#options.audit.append({ account: null, action: 'edge.cloned', subject: edgeId, details }));
    }
    const edge = this.edges.get(edgeId);
    if (edge !== null) this.#options.events.emit('edge', edge);
    if (turned) this.#emitDevices(this.devicesInService.all().filter((device) => device.edgeId === edgeId));
  }

  #takeInventory(edgeId: string, message: EdgeInventory): void {
    const state = this.edges.state(edgeId);
    if (state === null) return;
    const before = new Map(this.candidates(edgeId).map((candidate) => [candidate.candidateId, candidate]));
    const changed = state.takeInventory(message);
    const known: RegisteredDevice[] = [];
    for (const deviceId of changed) {
      const device = this.devicesInService.get(deviceId);
      if (device?.edgeId === edgeId) known.push(device);
      else if (state.devices.has(deviceId)) this.#takeStranger(edgeId, deviceId, device !== null);
    }
    this.#emitDevices(known);
    const regionId = this.edges.get(edgeId)?.regionId ?? null;
    for (const candidate of this.candidates(edgeId)) {
      if (JSON.stringify(before.get(candidate.candidateId)) === JSON.stringify(candidate)) continue;
      this.#options.events.emit('candidate', candidate, regionId);
    }
  }

  /** An edge serves a device that is not registered for it: another edge's, a removed one, or one that we forgot. */
  #takeStranger(edgeId: string, deviceId: string, isOfAnotherEdge: boolean): void {
    const { audit, log } = this.#options;
    if (this.#registering.has(deviceId)) return;
    if (isOfAnotherEdge) {
      this.#counters.foreignDevices++;
      const details = { deviceId };
      this.#run(audit.append({ account: null, action: 'edge.impersonation', subject: edgeId, details }));
    } else if (this.devicesInService.wasRemoved(deviceId)) {
      log.info({ edge: edgeId, device: deviceId }, 'the edge is told to take out a device that was removed');
      this.#run(this.#orderRemoval?.(edgeId, deviceId));
    } else this.#run(this.#adopt(edgeId, deviceId));
  }

  /** The database is older than the edge's: the device comes back into service under its id, without a place. */
  async #adopt(edgeId: string, deviceId: string): Promise<void> {
    const reported = this.edges.state(edgeId)?.devices.get(deviceId);
    if (reported === undefined || this.devicesInService.get(deviceId) !== null) return;
    this.#counters.adopted++;
    const { type, driver } = reported;
    const regionId = this.edges.get(edgeId)?.regionId ?? null;
    const place = { latitude: null, longitude: null, bearingDeg: null, viewDistanceM: null, viewAngleDeg: null };
    const placement = { name: reported.identity.model ?? deviceId, regionId, ...place, links: [] };
    await this.#options.audit.append({ account: null, action: 'device.adopt', subject: deviceId, details: { edgeId } });
    await this.#add({ deviceId, edgeId, candidateId: null, type, driver }, placement);
  }

  async #add(identity: DeviceIdentityOfHub, placement: DevicePlacement): Promise<Device> {
    const device = this.#view(await this.devicesInService.add(identity, placement));
    this.#options.events.emit('deviceAdded', device);
    this.#options.events.emit('device', device);
    return device;
  }

  #emitDevices(devices: readonly RegisteredDevice[]): void {
    for (const device of devices) this.#options.events.emit('device', this.#view(device));
  }

  #run(task: Promise<unknown> | undefined): void {
    const settled = task?.catch((error: unknown) => {
      this.#options.log.warn({ reason: messageOf(error) }, 'a task of the registry failed');
    });
    // Without its results, which would hold on to those of every task before.
    this.#tasks = Promise.all([this.#tasks, settled]).then(() => undefined);
  }

  #view(device: RegisteredDevice): Device {
    const state = this.edges.state(device.edgeId);
    const reported = state?.devices.get(device.deviceId) ?? null;
    const isEdgeOnline = state?.online ?? false;
    const { placement, candidateId, ...rest } = device;
    return {
      ...rest,
      ...placement,
      regionPath: this.regions.tree.path(placement.regionId),
      online: isEdgeOnline && (reported?.online ?? false),
      reason: isEdgeOnline ? (reported?.reason ?? 'never-seen') : 'edge-offline',
      sinceMs: (isEdgeOnline ? reported?.sinceMs : state?.sinceMs) ?? device.registeredAtMs,
      edge: reported,
    };
  }
}
