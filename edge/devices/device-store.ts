import { Check } from 'typebox/value';
import { DeviceConnection, DeviceIdentity, DeviceType, DriverName } from '../../contract/device.ts';
import type { SqliteDatabase } from '../../platform/sqlite/database.ts';
import type { SqlValue } from '../../platform/sqlite/protocol.ts';

/** A device as it is kept: its password stays sealed. */
export interface StoredDevice {
  deviceId: string;
  driver: DriverName;
  type: DeviceType;
  connection: DeviceConnection;
  profileId: string | null;
  record: boolean;
  registeredAtMs: number;
  /** What the device last said of itself. */
  identity: DeviceIdentity;
  /** Whether it was reachable when it was last looked at; null when it never was. */
  online: boolean | null;
}

/** Schema of the registry. */
export const DEVICE_MIGRATIONS: readonly string[] = [
  `CREATE TABLE device (
     device_id TEXT PRIMARY KEY,
     driver TEXT NOT NULL,
     type TEXT NOT NULL,
     connection TEXT NOT NULL,        -- DeviceConnection of contract/device.ts; the password is sealed
     profile_id TEXT,
     record INTEGER NOT NULL,
     registered_at_ms REAL NOT NULL,
     identity TEXT NOT NULL,          -- DeviceIdentity of contract/device.ts
     online INTEGER                   -- null: never seen
   ) STRICT;`,
];

/** A device of which nothing is known yet. */
export const UNKNOWN_IDENTITY: DeviceIdentity = {
  manufacturer: null,
  model: null,
  firmware: null,
  serial: null,
  mac: null,
};

/** The registered devices on the disk. */
export class DeviceStore {
  readonly #database: SqliteDatabase;

  /** The database is started and stopped by its owner. */
  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  /** All devices, in the order of their registration; entries of another version that cannot be read are left out. */
  async load(): Promise<StoredDevice[]> {
    const rows = await this.#database.query('SELECT * FROM device ORDER BY registered_at_ms, device_id');
    return rows.flatMap((row) => deviceOf(row) ?? []);
  }

  async save(device: StoredDevice): Promise<void> {
    const { deviceId, driver, type, profileId, record, registeredAtMs, identity, online } = device;
    const connection = JSON.stringify(device.connection);
    await this.#database.transaction([
      {
        sql: `INSERT OR REPLACE INTO device
                (device_id, driver, type, connection, profile_id, record, registered_at_ms, identity, online)
              VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        params: [
          deviceId,
          driver,
          type,
          connection,
          profileId,
          record ? 1 : 0,
          registeredAtMs,
          JSON.stringify(identity),
          online === null ? null : Number(online),
        ],
      },
    ]);
  }

  async remove(deviceId: string): Promise<void> {
    await this.#database.transaction([{ sql: 'DELETE FROM device WHERE device_id = ?', params: [deviceId] }]);
  }
}

function deviceOf(row: Record<string, SqlValue>): StoredDevice | null {
  const connection = jsonOf(row['connection']);
  const identity = jsonOf(row['identity']);
  const { driver, type } = row;
  if (!Check(DriverName, driver) || !Check(DeviceType, type)) return null;
  if (!Check(DeviceConnection, connection) || !Check(DeviceIdentity, identity)) return null;
  return {
    deviceId: String(row['device_id']),
    driver,
    type,
    connection,
    profileId: row['profile_id'] === null ? null : String(row['profile_id']),
    record: row['record'] === 1,
    registeredAtMs: Number(row['registered_at_ms']),
    identity,
    online: row['online'] === null ? null : row['online'] === 1,
  };
}

function jsonOf(text: SqlValue | undefined): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return null;
  }
}
