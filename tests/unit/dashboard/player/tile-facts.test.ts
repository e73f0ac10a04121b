import { expect, it } from 'vitest';
import { RateMeter } from '../../../../dashboard/src/player/tile-facts.ts';

it('turns running counts into rates once a second', () => {
  const meter = new RateMeter();
  meter.observe(10_000, 100, 1000);
  expect([meter.fps, meter.bitrate]).toEqual([null, null]);
  meter.observe(10_500, 112, 9000);
  expect(meter.fps).toBeNull();
  meter.observe(11_000, 125, 63_500);
  expect([meter.fps, meter.bitrate]).toEqual([25, 500_000]);
});
