import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clipped,
  fittingZoom,
  merged,
  missingIn,
  percentOf,
  rangeFault,
  ticks,
  viewAround,
  ZOOMS,
} from '../../../../dashboard/src/footage/range.ts';

const span = (fromMs: number, toMs: number) => ({ fromMs, toMs });

describe('rangeFault', () => {
  it('says what is wrong', () => {
    expect(rangeFault(span(1000, 2000), 10_000)).toBeNull();
    expect(rangeFault(span(2000, 2000), 10_000)).toBe('orderBad');
    expect(rangeFault(span(0, 86_400_001), 1e9)).toBe('tooLong');
    expect(rangeFault(span(1000, 20_000), 10_000)).toBe('inFuture');
  });
});

describe('view', () => {
  it('shows the whole range with room around it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60_000 }), (seconds) => {
        const range = span(1_700_000_000_000, 1_700_000_000_000 + seconds * 1000);
        const view = viewAround(range, ZOOMS[fittingZoom(range)]);
        expect(view.fromMs).toBeLessThanOrEqual(range.fromMs);
        expect(view.toMs).toBeGreaterThanOrEqual(range.toMs);
        expect(percentOf(range.fromMs, view)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('clips and merges what is drawn', () => {
    expect(clipped([span(0, 5), span(5, 15), span(30, 40)], span(10, 20))).toEqual([span(10, 15)]);
    expect(merged([span(20, 30), span(0, 10), span(11, 19), span(50, 60)], 2)).toEqual([span(0, 30), span(50, 60)]);
  });

  it('puts few round moments on the scale', () => {
    for (const length of Object.values(ZOOMS)) {
      const marks = ticks(span(1_700_000_000_000, 1_700_000_000_000 + length), 7);
      expect(marks.length).toBeGreaterThan(1);
      expect(marks.length).toBeLessThanOrEqual(8);
      for (const at of marks) expect(new Date(at).getSeconds()).toBe(0);
    }
  });
});

describe('missingIn', () => {
  it('names known gaps and everything that no recording covers, but no joints', () => {
    const gap = { ...span(40_000, 50_000), cause: 'camera-lost' };
    const ranges = [span(10_000, 20_000), span(20_500, 40_000), span(50_000, 90_000)];
    expect(missingIn(span(0, 100_000), ranges, [gap])).toEqual([
      { ...span(0, 10_000), cause: null },
      gap,
      { ...span(90_000, 100_000), cause: null },
    ]);
    expect(missingIn(span(12_000, 39_000), ranges, [gap])).toEqual([]);
    expect(missingIn(span(0, 5000), [], [])).toEqual([{ ...span(0, 5000), cause: null }]);
  });
});
