/**
 * The viewer's WebSocket (`/live` on the hub's live port, signed in by the session cookie). Texts are the JSON messages
 * below, binaries are the envelopes of `media-frame.ts`; an envelope's `handle` says which watched stream it belongs to.
 */

/** What a viewer asks. `watch` may be repeated with another stream for the same tile. */
export type ViewerMessage =
  | { type: 'watch'; tile: string; deviceId: string; stream: 'main' | 'sub' }
  | { type: 'unwatch'; tile: string }
  | { type: 'ping'; sentAtMs: number };

/** Why a tile has no moving picture; the dashboard has a sentence for each. */
export const TILE_REASONS = [
  'starting',
  'live',
  'no-permission',
  'unknown-device',
  'edge-offline',
  'device-offline',
  'refused-credentials',
  'no-stream',
  'unsupported-codec',
  'no-signal',
  'viewer-too-slow',
  'limit',
] as const;
/** One of {@link TILE_REASONS}. */
export type TileReason = (typeof TILE_REASONS)[number];

/** What the hub tells a viewer. */
export type LiveMessage =
  | { type: 'watching'; tile: string; handle: number; deviceId: string; stream: 'main' | 'sub' }
  | { type: 'tile'; tile: string; reason: TileReason; sinceMs: number }
  | { type: 'skipped'; handle: number; fragments: number }
  | { type: 'pong'; sentAtMs: number; hubAtMs: number };

/** Most tiles one viewer may watch. */
export const TILES_PER_VIEWER = 36;

/** Reads a viewer's text; null when it is not one of {@link ViewerMessage}. */
export function parseViewerMessage(text: string): ViewerMessage | null {
  if (text.length > 1024) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const m = value as Record<string, unknown>;
  const tile = typeof m['tile'] === 'string' && m['tile'].length <= 64 ? m['tile'] : null;
  if (m['type'] === 'ping' && typeof m['sentAtMs'] === 'number') return { type: 'ping', sentAtMs: m['sentAtMs'] };
  if (m['type'] === 'unwatch' && tile !== null) return { type: 'unwatch', tile };
  const { deviceId, stream } = m;
  if (
    m['type'] === 'watch' &&
    tile !== null &&
    typeof deviceId === 'string' &&
    (stream === 'main' || stream === 'sub')
  ) {
    return { type: 'watch', tile, deviceId, stream };
  }
  return null;
}
