import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { missingFootage, uncovered } from '../../../../hub/footage/gaps.ts';

const asked = { fromMs: 0, toMs: 60_000 };

describe('missing footage', () => {
  it('has the cause that the recorder knows, and says of the rest that it was not recorded', () => {
    const footage = [
      { fromMs: -500, toMs: 10_000 },
      { fromMs: 30_000, toMs: 50_000 },
    ];
    const reported = [{ fromMs: 9500, toMs: 20_000, cause: 'disk-full' as const }];
    expect(missingFootage(asked, footage, reported)).toEqual([
      { fromMs: 10_000, toMs: 20_000, cause: 'disk-full' },
      { fromMs: 20_000, toMs: 30_000, cause: 'not-recorded' },
      { fromMs: 50_000, toMs: 60_000, cause: 'not-recorded' },
    ]);
  });

  it('does not name holes of a second or less', () => {
    const footage = [
      { fromMs: 900, toMs: 30_000 },
      { fromMs: 31_000, toMs: 59_500 },
    ];
    expect(missingFootage(asked, footage, [])).toEqual([]);
    expect(missingFootage(asked, [{ fromMs: 1001, toMs: 60_000 }], [])).toHaveLength(1);
  });

  it('and footage fill the asked interval, without overlap, whatever is recorded', () => {
    const interval = fc.tuple(fc.integer({ min: -100, max: 200 }), fc.integer({ min: 1, max: 100 }));
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 8 }), (recorded) => {
        const covers = recorded.map(([from, length]) => ({ fromMs: from, toMs: from + length }));
        const holes = uncovered({ fromMs: 0, toMs: 100 }, covers);
        for (let at = 0; at < 100; at++) {
          const inHoles = holes.filter((hole) => at >= hole.fromMs && at < hole.toMs).length;
          const isCovered = covers.some((cover) => at >= cover.fromMs && at < cover.toMs);
          expect(inHoles).toBe(isCovered ? 0 : 1);
        }
      }),
    );
  });
});
