import type { ChoiceReason } from './media-frame.ts';

/**
 * The viewer's WebSocket (`/live` on the hub's live port, signed in by the session cookie). Texts are the JSON messages
 * below, binaries are the envelopes of `media-frame.ts`; an envelope's `handle` says which watched stream it belongs to.
 */

/** Codecs that a viewer may be able to show. `mpeg1` is the last resort, made by the hub. */
export const VIEWER_CODECS = ['h264', 'h265', 'mjpeg', 'mpeg1'] as const;
/** One of {@link VIEWER_CODECS}. */
export type ViewerCodec = (typeof VIEWER_CODECS)[number];

/** A tile's wish. With `auto` the hub chooses by the tile's size and by what the viewer can decode. */
export interface WatchOrder {
  tile: string;
  deviceId: string;
  stream: 'auto' | 'main' | 'sub';
  /** Size of the picture on the screen in device pixels; 0 when unknown. */
  width: number;
  height: number;
  /** 0 (a small tile) … 9 (enlarged, or of an incident): who keeps a picture when the line is too thin for all. */
  priority: number;
  /** Whether sound is wanted too. */
  audio: boolean;
}

/**
 * What a viewer says. `hello` comes first (without it only `h264` is assumed); `watch` may be repeated with another
 * order for the same tile. After `talk` was answered with `open`, binaries from the viewer are sound for that device:
 * G.711 µ-law, 8 kHz, at most {@link TALK_MAX_BYTES} each.
 */
export type ViewerMessage =
  | { type: 'hello'; codecs: ViewerCodec[] }
  | ({ type: 'watch' } & WatchOrder)
  | { type: 'unwatch'; tile: string }
  | { type: 'talk'; deviceId: string }
  | { type: 'talk-end' }
  | { type: 'ping'; sentAtMs: number };

/** Largest binary of a viewer that talks: 200 ms. */
export const TALK_MAX_BYTES = 1600;

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
  /** The line between township and centre does not bear this picture beside those that matter more. */
  'line-full',
  /** The browser cannot decode the camera's pictures, and the edge has no ffmpeg to encode them anew. */
  'no-transcoder',
  /** The same, and the edge already encodes as many as it may. */
  'transcoder-busy',
] as const;
/** One of {@link TILE_REASONS}. */
export type TileReason = (typeof TILE_REASONS)[number];

/** Why talking ended or was refused; the dashboard has a sentence for each. */
export const TALK_REASONS = ['busy', 'no-permission', 'unsupported', 'unreachable', 'released'] as const;

/** How talking to a device stands, and why it ended or was refused. */
export type TalkState = { state: 'open' } | { state: 'refused' | 'ended'; reason: (typeof TALK_REASONS)[number] };

/** What the hub tells a viewer. */
export type LiveMessage =
  | { type: 'watching'; tile: string; handle: number; deviceId: string; stream: 'main' | 'sub'; why: ChoiceReason }
  | { type: 'tile'; tile: string; reason: TileReason; sinceMs: number }
  | { type: 'skipped'; handle: number; fragments: number }
  | ({ type: 'talk'; deviceId: string } & TalkState)
  | { type: 'pong'; sentAtMs: number; hubAtMs: number };

/** Most tiles one viewer may watch. */
export const TILES_PER_VIEWER = 36;

const MAX_TEXT = 1024;
const MAX_PIXELS = 16_384;

/** Reads a viewer's text; null when it is not one of {@link ViewerMessage}. */
export function parseViewerMessage(text: string): ViewerMessage | null {
  if (text.length > MAX_TEXT) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const m = value as Record<string, unknown>;
  switch (m['type']) {
    case 'ping':
      return typeof m['sentAtMs'] === 'number' ? { type: 'ping', sentAtMs: m['sentAtMs'] } : null;
    case 'hello':
      return Array.isArray(m['codecs']) ? { type: 'hello', codecs: codecsIn(m['codecs']) } : null;
    case 'unwatch':
      return isTile(m['tile']) ? { type: 'unwatch', tile: m['tile'] } : null;
    case 'talk':
      return typeof m['deviceId'] === 'string' ? { type: 'talk', deviceId: m['deviceId'] } : null;
    case 'talk-end':
      return { type: 'talk-end' };
    case 'watch':
      return watchOf(m);
    default:
      return null;
  }
}

function codecsIn(list: readonly unknown[]): ViewerCodec[] {
  return VIEWER_CODECS.filter((codec) => list.includes(codec));
}

function isTile(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 64;
}

function watchOf(m: Record<string, unknown>): ViewerMessage | null {
  const { tile, deviceId, stream } = m;
  if (!isTile(tile) || typeof deviceId !== 'string') return null;
  if (stream !== 'auto' && stream !== 'main' && stream !== 'sub') return null;
  const width = whole(m['width'], MAX_PIXELS);
  const height = whole(m['height'], MAX_PIXELS);
  return {
    type: 'watch',
    tile,
    deviceId,
    stream,
    width,
    height,
    priority: whole(m['priority'], 9),
    audio: m['audio'] === true,
  };
}

/** A whole number from 0 to `most`; what is none counts as 0. */
function whole(value: unknown, most: number): number {
  return typeof value === 'number' && value >= 0 ? Math.min(most, Math.floor(value)) : 0;
}
