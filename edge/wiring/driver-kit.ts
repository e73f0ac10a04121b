import type { DeviceType, DriverName } from '../../contract/device.ts';
import { messageOf } from '../../contract/errors.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { AllowedNetworks } from '../devices/allowed-networks.ts';
import type { DriverDevice, DriverPorts } from '../devices/driver.ts';
import type { ProfileCatalog } from '../profiles/catalog.ts';
import { DeviceReporter } from '../profiles/reporter.ts';
import type { DeviceProfile } from '../profiles/schema.ts';

/** What all drivers share. */
export interface DriverKit {
  catalog: ProfileCatalog;
  networks: AllowedNetworks;
  clock: Clock;
  log: Log;
}

/**
 * The profile of a device: the one that a person chose, else the generic one of its type.
 * @throws SharpEyesError NOT_FOUND for a profile that this edge does not have; null when there is none to fall back on
 */
export function profileOf(
  kit: DriverKit,
  driver: DriverName,
  device: { type: DeviceType; profileId: string | null },
): DeviceProfile | null {
  if (device.profileId !== null) return kit.catalog.get(device.profileId);
  return kit.catalog.suggest(driver, device.type, { manufacturer: null, model: null });
}

/** Turns the device's reports into committed events. */
export function reporterOf(
  kit: DriverKit,
  device: DriverDevice,
  profile: DeviceProfile,
  ports: DriverPorts,
  holdRepeats: boolean,
): DeviceReporter {
  return new DeviceReporter({
    deviceId: device.deviceId,
    profile,
    holdRepeats,
    events: { commitAll: (events) => ports.commitAll(events) },
    samples: { add: (sample) => ports.sample(sample) },
    clock: kit.clock,
  });
}

const EXPIRE_MS = 2000;

/** Ends states that a device never cleared itself, until it is cancelled. */
export function expireStates({ clock, log }: DriverKit, deviceId: string, reporter: DeviceReporter): TimerHandle {
  return clock.every(EXPIRE_MS, () => {
    reporter
      .expire()
      .catch((error) => log.error({ deviceId }, `the end of a state was not stored: ${messageOf(error)}`));
  });
}
