import type { DeviceReason } from '../../../contract/device.ts';
import { SharpEyesError } from '../../../contract/errors.ts';

/** The reason that a person is shown for a failure. */
export function deviceReasonOf(error: unknown): DeviceReason {
  if (!(error instanceof SharpEyesError)) return 'garbage';
  switch (error.code) {
    case 'DEVICE_REFUSED_CREDENTIALS':
      return error.context['lockedOut'] === true ? 'locked-out' : 'refused-credentials';
    case 'DEVICE_UNREACHABLE':
      return 'unreachable';
    case 'TIMEOUT':
      return 'no-answer';
    case 'ADDRESS_NOT_ALLOWED':
      return 'address-not-allowed';
    default:
      return 'garbage';
  }
}
