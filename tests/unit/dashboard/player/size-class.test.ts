import { describe, expect, it } from 'vitest';
import { reportedSize } from '../../../../dashboard/src/player/size-class.ts';

const size = (width: number) => ({ width, height: Math.round((width * 9) / 16) });

describe('the size that the hub is told', () => {
  it('is the first one measured, then stays until the tile is really another one', () => {
    expect(reportedSize(null, size(400))).toEqual(size(400));
    expect(reportedSize(size(400), size(470))).toEqual(size(400));
    expect(reportedSize(size(400), size(345))).toEqual(size(400));
    expect(reportedSize(size(400), size(480))).toEqual(size(480));
    expect(reportedSize(size(400), size(320))).toEqual(size(320));
  });

  it('does not become 0 while a tile is hidden', () => {
    expect(reportedSize(size(400), size(0))).toEqual(size(400));
    expect(reportedSize(null, size(0))).toEqual(size(0));
    expect(reportedSize(size(0), size(400))).toEqual(size(400));
  });
});
