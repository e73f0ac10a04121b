import { SharpEyesError } from '../../contract/errors.ts';
import type { DeviceDriver } from '../devices/driver.ts';

/** Stands for a driver whose listener the configuration has switched off. */
export function disabledDriver(what: string, key: string): DeviceDriver {
  const refuse = async (): Promise<never> => {
    throw new SharpEyesError(
      'DEVICE_UNSUPPORTED',
      `this edge does not listen for ${what}: set ${key} in its configuration`,
    );
  };
  return { probe: refuse, start: refuse };
}
