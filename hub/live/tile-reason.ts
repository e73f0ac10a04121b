import type { ErrorCode } from '../../contract/errors.ts';
import type { TileReason } from '../../contract/live.ts';
import type { Flow } from './protocol.ts';

/** What is known about a watched stream. */
export interface StreamFacts {
  isEdgeOnline: boolean;
  /** What the edge says of the device; null when it is not registered any more. */
  device: { isOnline: boolean; reason: string; streamReason: string | null } | null;
  /** Why the edge refused the last order to send; null when it did not. */
  refusal: TileReason | null;
  flow: Flow | null;
  /** What the edge gave as the reason when the stream ended. */
  endReason: string | null;
  /** How long nothing has come although it was ordered. */
  waitedMs: number;
}

/** A stream gets this long until its first fragment before it counts as without signal. */
const STARTING_MS = 5000;

/** Reasons that an edge gives for a device or a stream, as a tile shows them. */
const OF_DEVICE: Readonly<Record<string, TileReason>> = {
  'refused-credentials': 'refused-credentials',
  'locked-out': 'refused-credentials',
  'unsupported-codec': 'unsupported-codec',
  unreachable: 'device-offline',
  'no-answer': 'device-offline',
  'supervision-lost': 'device-offline',
  'line-full': 'line-full',
  /** The edge's ffmpeg ends again and again. */
  'transcoder-failed': 'no-transcoder',
  'transcoder-busy': 'transcoder-busy',
  limit: 'limit',
};

/** Why a tile is as it is: moving pictures prove everything; else the cause that is nearest to the hub is named. */
export function tileReason(facts: StreamFacts): TileReason {
  const { device, flow, endReason } = facts;
  if (device === null) return 'unknown-device';
  if (flow === 'flowing') return 'live';
  if (!facts.isEdgeOnline) return 'edge-offline';
  if (facts.refusal !== null) return facts.refusal;
  const told = OF_DEVICE[endReason ?? ''] ?? OF_DEVICE[device.streamReason ?? ''];
  if (told !== undefined) return told;
  if (!device.isOnline) return OF_DEVICE[device.reason] ?? 'device-offline';
  return facts.waitedMs < STARTING_MS ? 'starting' : 'no-signal';
}

/** Why an edge did not carry out the order to send; null for faults that pass by themselves. */
export function refusalOf(code: ErrorCode | null): TileReason | null {
  switch (code) {
    case 'EDGE_OFFLINE':
    case 'EDGE_UNKNOWN':
      return 'edge-offline';
    case 'DEVICE_UNKNOWN':
    case 'DEVICE_UNREACHABLE':
    case 'ADDRESS_NOT_ALLOWED':
      return 'device-offline';
    case 'DEVICE_REFUSED_CREDENTIALS':
      return 'refused-credentials';
    case 'STREAM_UNKNOWN':
    case 'DEVICE_UNSUPPORTED':
      return 'no-stream';
    case 'STREAM_UNSUPPORTED':
      return 'unsupported-codec';
    case 'LIMIT_REACHED':
      return 'limit';
    case 'TRANSCODER_MISSING':
      return 'no-transcoder';
    case 'TRANSCODER_BUSY':
      return 'transcoder-busy';
    default:
      return null;
  }
}
