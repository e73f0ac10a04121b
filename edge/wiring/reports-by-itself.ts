import type { DeviceType, ProbeResult } from '../../contract/device.ts';

/** Result of probing a device that cannot be asked: it reports to the edge, not the other way round. */
export function reportsByItself(type: DeviceType, message: string): ProbeResult {
  return {
    ok: false,
    reason: 'never-seen',
    message,
    identity: null,
    type,
    streams: [],
    clockOffsetMs: null,
    suggestedProfileId: null,
    snapshotBase64: null,
  };
}
