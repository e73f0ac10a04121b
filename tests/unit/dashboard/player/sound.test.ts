import { describe, expect, test } from 'vitest';
import { AudioSchedule, EdgeTimeline } from '../../../../dashboard/src/player/audio-schedule.ts';
import { Downsampler } from '../../../../dashboard/src/player/downsampler.ts';

const PIECE_S = 0.04;

describe('placing sound', () => {
  test('pieces follow each other without a gap, in step with the picture', () => {
    const schedule = new AudioSchedule();
    const starts: (number | null)[] = [];
    for (let i = 0; i < 50; i++) {
      const nowS = 10 + i * PIECE_S;
      // The picture is 300 ms behind the newest sound, with some jitter.
      const shownEdgeAtMs = 1000 + i * 40 - 300 + (i % 3) * 20;
      starts.push(schedule.place({ edgeAtMs: 1000 + i * 40, durationS: PIECE_S }, { nowS, shownEdgeAtMs }));
    }
    expect(schedule.dropped).toBe(0);
    expect(starts[0]).toBeCloseTo(10.3, 5);
    for (let i = 1; i < starts.length; i++) expect((starts[i] ?? 0) - (starts[i - 1] ?? 0)).toBeCloseTo(PIECE_S, 6);
  });

  test('without a picture it waits a moment, so that late packets fit in', () => {
    const schedule = new AudioSchedule();
    const place = (nowS: number): number | null =>
      schedule.place({ edgeAtMs: 0, durationS: PIECE_S }, { nowS, shownEdgeAtMs: null });
    expect(place(5)).toBeCloseTo(5.12, 6);
    expect(place(5.13)).toBeCloseTo(5.16, 6);
    // Everything was played; the next piece begins with the cushion again.
    expect(place(6)).toBeCloseTo(6.12, 6);
  });

  test('what is later than its picture by more than 150 ms is dropped', () => {
    const schedule = new AudioSchedule();
    const late = schedule.place({ edgeAtMs: 1000, durationS: PIECE_S }, { nowS: 5, shownEdgeAtMs: 1200 });
    expect([late, schedule.dropped]).toEqual([null, 1]);
    expect(schedule.place({ edgeAtMs: 1000, durationS: PIECE_S }, { nowS: 5, shownEdgeAtMs: 1100 })).toBeCloseTo(
      5.02,
      6,
    );
  });

  test('when the picture falls back, the sound waits for it; nothing is piled up', () => {
    const schedule = new AudioSchedule();
    schedule.place({ edgeAtMs: 1000, durationS: PIECE_S }, { nowS: 5, shownEdgeAtMs: 1000 });
    const next = schedule.place({ edgeAtMs: 1040, durationS: PIECE_S }, { nowS: 5.04, shownEdgeAtMs: 540 });
    expect(next).toBeCloseTo(5.54, 6);
    const far = schedule.place({ edgeAtMs: 9000, durationS: PIECE_S }, { nowS: 5.1, shownEdgeAtMs: 540 });
    expect(far).toBeNull();
  });

  test('the time of a sample follows the stream, not the jitter of its packets', () => {
    const timeline = new EdgeTimeline();
    for (let i = 0; i < 100; i++) timeline.observe(i * 3600, 50_000 + i * 40 + (i % 7) * 15);
    expect(timeline.edgeAtMs(100 * 3600)).toBeLessThan(54_005);
    expect(timeline.edgeAtMs(100 * 3600)).toBeGreaterThanOrEqual(54_000);
    timeline.observe(0, 90_000);
    expect(timeline.edgeAtMs(0)).toBe(90_000);
  });
});

describe('bringing a microphone to 8 kHz', () => {
  const tone = (hz: number, rate: number, samples: number): Float32Array =>
    Float32Array.from({ length: samples }, (_, i) => Math.sin((2 * Math.PI * hz * i) / rate));
  const loudness = (samples: Float32Array): number =>
    Math.sqrt(samples.slice(200).reduce((sum, value) => sum + value * value, 0) / Math.max(1, samples.length - 200));

  test.each([48_000, 44_100, 16_000])('%i Hz: a voice passes, in the same time, however it is cut', (rate) => {
    const voice = tone(1000, rate, rate);
    const whole = new Downsampler(rate).push(voice);
    expect(Math.abs(whole.length - 8000)).toBeLessThan(60);
    expect(loudness(whole)).toBeCloseTo(Math.SQRT1_2, 1);
    const pieces = new Downsampler(rate);
    const cut: number[] = [];
    for (let at = 0; at < voice.length; at += 128) cut.push(...pieces.push(voice.slice(at, at + 128)));
    expect(cut.length).toBe(whole.length);
    for (let i = 0; i < cut.length; i += 97) expect(cut[i]).toBeCloseTo(whole[i] ?? 9, 4);
  });

  test('what 8 kHz cannot carry does not fold back into the voice', () => {
    expect(loudness(new Downsampler(48_000).push(tone(6000, 48_000, 48_000)))).toBeLessThan(0.02);
  });
});
