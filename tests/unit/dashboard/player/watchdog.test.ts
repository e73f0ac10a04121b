import { describe, expect, it } from 'vitest';
import { Watchdog } from '../../../../dashboard/src/player/watchdog.ts';

/** Ticks every 250 ms for a while and tells when which advice came. */
function run(
  watchdog: Watchdog,
  seconds: number,
  step: (tick: number) => { frames: number; appended: number },
  visible = true,
) {
  const advice: [number, string][] = [];
  for (let tick = 0; tick < seconds * 4; tick++) {
    const { frames, appended } = step(tick);
    const said = watchdog.observe({ nowMs: tick * 250, presentedFrames: frames, appended, visible });
    if (said !== 'none') advice.push([tick / 4, said]);
  }
  return advice;
}

describe('Watchdog', () => {
  it('is quiet while frames are painted', () => {
    expect(run(new Watchdog(), 60, (tick) => ({ frames: tick * 4, appended: tick * 4 }))).toEqual([]);
  });

  it('nudges and then makes the element anew when data arrives but nothing is painted', () => {
    const advice = run(new Watchdog(), 7, (tick) => ({ frames: 10, appended: tick }));
    expect(advice.map(([, said]) => said)).toEqual(['nudge', 'recreate']);
    expect(advice[1]?.[0]).toBeLessThan(7);
  });

  it('waits longer each time it did not help', () => {
    const advice = run(new Watchdog(), 60, (tick) => ({ frames: 0, appended: tick })).filter(
      ([, said]) => said === 'recreate',
    );
    const gaps = advice.map(([at], index) => at - (advice[index - 1]?.[0] ?? 0));
    expect(gaps.length).toBeGreaterThan(2);
    expect(gaps[2]).toBeGreaterThan(gaps[0] ?? 99);
  });

  it('blames nobody when no data arrives or nobody looks', () => {
    expect(run(new Watchdog(), 60, () => ({ frames: 10, appended: 10 }))).toEqual([]);
    expect(run(new Watchdog(), 60, (tick) => ({ frames: 10, appended: tick }), false)).toEqual([]);
  });
});
