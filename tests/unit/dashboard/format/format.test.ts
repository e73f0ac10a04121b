import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitrateText, bytesText, codecText } from '../../../../dashboard/src/format/numbers.ts';
import { clockTime, dateAndTime, durationParts, parseTime, timeOrDate } from '../../../../dashboard/src/format/time.ts';

const noon = new Date(2026, 10, 22, 12, 0, 0).getTime();

describe('times', () => {
  it('are written to the second, with the date only where it is needed', () => {
    const at = new Date(2026, 10, 22, 4, 3, 27).getTime();
    expect(clockTime(at)).toBe('04:03:27');
    expect(dateAndTime(at)).toBe('2026-11-22 04:03:27');
    expect(timeOrDate(at, noon)).toBe('04:03:27');
    expect(timeOrDate(at, noon + 86_400_000)).toBe('2026-11-22 04:03:27');
  });

  it('are read back as they were written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 946_684_800, max: 4_000_000_000 }), (seconds) => {
        expect(dateAndTime(parseTime(dateAndTime(seconds * 1000), noon) ?? 0)).toBe(dateAndTime(seconds * 1000));
      }),
    );
  });

  it.each([
    ['2026-11-22T14:03:27', '2026-11-22 14:03:27'],
    [' 2026/1/2 4:05 ', '2026-01-02 04:05:00'],
    ['2026.11.22 14:03', '2026-11-22 14:03:00'],
    ['14:03:27', '2026-11-22 14:03:27'],
    ['14:03', '2026-11-22 14:03:00'],
  ])('%j means %s', (text, meaning) => {
    expect(dateAndTime(parseTime(text, noon) ?? 0)).toBe(meaning);
  });

  it.each(['', 'now', '25:00', '12:60', '2026-02-31 10:00', '2026-13-01 10:00', '2026-11-22'])(
    '%j is no time',
    (text) => {
      expect(parseTime(text, noon)).toBeNull();
    },
  );

  it('reads any text without falling over', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseTime(text, noon)));
  });
});

describe('durationParts', () => {
  const short = (ms: number): string =>
    durationParts(ms)
      .map(({ unit, n }) => `${n}${unit[0]}`)
      .join(' ');
  it.each([
    [-5, '0s'],
    [999, '0s'],
    [59_000, '59s'],
    [192_000, '3m 12s'],
    [7_500_000, '2h 5m'],
    [7_200_000, '2h'],
    [4 * 86_400_000 + 1000, '4d'],
  ])('%d ms reads as %s', (ms, text) => {
    expect(short(ms)).toBe(text);
  });
});

describe('numbers', () => {
  it('have the unit a person expects', () => {
    expect([0, 999, 1400, 512_345_678, 2e12].map(bytesText)).toEqual(['0 B', '999 B', '1.4 kB', '512 MB', '2.0 TB']);
    expect([480_000, 4_100_000].map(bitrateText)).toEqual(['480 kbit/s', '4.1 Mbit/s']);
    expect(['avc1.64001f', 'hvc1.1.6.L93', 'h265', 'mjpeg'].map(codecText)).toEqual([
      'H.264',
      'H.265',
      'H.265',
      'mjpeg',
    ]);
  });
});
