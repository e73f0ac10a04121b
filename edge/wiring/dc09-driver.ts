import type { ProbeResult } from '../../contract/device.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import type { DeviceDriver, DriverDevice, DriverHandle, DriverPorts, DriverStatus } from '../devices/driver.ts';
import { accountKey } from '../drivers/sia-dc09/account.ts';
import { aesCipher } from '../drivers/sia-dc09/cipher.ts';
import { Dc09Receiver } from '../drivers/sia-dc09/receiver.ts';
import { type DriverKit, profileOf, reporterOf } from './driver-kit.ts';
import { reportsByItself } from './reports-by-itself.ts';

/** What the site says about an account: key of sealed messages, supervision. */
export interface Dc09AccountConfig {
  account: string;
  key?: string;
  supervisionSeconds?: number;
  tolerateBadCrc?: boolean;
}

/** Alarm boxes that report over SIA DC-09; the edge listens. */
export class Dc09Driver implements DeviceDriver {
  readonly #kit: DriverKit;
  readonly #accounts: readonly Dc09AccountConfig[];
  readonly #ports = new Map<string, DriverPorts>();
  readonly #holders = new Map<string, string>();
  readonly receiver: Dc09Receiver;

  constructor(kit: DriverKit, config: { host: string; port: number; accounts: readonly Dc09AccountConfig[] }) {
    this.#kit = kit;
    this.#accounts = config.accounts;
    const onStatus = (deviceId: string, status: DriverStatus): void => this.#ports.get(deviceId)?.onStatus(status);
    const { clock, log } = kit;
    this.receiver = new Dc09Receiver({ host: config.host, port: config.port, clock, log, onStatus });
  }

  async probe(): Promise<ProbeResult> {
    return reportsByItself('alarm-box', 'an alarm box connects by itself; register it with its account');
  }

  async start(device: DriverDevice, ports: DriverPorts): Promise<DriverHandle> {
    const { account } = device.connection;
    const { deviceId } = device;
    if (account === null) throw new SharpEyesError('INVALID_BODY', 'the account of the alarm box is missing');
    const key = accountKey(account);
    const holder = this.#holders.get(key);
    if (holder !== undefined && holder !== deviceId) {
      throw new SharpEyesError('CONFLICT', `the account ${account} belongs to the device ${holder}`);
    }
    const profile = profileOf(this.#kit, 'sia-dc09', device);
    if (profile === null)
      throw new SharpEyesError('PROFILE_INVALID', 'no device profile fits an alarm box; choose one');
    const config = this.#accounts.find((entry) => accountKey(entry.account) === key);
    this.#holders.set(key, deviceId);
    this.#ports.set(deviceId, ports);
    this.receiver.add({
      account,
      deviceId,
      reporter: reporterOf(this.#kit, device, profile, ports, false),
      cipher: config?.key === undefined ? null : aesCipher(config.key),
      supervisionMs: config?.supervisionSeconds === undefined ? null : config.supervisionSeconds * 1000,
      tolerateBadCrc: config?.tolerateBadCrc ?? false,
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
