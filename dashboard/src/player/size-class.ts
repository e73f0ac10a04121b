/** Size of a picture on the screen, in device pixels. */
export interface PictureSize {
  width: number;
  height: number;
}

/** A tile counts as having another size when it is so much larger or smaller than what was reported last. */
const MARGIN = 1.2;

/**
 * The size to report to the hub: the one reported before, until the tile has really become another one. So dragging a
 * window's edge does not order pictures anew with every pixel.
 */
export function reportedSize(before: PictureSize | null, measured: PictureSize): PictureSize {
  if (measured.width === 0 || measured.height === 0) return before ?? { width: 0, height: 0 };
  if (before === null || before.width === 0) return measured;
  const ratio = Math.max(measured.width / before.width, before.width / measured.width);
  return ratio >= MARGIN ? measured : before;
}
