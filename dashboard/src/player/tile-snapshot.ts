import type { TileReason } from '../../../contract/live.ts';
import type { SentStream } from '../../../contract/media-frame.ts';
import type { PipelinePath } from './pipeline.ts';

/** `starting`: no picture yet. `live`: pictures move. `stalled`: the last picture stands. `failed`: there never was one. */
export type TileState = 'starting' | 'live' | 'stalled' | 'failed';

/** What React shows around the picture; a new object only when something in it changed. */
export interface TileSnapshot {
  state: TileState;
  reason: TileReason;
  /** Since when there is no moving picture, hub's clock; null when unknown. */
  sinceMs: number | null;
  /** Which of the camera's streams is shown and why; null until the hub has answered. */
  sent: SentStream | null;
  /** What turns it into pictures; null before the first. */
  path: PipelinePath | null;
}

/** A tile before anything was heard. */
export const FIRST_SNAPSHOT: TileSnapshot = {
  state: 'starting',
  reason: 'starting',
  sinceMs: null,
  sent: null,
  path: null,
};

/** Whether two snapshots say the same. */
export function sameSnapshot(a: TileSnapshot, b: TileSnapshot): boolean {
  return (
    a.state === b.state &&
    a.reason === b.reason &&
    a.sinceMs === b.sinceMs &&
    a.path === b.path &&
    a.sent?.stream === b.sent?.stream &&
    a.sent?.why === b.sent?.why &&
    a.sent?.keyFramesOnly === b.sent?.keyFramesOnly
  );
}
