import { DEVICE_REASONS, type DeviceReason } from '../../contract/device.ts';

/** The dashboard's word for a stream's reason; a device that answers an error for a path is not to be had. */
export function streamReason(reason: string): DeviceReason {
  if (reason === 'refused') return 'unreachable';
  return DEVICE_REASONS.find((known) => known === reason) ?? 'unreachable';
}
