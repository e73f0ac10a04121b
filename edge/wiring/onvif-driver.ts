import { SharpEyesError } from '../../contract/errors.ts';
import { delay } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { Supervisor } from '../../platform/supervisor.ts';
import type { DeviceDriver, DriverDevice, DriverHandle, DriverPorts, OpenConnection } from '../devices/driver.ts';
import { inspect } from '../drivers/onvif/inspect.ts';
import { OnvifClient } from '../drivers/onvif/onvif-client.ts';
import { OnvifDevice } from '../drivers/onvif/onvif-device.ts';
import { OnvifPtz } from '../drivers/onvif/onvif-ptz.ts';
import { probeOnvif, SNAPSHOT_MAX_BYTES } from '../drivers/onvif/probe.ts';
import { type DriverKit, profileOf, reporterOf } from './driver-kit.ts';

/** Streams and firmware may change on the device; they are looked at again after this. */
const INSPECT_EVERY_MS = 3_600_000;

/** ONVIF cameras and doors: streams from the media service, events from a pull point. */
export class OnvifDriver implements DeviceDriver {
  readonly #kit: DriverKit;

  constructor(kit: DriverKit) {
    this.#kit = kit;
  }

  probe(connection: OpenConnection, _type: unknown, signal: AbortSignal): ReturnType<DeviceDriver['probe']> {
    return probeOnvif(this.#client(connection), this.#kit.catalog, signal);
  }

  async start(device: DriverDevice, ports: DriverPorts): Promise<DriverHandle> {
    const kit = this.#kit;
    const client = this.#client(device.connection);
    const profile = profileOf(kit, 'onvif', device);
    if (profile === null) {
      throw new SharpEyesError('PROFILE_INVALID', `no device profile fits an ONVIF ${device.type}; choose one`);
    }
    const { deviceId } = device;
    const log = kit.log.child({ deviceId });
    let snapshotUrl: string | null = null;
    let ptz: OnvifPtz | null = null;
    const inspector = new Supervisor({
      name: `inspection of ${deviceId}`,
      clock: kit.clock,
      // The events' connection says the same, with the device's state.
      log: quiet(log),
      backoff: { firstMs: 2000, maxMs: 60_000 },
      runOnce: async (signal, established) => {
        const found = await inspect(client, signal);
        const { username, password, transport = 'auto' } = device.connection;
        snapshotUrl = found.snapshotUrl;
        ports.onIdentity(found.identity);
        ptz = found.ptz === null ? null : new OnvifPtz(client, found.ptz);
        ports.onAbilities({ ptz: ptz !== null, listen: found.hasMicrophone, talk: found.hasLoudspeaker });
        ports.onStreams(found.streams.map((stream) => ({ ...stream, username, password, transport })));
        established();
        await delay(kit.clock, INSPECT_EVERY_MS, signal);
      },
    });
    const reporter = reporterOf(kit, device, profile, ports, true);
    const events = new OnvifDevice({
      deviceId,
      client,
      reporter,
      clock: kit.clock,
      log,
      onStatus: ({ online, reason, clockOffsetMs }) => ports.onStatus({ online, reason, clockOffsetMs }),
    });
    inspector.start();
    events.start();
    return {
      stop: async () => {
        await Promise.all([inspector.stop(), events.stop()]);
      },
      ptz: () => ptz,
      snapshot: (signal) => {
        if (snapshotUrl !== null) return client.fetchJpeg(snapshotUrl, SNAPSHOT_MAX_BYTES, signal);
        const message = `${deviceId} has not named an address for still pictures`;
        return Promise.reject(new SharpEyesError('DEVICE_UNSUPPORTED', message));
      },
    };
  }

  #client({ url, username, password }: OpenConnection): OnvifClient {
    if (url === null) throw new SharpEyesError('INVALID_BODY', 'the address of the device is missing');
    const { networks, clock } = this.#kit;
    const credentials = username === null ? null : { username, password: password ?? '' };
    return new OnvifClient({ url, credentials, isAllowed: (host) => networks.allowsHost(host), trust: 'any', clock });
  }
}

function quiet(log: Log): Log {
  return {
    debug: (context, message) => log.debug(context, message),
    info: (context, message) => log.debug(context, message),
    warn: (context, message) => log.debug(context, message),
    error: (context, message) => log.error(context, message),
    child: (bindings) => quiet(log.child(bindings)),
  };
}
