import { describe, expect, it } from 'vitest';
import { SignalWatch } from '../../../../dashboard/src/player/signal-watch.ts';

/** Frames at a distance, then nothing; gives after how many milliseconds silence is said, or null. */
function silenceAfter(gapMs: number, frames = 40): number | null {
  const watch = new SignalWatch();
  const lastMs = (frames - 1) * gapMs;
  for (let nowMs = 0; nowMs < lastMs + 30_000; nowMs += 50) {
    if (nowMs <= lastMs && nowMs % gapMs === 0) watch.frame(nowMs, 1_000_000 + nowMs);
    if (nowMs % 250 === 0 && watch.isSilent(nowMs)) return nowMs - lastMs;
  }
  return null;
}

describe('SignalWatch', () => {
  it.each([50, 100, 200])('says within two seconds that a stream with a frame every %i ms is silent', (gapMs) => {
    expect(silenceAfter(gapMs)).toBeGreaterThan(1000);
    expect(silenceAfter(gapMs)).toBeLessThanOrEqual(2000);
  });

  it('waits longer where frames come seldom anyway', () => {
    expect(silenceAfter(2000)).toBeGreaterThan(8000);
    expect(silenceAfter(4000)).toBeLessThanOrEqual(12_250);
  });

  it('learns the distance from the edge, not from the burst in which the kept frames arrive', () => {
    const watch = new SignalWatch();
    for (let at = 0; at < 10; at++) watch.frame(1000, at * 2000);
    watch.isSilent(1000);
    for (let nowMs = 1250; nowMs < 8000; nowMs += 250) expect(watch.isSilent(nowMs)).toBe(false);
  });

  it('does not take a page that stood still for a stream that does', () => {
    const watch = new SignalWatch();
    watch.frame(0, 0);
    watch.isSilent(0);
    expect(watch.isSilent(10_000)).toBe(false);
    expect(watch.isSilent(10_250)).toBe(true);
    watch.frame(10_300, 10_300);
    expect(watch.isSilent(10_500)).toBe(false);
  });

  it('knows nothing before the first frame', () => {
    const watch = new SignalWatch();
    for (let nowMs = 0; nowMs < 20_000; nowMs += 250) expect(watch.isSilent(nowMs)).toBe(false);
    expect(watch.lastEdgeAtMs).toBeNull();
  });
});
