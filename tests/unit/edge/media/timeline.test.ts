import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Timeline } from '../../../../edge/media/timeline.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

async function timeline(begin: [number, number, number | null] = [90_000, 0, 3600]) {
  const clock = new FakeClock();
  const line = new Timeline(clock);
  line.begin(...begin);
  const place = async (rtp: number, afterMs = 40, idr = false) => {
    await clock.advance(afterMs);
    return line.place(rtp >>> 0, idr);
  };
  return { clock, line, place };
}

describe('Timeline', () => {
  it('follows the camera’s clock exactly, from 0 and over the wrap', async () => {
    const { place } = await timeline();
    const times = [];
    for (let i = 0; i < 4; i += 1) times.push(await place(0xffff_f000 + i * 3003));
    expect(times.map(({ decodeTime90k }) => decodeTime90k)).toEqual([0, 3003, 6006, 9009]);
    expect(times.map(({ duration90k }) => duration90k)).toEqual([3600, 3003, 3003, 3003]);
    expect(times.every(({ compositionOffset90k }) => compositionOffset90k === 0)).toBe(true);
  });

  it('goes on by our own clock in the next session', async () => {
    const { line, place } = await timeline();
    await place(1000);
    await place(4600);
    line.begin(90_000, 0, 3600);
    expect((await place(77, 5000)).decodeTime90k).toBe(3600 + 450_000);
    line.begin(90_000, 0, 3600);
    expect((await place(5, 0)).decodeTime90k).toBe(3600 + 450_000 + 3600);
  });

  it('rides over a camera setting its clock, but keeps real pauses', async () => {
    const { place } = await timeline();
    await place(0);
    expect((await place(90_000 * 20, 20_000)).decodeTime90k).toBe(90_000 * 20);
    expect((await place(90_000 * 3600, 40)).decodeTime90k).toBe(90_000 * 20 + 3600);
    expect((await place(500, 40)).decodeTime90k).toBe(90_000 * 20 + 7200);
    expect((await place(4100, 40)).decodeTime90k).toBe(90_000 * 20 + 10_800);
  });

  it('keeps the camera’s clock when parameters change inside a session', async () => {
    const { line, place } = await timeline();
    await place(1000);
    const { generation } = line;
    line.reshape(0, 3600);
    expect((await place(8200, 500)).decodeTime90k).toBe(7200);
    expect(line.generation).toBe(generation);
    line.reshape(2, 3600);
    expect((await place(11_800, 40)).decodeTime90k).toBe(10_800);
    expect(line.generation).toBe(generation + 1);
  });

  it('places other times of the camera beside its pictures, over the wrap', async () => {
    const { line, place } = await timeline();
    expect([line.presentAt(0), line.presentNow()]).toEqual([null, null]);
    await place(0xffff_fff0);
    expect(line.presentAt(16)).toBe(32);
    expect(line.presentAt(0xffff_ff00)).toBe(-240);
    expect(line.presentNow()).toBe(0);
  });

  it('scales other clock rates', async () => {
    const { place } = await timeline([1000, 0, 3600]);
    await place(10);
    expect((await place(50)).decodeTime90k).toBe(3600);
  });

  it('separates decode from presentation times for reordered frames', async () => {
    const { place } = await timeline([90_000, 1, 3600]);
    const order = [0, 2, 1, 4, 3, 6, 5];
    const times = [];
    for (const n of order) times.push(await place(50_000 + n * 3600));
    expect(times.map(({ decodeTime90k }) => decodeTime90k)).toEqual([0, 1, 2, 3, 4, 5, 6].map((n) => n * 3600));
    const presented = times.map(({ decodeTime90k, compositionOffset90k }) => decodeTime90k + compositionOffset90k);
    expect(presented).toEqual(order.map((n) => (n + 1) * 3600));
  });

  it('only moves forward, whatever timestamps come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(3),
        fc.array(fc.tuple(fc.nat(0xffff_ffff), fc.nat(20_000)), { maxLength: 30 }),
        async (depth, frames) => {
          const { place } = await timeline([90_000, depth, 3600]);
          let last = -1;
          for (const [rtp, afterMs] of frames) {
            const { decodeTime90k, duration90k } = await place(rtp, afterMs);
            expect(decodeTime90k).toBeGreaterThan(last);
            expect(duration90k).toBeGreaterThan(0);
            last = decodeTime90k;
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
