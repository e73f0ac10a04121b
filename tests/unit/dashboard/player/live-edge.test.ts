import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EdgeTarget, followLiveEdge, LagMeter } from '../../../../dashboard/src/player/live-edge.ts';

const at = (currentTime: number, ranges: { start: number; end: number }[], settling = false) =>
  followLiveEdge({ ranges, currentTime, targetS: 0.15, settling });

describe('followLiveEdge', () => {
  it('does nothing without data and at the edge', () => {
    expect(at(0, [])).toEqual({ seekTo: null, rate: 1, trimBefore: null });
    expect(at(9.85, [{ start: 5, end: 10 }])).toEqual({ seekTo: null, rate: 1, trimBefore: null });
  });

  it('plays a little faster when it falls behind and jumps when it is far behind', () => {
    expect(at(9.6, [{ start: 5, end: 10 }]).rate).toBe(1.05);
    expect(at(9.2, [{ start: 5, end: 10 }]).rate).toBe(1.1);
    expect(at(8.5, [{ start: 5, end: 10 }]).rate).toBe(1.25);
    expect(at(6.9, [{ start: 5, end: 10 }])).toMatchObject({ seekTo: 9.85, rate: 1 });
  });

  it('goes straight to the edge while the first group of pictures arrives', () => {
    expect(at(8.9, [{ start: 8, end: 10 }], true).seekTo).toBeCloseTo(9.85);
    expect(at(0, [{ start: 4000, end: 4002 }], true).seekTo).toBeCloseTo(4001.85);
  });

  it('catches up quickly while nobody has looked at the picture for long', () => {
    expect(at(9.7, [{ start: 5, end: 10 }], true).rate).toBe(1.5);
    expect(at(9.8, [{ start: 5, end: 10 }], true).rate).toBe(1.15);
    expect(at(9.85, [{ start: 5, end: 10 }], true).rate).toBe(1);
  });

  it('leaves a hole in the stream behind', () => {
    const ranges = [
      { start: 0, end: 4 },
      { start: 5, end: 5.1 },
    ];
    expect(at(4, ranges).seekTo).toBe(5);
  });

  it('keeps ten seconds and trims to five', () => {
    expect(at(19.9, [{ start: 10, end: 20 }]).trimBefore).toBeNull();
    expect(at(20.5, [{ start: 10, end: 20.6 }]).trimBefore).toBeCloseTo(15.5);
  });

  it('never seeks to where there is no picture', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0, max: 5, noNaN: true }), fc.double({ min: 0.01, max: 5, noNaN: true })), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.double({ min: 0, max: 60, noNaN: true }),
        fc.boolean(),
        (gaps, currentTime, settling) => {
          let time = 0;
          const ranges = gaps.map(([gap, length]) => {
            const start = time + gap + 0.01;
            time = start + length;
            return { start, end: time };
          });
          const { seekTo, rate } = at(currentTime, ranges, settling);
          const newest = ranges.at(-1);
          if (seekTo !== null) {
            expect(seekTo).toBeGreaterThanOrEqual(newest?.start ?? 0);
            expect(seekTo).toBeLessThanOrEqual(newest?.end ?? 0);
          }
          expect(settling ? [1, 1.15, 1.5] : [1, 1.05, 1.1, 1.25]).toContain(rate);
        },
      ),
    );
  });
});

describe('LagMeter', () => {
  it('gives the least distance of the last second, so that the swing of one frame does not speed the picture up', () => {
    const meter = new LagMeter();
    expect([0.3, 0.15, 0.25].map((lag) => meter.observe(lag))).toEqual([null, null, null]);
    expect(meter.observe(0.2)).toBe(0.15);
    expect(meter.observe(0.3)).toBe(0.15);
    expect(meter.observe(0.3)).toBe(0.2);
    const ranges = [{ start: 0, end: 10 }];
    const swing = { ranges, currentTime: 9.72, targetS: 0.15, settling: false };
    expect(followLiveEdge({ ...swing, leastBehindS: 0.15 }).rate).toBe(1);
    expect(followLiveEdge({ ...swing, leastBehindS: 0.28 }).rate).toBe(1.05);
    meter.reset();
    expect(meter.observe(1)).toBeNull();
  });
});

describe('EdgeTarget', () => {
  it('grows with stalls up to a bound and shrinks slowly again', () => {
    const target = new EdgeTarget();
    const least = target.seconds;
    for (let i = 0; i < 50; i++) target.stalled();
    expect(target.seconds).toBeLessThanOrEqual(0.8);
    for (let i = 0; i < 10_000; i++) target.smooth();
    expect(target.seconds).toBe(least);
  });
});
