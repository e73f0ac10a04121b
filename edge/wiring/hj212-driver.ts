import type { ProbeResult } from '../../contract/device.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import type { DeviceDriver, DriverDevice, DriverHandle, DriverPorts, DriverStatus } from '../devices/driver.ts';
import { Hj212Receiver } from '../drivers/hj212/receiver.ts';
import { stationKey } from '../drivers/hj212/station.ts';
import { type DriverKit, profileOf, reporterOf } from './driver-kit.ts';
import { reportsByItself } from './reports-by-itself.ts';

/** What the site says about a station. */
export interface Hj212StationConfig {
  station: string;
  supervisionSeconds?: number;
  tolerateBadCrc?: boolean;
  utcOffsetMinutes?: number;
}

/** The rarest of what stations send by themselves are means of an hour: two of them are missing then. */
const DEFAULT_SUPERVISION_SECONDS = 7500;
/** China Standard Time. */
const DEFAULT_OFFSET_MINUTES = 480;

/** Environmental monitoring stations that report over HJ 212; the edge listens. */
export class Hj212Driver implements DeviceDriver {
  readonly #kit: DriverKit;
  readonly #stations: readonly Hj212StationConfig[];
  readonly #ports = new Map<string, DriverPorts>();
  readonly #holders = new Map<string, string>();
  readonly receiver: Hj212Receiver;

  constructor(kit: DriverKit, config: { host: string; port: number; stations: readonly Hj212StationConfig[] }) {
    this.#kit = kit;
    this.#stations = config.stations;
    const onStatus = (deviceId: string, status: DriverStatus): void => this.#ports.get(deviceId)?.onStatus(status);
    const { clock, log } = kit;
    this.receiver = new Hj212Receiver({ host: config.host, port: config.port, clock, log, onStatus });
  }

  async probe(): Promise<ProbeResult> {
    return reportsByItself('sensor', 'a monitoring station connects by itself; register it with its number (MN)');
  }

  async start(device: DriverDevice, ports: DriverPorts): Promise<DriverHandle> {
    const { deviceId } = device;
    const { station, password } = device.connection;
    if (station === undefined) throw new SharpEyesError('INVALID_BODY', 'the number (MN) of the station is missing');
    const key = stationKey(station);
    const holder = this.#holders.get(key);
    if (holder !== undefined && holder !== deviceId) {
      throw new SharpEyesError('CONFLICT', `the station ${station} belongs to the device ${holder}`);
    }
    const profile = profileOf(this.#kit, 'hj212', device);
    if (profile === null) throw new SharpEyesError('PROFILE_INVALID', 'a station needs a device profile; choose one');
    const config = this.#stations.find((entry) => stationKey(entry.station) === key);
    this.#holders.set(key, deviceId);
    this.#ports.set(deviceId, ports);
    this.receiver.add({
      mn: station,
      deviceId,
      reporter: reporterOf(this.#kit, device, profile, ports, true),
      password,
      supervisionMs: (config?.supervisionSeconds ?? DEFAULT_SUPERVISION_SECONDS) * 1000,
      tolerateBadCrc: config?.tolerateBadCrc ?? false,
      utcOffsetMinutes: config?.utcOffsetMinutes ?? DEFAULT_OFFSET_MINUTES,
    });
    return {
      stop: async () => {
        this.receiver.remove(deviceId);
        this.#holders.delete(key);
        this.#ports.delete(deviceId);
      },
    };
  }
}
