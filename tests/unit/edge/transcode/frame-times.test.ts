import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encoderWords } from '../../../../edge/transcode/encoder-words.ts';
import { FrameTimesQueue } from '../../../../edge/transcode/frame-times.ts';

const times = (pts90k: number) => ({ pts90k, duration90k: 3600, edgeAtMs: pts90k / 90 });

describe('times of encoded pictures', () => {
  test('are those of the pictures that went in, in order of presentation', () => {
    const queue = new FrameTimesQueue();
    for (const pts of [900_000, 910_800, 903_600, 907_200]) queue.push(times(pts));
    expect([0, 40, 80, 120].map((ms) => queue.take(ms)?.pts90k)).toEqual([900_000, 903_600, 907_200, 910_800]);
    expect(queue.take(160)).toBeNull();
  });

  test('stay right when the encoder leaves pictures out', () => {
    const queue = new FrameTimesQueue();
    for (const pts of [0, 3600, 7200, 10_800]) queue.push(times(pts));
    expect([0, 120].map((ms) => queue.take(ms)?.pts90k)).toEqual([0, 10_800]);
  });

  test('are those of another picture never: what does not fit is left out', () => {
    const queue = new FrameTimesQueue();
    queue.push(times(0));
    queue.push(times(9000));
    expect([0, 40, 100].map((ms) => queue.take(ms)?.pts90k)).toEqual([0, undefined, 9000]);
  });

  test('any steady or unsteady rate comes out as it went in', () => {
    const gaps = fc.array(fc.integer({ min: 270, max: 180_000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 0, max: 2 ** 40 }), (list, start) => {
        const queue = new FrameTimesQueue();
        let pts = start;
        const all = list.map((gap) => {
          pts += gap;
          queue.push(times(pts));
          return pts;
        });
        const first = all[0] ?? 0;
        expect(all.map((each) => queue.take(Math.round((each - first) / 90))?.pts90k)).toEqual(all);
      }),
    );
  });

  test('are bounded when nothing comes out', () => {
    const queue = new FrameTimesQueue();
    for (let i = 0; i < 5000; i++) queue.push(times(i * 3600));
    expect(queue.take(0)?.pts90k).toBe((5000 - 600) * 3600);
  });
});

describe('the encoder', () => {
  const kbit = (width: number, height: number): number => {
    const words = encoderWords({ width, height, maxWidth: 1280, kbitPer720p: 1500 });
    return Number.parseInt(words[words.indexOf('-maxrate') + 1] ?? '', 10);
  };

  test('gets a bit rate by the area of what it makes', () => {
    expect([kbit(1280, 720), kbit(3840, 2160), kbit(640, 360), kbit(160, 90)]).toEqual([1500, 1500, 375, 200]);
  });

  test('reads from us and nowhere else', () => {
    const words = encoderWords({ width: 640, height: 360, maxWidth: 1280, kbitPer720p: 1500 });
    expect(words.filter((_, i) => words[i - 1] === '-i')).toEqual(['pipe:0']);
    expect(words.at(-1)).toBe('pipe:1');
  });
});
