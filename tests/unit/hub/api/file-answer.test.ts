import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRange } from '../../../../hub/api/file-answer.ts';

describe('range of a file', () => {
  test.each([
    [undefined, null],
    ['', null],
    ['bytes=0-0', { first: 0, last: 0 }],
    ['bytes=10-19', { first: 10, last: 19 }],
    ['bytes=90-', { first: 90, last: 99 }],
    ['bytes=90-500', { first: 90, last: 99 }],
    ['bytes=-10', { first: 90, last: 99 }],
    ['bytes=-500', { first: 0, last: 99 }],
    ['bytes=-0', 'beyond'],
    ['bytes=100-', 'beyond'],
    ['bytes=20-10', null],
    ['bytes=-', null],
    ['bytes=0-1,5-6', null],
    ['lines=0-1', null],
    ['bytes=1e3-', null],
  ])('%s of 100 bytes is %j', (header, expected) => expect(parseRange(header, 100)).toEqual(expected));

  test('whatever is asked, the range lies inside the file', () => {
    const number = fc.option(fc.nat({ max: 1000 }), { nil: '' as const });
    fc.assert(
      fc.property(number, number, fc.integer({ min: 1, max: 500 }), (from, to, size) => {
        const range = parseRange(`bytes=${from}-${to}`, size);
        if (range === null || range === 'beyond') return;
        expect(range.first).toBeGreaterThanOrEqual(0);
        expect(range.last).toBeGreaterThanOrEqual(range.first);
        expect(range.last).toBeLessThan(size);
      }),
    );
  });
});
