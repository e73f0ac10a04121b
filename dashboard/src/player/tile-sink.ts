import type { TileReason } from '../../../contract/live.ts';
import type { MediaMessage } from '../../../contract/media-frame.ts';

/** What a tile shows: one stream of one camera. */
export interface TileOrder {
  deviceId: string;
  stream: 'main' | 'sub';
}

/** Who receives what the live socket brings for a tile. */
export interface TileSink {
  /** The hub (or this browser) says why there is a picture or none; `sinceMs` by the hub's clock. */
  onReason(reason: TileReason, sinceMs: number): void;
  /** An init segment, a fragment or the end of the stream. */
  onMedia(message: MediaMessage): void;
  /** What follows belongs to another stream, or to the same one from the beginning. */
  onRestart(): void;
}
