import type { Canvas2D } from './canvas.ts';

/** Length of every clip in seconds; all movement repeats with it. */
export const CLIP_SECONDS = 12;

/** One camera's picture: what stands still is painted once, what moves is drawn for every frame. */
export interface Scene {
  /** Stable id, also the file name. */
  id: string;
  titleZh: string;
  titleEn: string;
  /** Second of the clip that the snapshot shows. */
  snapshotAtSeconds: number;
  /** How much the corners darken: 0 not at all, 1 fully. */
  vignette?: number;
  /** Everything behind the action; opaque. */
  backdrop(ctx: Canvas2D): void;
  /** What moves, at clip time `t` in seconds; the same `t` always gives the same picture. */
  action(ctx: Canvas2D, t: number): void;
  /** What stands between the camera and the action. */
  foreground?(ctx: Canvas2D): void;
}
