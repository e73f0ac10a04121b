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

  it('leaves out what a late camera lost on its way, and keeps it where it was lost for good', async () => {
    const { line, place } = await timeline();
    const { generation } = line;
    const times: number[] = [];
    const at = async (ms: number, afterMs: number) => times.push((await place(ms * 90, afterMs)).decodeTime90k / 90);
    for (let ms = 0; ms <= 10_000; ms += 40) await at(ms, ms === 0 ? 0 : 40);
    // Five seconds without a packet: two seconds of pictures come at once, the next three were thrown away.
    await at(10_040, 5000);
    for (let ms = 10_080; ms <= 12_000; ms += 40) await at(ms, 0);
    for (let ms = 15_000; ms <= 16_000; ms += 40) await at(ms, ms === 15_000 ? 0 : 40);
    expect(times.slice(-26)).toEqual(Array.from({ length: 26 }, (_, n) => 15_000 + n * 40));
    expect(line.generation).toBe(generation);
  });

  it.each([5, 25])('rides over steps of about a second at %s pictures a second', async (fps) => {
    const { place } = await timeline([90_000, 0, 90_000 / fps]);
    const frame90k = 90_000 / fps;
    let clock90k = 1_000_000;
    const times = [];
    for (let n = 0; n < 60; n += 1) {
      clock90k += frame90k + ({ 20: 100_000, 40: -70_000 }[n] ?? 0);
      times.push(await place(clock90k, 1000 / fps));
    }
    expect(times.map(({ decodeTime90k }) => decodeTime90k)).toEqual(times.map((_, n) => n * frame90k));
    expect(times.every(({ compositionOffset90k }) => compositionOffset90k === 0)).toBe(true);
  });

  const B_FRAMES: readonly (readonly number[])[] = [[0], [1, 0], [2, 0, 1], [3, 1, 0, 2], [7, 3, 1, 0, 2, 5, 4, 6]];

  it('rides over small steps of the camera’s clock, both ways, also inside reordered frames', async () => {
    const step = fc.tuple(fc.integer({ min: 2100, max: 9900 }), fc.boolean());
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...B_FRAMES),
        fc.array(step, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 60, max: 90 }),
        fc.constantFrom(12, 25, 50),
        fc.nat(0xffff_ffff),
        async (order, steps, every, fps, first) => {
          const frame90k = 90_000 / fps;
          const depth = [0, 1, 1, 2, 0, 0, 0, 3][order.length - 1] ?? 0;
          const { line, place } = await timeline([90_000, depth, frame90k]);
          const { generation } = line;
          const frames = every * (steps.length + 1);
          let clock90k = first;
          const placed = [];
          for (let n = 0; n < frames; n += 1) {
            const [byMs, back] = (n % every === 0 ? steps[n / every - 1] : undefined) ?? [0, false];
            clock90k += byMs * (back ? -90 : 90);
            const shown = n - (n % order.length) + (order[n % order.length] ?? 0);
            placed.push(await place(clock90k + shown * frame90k, n === 0 ? 0 : 1000 / fps, n === 0));
          }
          expect(line.generation).toBe(generation + steps.length);
          const decoded = placed.map(({ decodeTime90k }) => decodeTime90k);
          const lengths = decoded.slice(1).map((time, n) => time - (decoded[n] ?? 0));
          expect(Math.min(...lengths)).toBeGreaterThan(0);
          expect(Math.max(...lengths)).toBeLessThanOrEqual((depth + 2) * frame90k);
          const mostEarly = -1 - order.length * frame90k;
          for (const { compositionOffset90k } of placed) {
            expect(compositionOffset90k).toBeGreaterThan(mostEarly);
            expect(compositionOffset90k).toBeLessThan(2 * 8 * frame90k);
          }
          // Nothing was left out and nothing came twice: the timeline is as long as the film.
          const away = (decoded.at(-1) ?? 0) - (decoded[0] ?? 0) - (frames - 1) * frame90k;
          expect(Math.abs(away)).toBeLessThanOrEqual((steps.length + 1) * 8 * frame90k);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('does not take reordering, jitter or bursts for a step', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...B_FRAMES),
        fc.constantFrom(5, 12, 25, 50),
        fc.array(fc.oneof(fc.constant(0), fc.nat(200), fc.integer({ min: 0, max: 4000 })), { minLength: 20 }),
        async (order, fps, delays) => {
          const frame90k = 90_000 / fps;
          const { line, place } = await timeline([90_000, order.length > 1 ? 2 : 0, frame90k]);
          const { generation } = line;
          let arrivedMs = 0;
          for (const [n, delayMs] of delays.entries()) {
            // The way holds frames up; it never lets one overtake another.
            const atMs = Math.max(arrivedMs, (n * 1000) / fps + delayMs);
            const shown = n - (n % order.length) + (order[n % order.length] ?? 0);
            await place(shown * frame90k, atMs - arrivedMs, n === 0);
            arrivedMs = atMs;
          }
          expect(line.generation).toBe(generation);
        },
      ),
      { numRuns: 60 },
    );
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
