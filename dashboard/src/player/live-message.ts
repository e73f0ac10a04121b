import { type LiveMessage, TALK_REASONS, TILE_REASONS } from '../../../contract/live.ts';
import { CHOICE_REASONS } from '../../../contract/media-frame.ts';

/** Reads a text of the hub; null when it is not one of {@link LiveMessage}. */
export function parseLiveMessage(text: string): LiveMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { type, tile, handle, deviceId, stream, why, reason, sinceMs, fragments, sentAtMs, hubAtMs } = value as Record<
    string,
    unknown
  >;
  if (type === 'pong' && typeof sentAtMs === 'number' && typeof hubAtMs === 'number')
    return { type, sentAtMs, hubAtMs };
  if (type === 'skipped' && typeof handle === 'number' && typeof fragments === 'number')
    return { type, handle, fragments };
  if (type === 'talk' && typeof deviceId === 'string') return talkOf(deviceId, value as Record<string, unknown>);
  if (typeof tile !== 'string') return null;
  if (type === 'tile' && typeof sinceMs === 'number') {
    const known = TILE_REASONS.find((name) => name === reason);
    return known === undefined ? null : { type, tile, reason: known, sinceMs };
  }
  if (type !== 'watching' || typeof handle !== 'number' || typeof deviceId !== 'string') return null;
  const known = CHOICE_REASONS.find((name) => name === why);
  if (known === undefined || (stream !== 'main' && stream !== 'sub')) return null;
  return { type, tile, handle, deviceId, stream, why: known };
}

function talkOf(deviceId: string, { state, reason }: Record<string, unknown>): LiveMessage | null {
  if (state === 'open') return { type: 'talk', deviceId, state };
  const known = TALK_REASONS.find((name) => name === reason);
  if (known === undefined || (state !== 'refused' && state !== 'ended')) return null;
  return { type: 'talk', deviceId, state, reason: known };
}
