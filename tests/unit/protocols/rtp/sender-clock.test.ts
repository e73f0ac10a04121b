import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SenderClock } from '../../../../protocols/rtp/sender-clock.ts';

const NTP_EPOCH_SECONDS = 2_208_988_800;
const START_MS = 1_790_000_000_000;

function report(unixMs: number, rtpTimestamp: number) {
  const ntpSeconds = Math.floor(unixMs / 1000) + NTP_EPOCH_SECONDS;
  return { ntpSeconds, ntpFraction: Math.floor(((unixMs % 1000) / 1000) * 2 ** 32), rtpTimestamp: rtpTimestamp >>> 0 };
}

describe('SenderClock', () => {
  it('knows nothing before the first report with a wall clock', () => {
    const clock = new SenderClock(90_000);
    expect(clock.unixMsAt(5)).toBeNull();
    clock.onReport({ ntpSeconds: 0, ntpFraction: 0, rtpTimestamp: 5 });
    expect(clock.unixMsAt(5)).toBeNull();
    clock.onReport(report(START_MS, 90_005));
    expect(clock.unixMsAt(5)).toBeCloseTo(START_MS - 1000, 3);
  });

  it('goes on over wraps, with reports or long after the last one', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), fc.boolean(), (first, reports) => {
        const clock = new SenderClock(90_000);
        clock.onReport(report(START_MS, first));
        // Three wraps and more, by steps of an hour.
        for (let hour = 1; hour <= 40; hour += 1) {
          const timestamp = (first + hour * 3600 * 90_000) % 2 ** 32;
          expect(clock.unixMsAt(timestamp)).toBeCloseTo(START_MS + hour * 3_600_000, 1);
          if (reports) clock.onReport(report(START_MS + hour * 3_600_000, timestamp));
        }
        expect(clock.steps).toBe(0);
      }),
    );
  });

  it('evens out trembling reports and follows a clock that runs fast', () => {
    const clock = new SenderClock(8000);
    for (let i = 0; i < 200; i += 1) {
      const second = i * 5;
      clock.onReport(report(START_MS + second * 1000 * 1.0001 + (i % 2 === 0 ? 20 : -20), second * 8000));
    }
    const seen = clock.unixMsAt(1000 * 8000) ?? 0;
    expect(Math.abs(seen - (START_MS + 1_000_000 * 1.0001))).toBeLessThan(10);
    expect(clock.steps).toBe(0);
  });

  it('takes a clock that was set at its word', () => {
    const clock = new SenderClock(90_000);
    clock.onReport(report(3_600_000, 0));
    expect(clock.unixMsAt(90_000)).toBeCloseTo(3_601_000, 3);
    clock.onReport(report(START_MS, 180_000));
    expect(clock.unixMsAt(270_000)).toBeCloseTo(START_MS + 1000, 3);
    expect(clock.steps).toBe(1);
  });
});
