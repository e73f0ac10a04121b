import type { ProbeResult } from '../../contract/device.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import type { DeviceDriver, DriverDevice, DriverHandle, DriverPorts } from '../devices/driver.ts';
import { MqttDevices } from '../drivers/mqtt-device/mqtt-devices.ts';
import { DeviceCredentials, makeVerifier } from '../local-broker/credentials.ts';
import { LocalBroker } from '../local-broker/local-broker.ts';
import { type DriverKit, expireStates, profileOf, reporterOf } from './driver-kit.ts';
import { reportsByItself } from './reports-by-itself.ts';

/** Sensors that report over MQTT to the edge's own broker. */
export class MqttDriver implements DeviceDriver {
  readonly #kit: DriverKit;
  readonly #credentials = new DeviceCredentials();
  readonly #devices: MqttDevices;
  readonly #ports = new Map<string, DriverPorts>();
  readonly broker: LocalBroker;

  constructor(kit: DriverKit, config: { host: string; port: number }) {
    this.#kit = kit;
    const heard = (deviceId: string): void =>
      this.#ports.get(deviceId)?.onStatus({ online: true, reason: 'ok', clockOffsetMs: null });
    this.#devices = new MqttDevices({ log: kit.log, onHeard: heard });
    this.broker = new LocalBroker({
      ...config,
      credentials: this.#credentials,
      receiver: this.#devices,
      clock: kit.clock,
      log: kit.log,
      onConnection: (deviceId, connected) => {
        const status = { online: connected, reason: connected ? 'ok' : 'silent', clockOffsetMs: null } as const;
        this.#ports.get(deviceId)?.onStatus(status);
      },
    });
  }

  async probe(): Promise<ProbeResult> {
    return reportsByItself('sensor', 'a sensor connects by itself; register it and give it its user name and password');
  }

  async start(device: DriverDevice, ports: DriverPorts): Promise<DriverHandle> {
    const { deviceId } = device;
    const { username, password } = device.connection;
    if (password === null) throw new SharpEyesError('INVALID_BODY', 'the password of the sensor is missing');
    const profile = profileOf(this.#kit, 'mqtt-device', device);
    if (profile === null) throw new SharpEyesError('PROFILE_INVALID', 'a sensor needs a device profile; choose one');
    const reporter = reporterOf(this.#kit, device, profile, ports, true);
    const verifier = await makeVerifier(password);
    this.#credentials.set({ deviceId, username: username ?? deviceId, verifier });
    this.#devices.add(deviceId, reporter);
    this.#ports.set(deviceId, ports);
    ports.onStatus({ online: false, reason: 'never-seen', clockOffsetMs: null });
    const expiry = expireStates(this.#kit, deviceId, reporter);
    return {
      stop: async () => {
        expiry.cancel();
        this.#ports.delete(deviceId);
        this.#credentials.remove(deviceId);
        this.#devices.remove(deviceId);
        this.broker.disconnect(deviceId);
      },
    };
  }
}
