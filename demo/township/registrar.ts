import { randomBytes } from 'node:crypto';
import type { Device, Edge, HubCandidate } from '../../contract/api/devices.ts';
import type { DeviceConnection, DeviceType, DriverName } from '../../contract/device.ts';
import { messageOf } from '../../contract/errors.ts';
import { seal, sealingContext } from '../../contract/sealed.ts';
import { type Clock, delay } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { HubClient } from './hub-client.ts';
import {
  ALARM_BOX,
  CAMERAS,
  DOOR,
  H265_CAMERA,
  type PlannedPlace,
  placementOf,
  REGIONS,
  SENSORS,
  STATION,
} from './plan.ts';
import type { TownshipSecrets } from './secrets.ts';

const USERNAME = 'admin';
const RETRY_MS = 1000;

/** What the registrar works with. */
export interface RegistrarOptions {
  hub: HubClient;
  edgeId: string;
  secrets: TownshipSecrets;
  /** Name of each camera by its address. */
  cameraNames: ReadonlyMap<string, string>;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  onRegistered: (device: Device) => void;
}

/**
 * Does in the demo what a technician does: waits until the edge has found the devices, probes each with its password
 * (sealed to the edge), gives it a name and a place, and registers it. Everything goes through the hub's REST API.
 */
export class Registrar {
  readonly #options: RegistrarOptions;
  readonly #regionIds = new Map<string, string>();
  readonly #deviceIds = new Map<string, string>();

  constructor(options: RegistrarOptions) {
    this.#options = options;
  }

  /** Resolves when everything of the plan stands in the registry; what is there already is left alone. */
  async run(): Promise<void> {
    await this.#createRegions();
    const edge = await this.#waitForEdge();
    const known = new Map((await this.#options.hub.call('listDevices')).map((device) => [device.name, device]));
    const { cameraNames } = this.#options;
    for (const camera of [...CAMERAS, H265_CAMERA].filter(({ address }) => cameraNames.has(address))) {
      const name = this.#options.cameraNames.get(camera.address) ?? camera.clip;
      await this.#onvif(edge, known, {
        key: camera.clip,
        address: camera.address,
        name,
        place: camera.place,
        links: [],
        record: true,
      });
    }
    await this.#onvif(edge, known, { key: 'door', ...DOOR, record: false });
    await this.#caller(edge, known, {
      ...{ ...ALARM_BOX, key: 'help-box', driver: 'sia-dc09', type: 'alarm-box', profileId: 'generic/dc09-help-box' },
      connection: { account: ALARM_BOX.account },
    });
    const password = await seal(globalThis.crypto, edge.sealingKey, sealingContext(edge.edgeId), STATION.password);
    await this.#caller(edge, known, {
      ...{ ...STATION, key: 'station', driver: 'hj212', type: 'sensor', profileId: 'generic/hj212-dust-noise' },
      connection: { station: STATION.mn, password },
    });
    for (const sensor of SENSORS) await this.#sensor(edge, known, sensor);
  }

  /** Tries until it works; the edge or the hub may still be starting. */
  async #persistently<T>(what: string, attempt: () => Promise<T | undefined>): Promise<T> {
    for (;;) {
      try {
        const result = await attempt();
        if (result !== undefined) return result;
      } catch (error) {
        this.#options.log.info({ what }, `not yet: ${messageOf(error)}`);
      }
      await delay(this.#options.clock, RETRY_MS, this.#options.signal);
    }
  }

  async #createRegions(): Promise<void> {
    const { hub } = this.#options;
    const existing = await this.#persistently('regions', () => hub.call('listRegions'));
    const county = existing.find((region) => region.level === 'county');
    for (const planned of REGIONS) {
      const parentId =
        planned.parent === null ? (county?.regionId ?? null) : (this.#regionIds.get(planned.parent) ?? null);
      const found = existing.find((region) => region.name === planned.name && region.parentId === parentId);
      const { level, name, code } = planned;
      const region = found ?? (await hub.call('createRegion', { body: { parentId, level, name, code } }));
      this.#regionIds.set(planned.key, region.regionId);
    }
  }

  #waitForEdge(): Promise<Edge & { sealingKey: string }> {
    return this.#persistently('edge', async () => {
      const edges = await this.#options.hub.call('listEdges');
      const edge = edges.find(({ edgeId, online }) => edgeId === this.#options.edgeId && online);
      return edge !== undefined && edge.sealingKey !== null ? { ...edge, sealingKey: edge.sealingKey } : undefined;
    });
  }

  #placement(name: string, place: PlannedPlace, links: readonly string[]): ReturnType<typeof placementOf> {
    const linked = links.flatMap((key) => this.#deviceIds.get(key) ?? []);
    return placementOf(name, place, this.#regionIds.get(place.region) ?? '', linked);
  }

  #registered(key: string, device: Device): void {
    this.#deviceIds.set(key, device.deviceId);
    this.#options.onRegistered(device);
  }

  async #candidate(address: string): Promise<HubCandidate> {
    const { hub, edgeId } = this.#options;
    return this.#persistently(`device ${address}`, async () => {
      const candidates = await hub.call('listCandidates');
      const found = candidates.find(
        (candidate) => candidate.address.includes(`//${address}:`) || candidate.address.startsWith(address),
      );
      if (found === undefined) await hub.call('runDiscovery', { params: { edgeId } });
      return found;
    });
  }

  async #onvif(
    edge: { edgeId: string; sealingKey: string },
    known: ReadonlyMap<string, Device>,
    planned: {
      key: string;
      address: string;
      name: string;
      place: PlannedPlace;
      links: readonly string[];
      record: boolean;
    },
  ): Promise<void> {
    const existing = known.get(planned.name);
    if (existing !== undefined) return this.#registered(planned.key, existing);
    const { hub, secrets } = this.#options;
    const { edgeId } = edge;
    const { candidateId } = await this.#candidate(planned.address);
    const password = await seal(
      globalThis.crypto,
      edge.sealingKey,
      sealingContext(edgeId),
      secrets.devicePassword(planned.address),
    );
    const connection = { username: USERNAME, password };
    const device = await this.#persistently(planned.name, async () => {
      const probe = await hub.call('probeCandidate', { params: { edgeId, candidateId }, body: { connection } });
      if (!probe.ok) throw new Error(probe.message);
      const registered = await hub.call('registerDevice', {
        body: {
          edgeId,
          candidateId,
          driver: 'onvif',
          type: probe.type,
          connection,
          profileId: probe.suggestedProfileId,
          record: planned.record,
          placement: this.#placement(planned.name, planned.place, planned.links),
        },
      });
      return registered.device;
    });
    this.#registered(planned.key, device);
  }

  /** A device that calls the edge by itself. */
  async #caller(
    edge: { edgeId: string },
    known: ReadonlyMap<string, Device>,
    planned: {
      key: string;
      name: string;
      driver: DriverName;
      type: DeviceType;
      profileId: string;
      connection: DeviceConnection;
      place: PlannedPlace;
      links: readonly string[];
    },
  ): Promise<void> {
    const { key, name, driver, type, profileId, connection, place, links } = planned;
    const existing = known.get(name);
    if (existing !== undefined) return this.#registered(key, existing);
    const placement = this.#placement(name, place, links);
    const { edgeId } = edge;
    const body = { edgeId, candidateId: null, driver, type, connection, profileId, record: false, placement };
    const { device } = await this.#persistently(name, () => this.#options.hub.call('registerDevice', { body }));
    this.#registered(key, device);
  }

  async #sensor(
    edge: { edgeId: string; sealingKey: string },
    known: ReadonlyMap<string, Device>,
    sensor: (typeof SENSORS)[number],
  ): Promise<void> {
    const { hub, secrets } = this.#options;
    const existing = known.get(sensor.name);
    if (existing !== undefined && secrets.sensor(sensor.key) !== undefined)
      return this.#registered(sensor.key, existing);
    if (existing !== undefined) await hub.call('removeDevice', { params: { deviceId: existing.deviceId } });
    const secret = randomBytes(12).toString('base64url');
    const password = await seal(globalThis.crypto, edge.sealingKey, sealingContext(edge.edgeId), secret);
    const { device, mqtt } = await this.#persistently(sensor.name, () =>
      hub.call('registerDevice', {
        body: {
          edgeId: edge.edgeId,
          candidateId: null,
          driver: 'mqtt-device',
          type: 'sensor',
          connection: { password },
          profileId: sensor.profileId,
          record: false,
          placement: this.#placement(sensor.name, sensor.place, sensor.links),
        },
      }),
    );
    if (mqtt !== null) secrets.setSensor(sensor.key, { ...mqtt, password: secret });
    this.#registered(sensor.key, device);
  }
}
