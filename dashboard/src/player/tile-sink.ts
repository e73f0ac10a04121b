import type { TileReason, WatchOrder } from '../../../contract/live.ts';
import type { MediaMessage, SentStream } from '../../../contract/media-frame.ts';

/** What a tile wants: one camera, in the stream that fits its size or in a certain one. */
export type TileOrder = Pick<WatchOrder, 'deviceId' | 'stream' | 'width' | 'height' | 'audio'>;

/** Who receives what the live socket brings for a tile. */
export interface TileSink {
  /** The hub (or this browser) says why there is a picture or none; `sinceMs` by the hub's clock. */
  onReason(reason: TileReason, sinceMs: number): void;
  /** Which stream the hub chose and why. */
  onChoice(choice: Pick<SentStream, 'stream' | 'why'>): void;
  /** An init segment, a fragment or the end of the stream. */
  onMedia(message: MediaMessage): void;
  /** `audio-init` and `audio`, where sound was ordered. */
  onAudio?(message: MediaMessage): void;
  /** What follows belongs to another stream, or to the same one from the beginning. */
  onRestart(): void;
}
