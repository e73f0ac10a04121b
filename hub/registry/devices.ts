import { randomInt } from 'node:crypto';
import type { Device, DevicePlacement } from '../../contract/api/devices.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import type { HubStorage } from '../storage/hub-storage.ts';
import type { DeviceRow } from '../storage/tables/registry.ts';

const DEVICES_MAX = 100_000;
const LETTERS = 'abcdefghjkmnpqrstvwxyz0123456789';

/** What a device is, as decided when it was registered. */
export interface DeviceIdentityOfHub {
  deviceId: string;
  edgeId: string;
  candidateId: string | null;
  type: Device['type'];
  driver: Device['driver'];
}

/** A registered device without what its edge reports. */
export interface RegisteredDevice extends DeviceIdentityOfHub {
  placement: DevicePlacement;
  number: number;
  registeredAtMs: number;
  version: number;
}

/** An id for a new device: its type and eight random letters. */
export function newDeviceId(type: Device['type']): string {
  return `${type}-${Array.from({ length: 8 }, () => LETTERS[randomInt(LETTERS.length)] ?? '').join('')}`;
}

/** Devices in service, in memory and in the database. */
export class Devices {
  readonly #storage: HubStorage;
  readonly #clock: Clock;
  readonly #devices = new Map<string, RegisteredDevice>();
  readonly #removed = new Set<string>();
  #lastNumber = 0;

  constructor(storage: HubStorage, clock: Clock) {
    this.#storage = storage;
    this.#clock = clock;
  }

  async start(): Promise<void> {
    const rows = await this.#storage.db.selectFrom('devices').selectAll().orderBy('number').execute();
    for (const row of rows) {
      this.#lastNumber = Math.max(this.#lastNumber, row.number);
      if (row.removed_at_ms !== null) this.#removed.add(row.device_id);
      else this.#devices.set(row.device_id, toDevice(row));
    }
  }

  get(deviceId: string): RegisteredDevice | null {
    return this.#devices.get(deviceId) ?? null;
  }

  /** Every device by its number. */
  all(): RegisteredDevice[] {
    return [...this.#devices.values()];
  }

  /** Whether the id belonged to a device that was taken out of service. */
  wasRemoved(deviceId: string): boolean {
    return this.#removed.has(deviceId);
  }

  /** Never takes this id into service: its edge was asked to and failed, or did not answer in time. */
  refuse(deviceId: string): void {
    this.#removed.add(deviceId);
  }

  /** Takes a device into service and gives it the next number. */
  async add(identity: DeviceIdentityOfHub, placement: DevicePlacement): Promise<RegisteredDevice> {
    if (this.#devices.size >= DEVICES_MAX) {
      throw new SharpEyesError('LIMIT_REACHED', `there are ${DEVICES_MAX} devices already`);
    }
    // Counted up before the write: two at once must not get the same number.
    const number = ++this.#lastNumber;
    const device = { ...identity, placement, number, registeredAtMs: this.#clock.nowMs(), version: 1 };
    await this.#storage.db.insertInto('devices').values(toRow(device)).execute();
    this.#devices.set(device.deviceId, device);
    return device;
  }

  /** Changes a device's placement. Rejects with CONFLICT when `version` is not the newest. */
  async place(deviceId: string, version: number, placement: DevicePlacement): Promise<RegisteredDevice> {
    const before = this.#devices.get(deviceId);
    if (before === undefined) throw new SharpEyesError('DEVICE_UNKNOWN', `there is no device ${deviceId}`);
    const device = { ...before, placement, version: version + 1 };
    const { device_id, ...columns } = toRow(device);
    const result = await this.#storage.db
      .updateTable('devices')
      .set(columns)
      .where('device_id', '=', device_id)
      .where('version', '=', version)
      .executeTakeFirst();
    if (result.numUpdatedRows === 0n) {
      throw new SharpEyesError('CONFLICT', 'somebody changed the device meanwhile; load it again', {
        context: { deviceId, version: before.version },
      });
    }
    this.#devices.set(deviceId, device);
    return device;
  }

  /** Takes a device out of service; its row stays, because footage and incidents name it. */
  async remove(deviceId: string): Promise<void> {
    await this.#storage.db
      .updateTable('devices')
      .set({ removed_at_ms: this.#clock.nowMs() })
      .where('device_id', '=', deviceId)
      .execute();
    this.#devices.delete(deviceId);
    this.#removed.add(deviceId);
  }
}

function toDevice(row: DeviceRow): RegisteredDevice {
  return {
    deviceId: row.device_id,
    edgeId: row.edge_id,
    candidateId: row.candidate_id,
    type: row.type as Device['type'],
    driver: row.driver as Device['driver'],
    number: row.number,
    registeredAtMs: row.registered_at_ms,
    version: row.version,
    placement: {
      name: row.name,
      regionId: row.region_id,
      latitude: row.latitude,
      longitude: row.longitude,
      bearingDeg: row.bearing_deg,
      viewDistanceM: row.view_distance_m,
      viewAngleDeg: row.view_angle_deg,
      links: JSON.parse(row.links) as string[],
    },
  };
}

function toRow(device: RegisteredDevice): DeviceRow {
  const { placement } = device;
  return {
    device_id: device.deviceId,
    edge_id: device.edgeId,
    candidate_id: device.candidateId,
    type: device.type,
    driver: device.driver,
    number: device.number,
    name: placement.name,
    region_id: placement.regionId,
    latitude: placement.latitude,
    longitude: placement.longitude,
    bearing_deg: placement.bearingDeg,
    view_distance_m: placement.viewDistanceM,
    view_angle_deg: placement.viewAngleDeg,
    links: JSON.stringify(placement.links),
    registered_at_ms: device.registeredAtMs,
    removed_at_ms: null,
    version: device.version,
  };
}
