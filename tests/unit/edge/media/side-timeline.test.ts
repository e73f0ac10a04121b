import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SideTimeline } from '../../../../edge/media/side-timeline.ts';
import { Timeline } from '../../../../edge/media/timeline.ts';
import type { SenderReport } from '../../../../protocols/rtp/rtcp.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const FRAME = 160;
const FRAME_MS = 20;

/** A camera whose picture and sound share a clock; sound may be on its way for longer. */
async function camera(soundDelayMs = 0, firstVideoRtp = 0, firstAudioRtp = 0) {
  const clock = new FakeClock();
  const video = new Timeline(clock);
  video.begin(90_000, 0, 3600);
  const side = new SideTimeline(clock, video);
  side.begin(8000);
  let ms = 0;
  const placed: { wanted: number; pts90k: number | null }[] = [];
  /** Plays for a while; `pts90k` should come to `wanted`. */
  const play = async (forMs: number): Promise<void> => {
    for (const end = ms + forMs; ms < end; ms += FRAME_MS) {
      if (ms % 40 === 0) video.place((firstVideoRtp + ms * 90) >>> 0, ms === 0);
      const soundMs = ms - soundDelayMs;
      const pts90k = side.place((firstAudioRtp + soundMs * 8) >>> 0, FRAME);
      placed.push({ wanted: soundMs * 90, pts90k });
      await clock.advance(FRAME_MS);
    }
  };
  const report = (rtpTimestamp: number, ntpMs: number): SenderReport => ({
    ssrc: 1,
    ntpSeconds: 3_900_000_000 + Math.floor(ntpMs / 1000),
    ntpFraction: Math.floor(((((ntpMs % 1000) + 1000) % 1000) / 1000) * 2 ** 32),
    rtpTimestamp: rtpTimestamp >>> 0,
    packets: 0,
    octets: 0,
  });
  const reportVideo = (ntpOffMs = 0): void => side.onVideoReport(report(firstVideoRtp + ms * 90, ms + ntpOffMs));
  const reportAudio = (ntpOffMs = 0): void => side.onOwnReport(report(firstAudioRtp + ms * 8, ms + ntpOffMs));
  const error90k = (): number => (placed.at(-1)?.pts90k ?? Number.NaN) - (placed.at(-1)?.wanted ?? 0);
  return { clock, video, side, play, reportVideo, reportAudio, error90k, placed };
}

describe('SideTimeline', () => {
  it('has no time before the first picture', () => {
    const clock = new FakeClock();
    const video = new Timeline(clock);
    video.begin(90_000, 0, 3600);
    const side = new SideTimeline(clock, video);
    side.begin(8000);
    expect(side.place(5, FRAME)).toBeNull();
    video.place(1000, true);
    expect(side.place(5, FRAME)).toBe(0);
  });

  it('without reports puts together what arrives together, and follows its own clock over the wrap', async () => {
    const { play, placed } = await camera(0, 0xffff_0000, 0xffff_ff00);
    await play(2000);
    expect(placed.map(({ pts90k }) => pts90k)).toEqual(placed.map(({ wanted }) => wanted));
  });

  it('with reports of both makes good what the sound is late, without leaving anything out', async () => {
    const { play, reportVideo, reportAudio, error90k, placed } = await camera(300);
    await play(1000);
    expect(error90k()).toBeCloseTo(300 * 90);
    reportVideo();
    await play(100);
    reportAudio();
    await play(8000);
    expect(Math.abs(error90k())).toBeLessThan(10);
    const times = placed.map(({ pts90k }) => pts90k ?? Number.NaN);
    expect(times.every((time, i) => i === 0 || time > (times[i - 1] ?? 0))).toBe(true);
  });

  it('does not believe reports that lead far away, or a clock that was not set', async () => {
    const { play, side, reportVideo, reportAudio, error90k } = await camera();
    await play(1000);
    reportVideo();
    reportAudio(3_600_000);
    await play(1000);
    expect(error90k()).toBe(0);
    const unset = { ssrc: 1, ntpSeconds: 0, ntpFraction: 0, packets: 0, octets: 0 };
    side.onVideoReport({ ...unset, rtpTimestamp: 0 });
    side.onOwnReport({ ...unset, rtpTimestamp: 12_000 });
    await play(1000);
    expect(error90k()).toBe(0);
  });

  it('a device that sets its clock between two reports moves nothing', async () => {
    const { play, reportVideo, reportAudio, error90k } = await camera();
    for (const stepMs of [0, 700, 700, -900]) {
      await play(1000);
      reportVideo(stepMs);
      await play(200);
      expect(Math.abs(error90k())).toBeLessThan(1);
      reportAudio(stepMs);
      await play(200);
      expect(Math.abs(error90k())).toBeLessThan(1);
    }
  });

  it('goes on when reports stop', async () => {
    const { play, reportVideo, reportAudio, error90k } = await camera();
    await play(1000);
    reportVideo();
    reportAudio();
    await play(60_000);
    expect(Math.abs(error90k())).toBeLessThan(10);
  });

  it('keeps what reports said of a sound that is late, also long after they stopped', async () => {
    const { play, reportVideo, reportAudio, error90k } = await camera(1000);
    await play(1000);
    reportVideo();
    reportAudio();
    await play(200_000);
    expect(Math.abs(error90k())).toBeLessThan(10);
  });

  it('without reports lets no clock that is wrong drift further than without any', async () => {
    const { clock, video, side } = await camera();
    const at = (ms: number): SenderReport => {
      return { ssrc: 1, ntpSeconds: 3_900_000_000 + ms / 1000, ntpFraction: 0, rtpTimestamp: 0, packets: 0, octets: 0 };
    };
    let away90k = 0;
    // Sound whose clock runs half a percent fast; the reports end at once.
    for (let ms = 0; ms < 400_000; ms += FRAME_MS) {
      if (ms % 40 === 0) video.place(ms * 90, ms === 0);
      const pts90k = side.place(Math.round(ms * 8 * 1.005), FRAME);
      if (ms === 1000) {
        side.onVideoReport({ ...at(ms), rtpTimestamp: ms * 90 });
        side.onOwnReport({ ...at(ms), rtpTimestamp: Math.round(ms * 8 * 1.005) });
      }
      if (pts90k !== null) away90k = Math.max(away90k, Math.abs(pts90k - ms * 90));
      await clock.advance(FRAME_MS);
    }
    expect(away90k).toBeLessThan(55_000);
  });

  it('stays with the pictures when their clock is set anew', async () => {
    const { clock, video, side } = await camera();
    video.place(0, true);
    side.place(0, FRAME);
    await clock.advance(40);
    video.place(0x4000_0000, true);
    const now = video.presentNow() ?? 0;
    expect(side.place(320, FRAME)).toBeCloseTo(now);
  });

  it('only moves forward, and never far from the pictures, whatever comes', async () => {
    const step = fc.record({
      rtp: fc.nat(0xffff_ffff),
      afterMs: fc.nat(200),
      ntpMs: fc.option(fc.nat(10_000)),
      video: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { clock, video, side } = await camera();
        let last = Number.NEGATIVE_INFINITY;
        let videoRtp = 0;
        for (const { rtp, afterMs, ntpMs, video: isVideo } of steps) {
          await clock.advance(afterMs);
          videoRtp += afterMs * 90;
          video.place(videoRtp >>> 0, true);
          if (ntpMs !== null) {
            const report = {
              ssrc: 1,
              ntpSeconds: 1,
              ntpFraction: ntpMs * 400_000,
              rtpTimestamp: rtp,
              packets: 0,
              octets: 0,
            };
            if (isVideo) side.onVideoReport(report);
            else side.onOwnReport(report);
          }
          const pts90k = side.place(rtp, FRAME);
          if (pts90k === null) continue;
          expect(pts90k).toBeGreaterThan(last);
          expect(Math.abs(pts90k - (video.presentNow() ?? 0))).toBeLessThan(4 * 90_000);
          last = pts90k;
        }
      }),
      { numRuns: 100 },
    );
  });
});
