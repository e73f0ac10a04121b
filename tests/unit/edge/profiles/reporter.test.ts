import { join } from 'node:path';
import { Check } from 'typebox/value';
import { beforeEach, describe, expect, test } from 'vitest';
import { EdgeEvent } from '../../../../contract/event.ts';
import { loadProfiles } from '../../../../edge/profiles/load.ts';
import { RecentReports } from '../../../../edge/profiles/recent-reports.ts';
import { DeviceReporter } from '../../../../edge/profiles/reporter.ts';
import { FakeClock, settle } from '../../../support/fake-clock.ts';
import { MemorySink } from '../../../support/memory-sink.ts';

const catalog = loadProfiles(join(import.meta.dirname, '..', '..', '..', '..', 'device-profiles'));
const failure = new Error('the disk is full');

let sink: MemorySink;
let clock: FakeClock;

beforeEach(() => {
  sink = new MemorySink();
  clock = new FakeClock();
});

function reporter(profileId: string): DeviceReporter {
  const profile = catalog.get(profileId);
  return new DeviceReporter({ deviceId: 'd1', profile, holdRepeats: true, events: sink, samples: sink, clock });
}

const motion = (state: boolean) => ({
  topic: 'tns1:VideoSource/MotionAlarm',
  source: { Source: '1' },
  data: { State: state },
});

describe('reports', () => {
  test('become events that fit the contract, with both clocks', async () => {
    expect(await reporter('generic/onvif-camera').report(motion(true), 123)).toEqual({
      committed: 1,
      held: 0,
      nothing: null,
    });
    const [event] = sink.events;
    expect(Check(EdgeEvent, event)).toBe(true);
    expect(event).toMatchObject({ deviceAtMs: 123, edgeAtMs: clock.nowMs(), profile: 'generic/onvif-camera#motion' });
  });

  test('a failed commit is taken back: the repetition counts as new, states and thresholds alike', async () => {
    const camera = reporter('generic/onvif-camera');
    const gauge = reporter('generic/mqtt-water-level');
    sink.failure = failure;
    await expect(camera.report(motion(true), null)).rejects.toBe(failure);
    await expect(gauge.report({ payload: { level: 4 } }, null)).rejects.toBe(failure);
    sink.failure = null;
    await camera.report(motion(true), null);
    await gauge.report({ payload: { level: 4 } }, null);
    expect(sink.told).toEqual(['motion active 1', 'water-level.high active']);
    expect(sink.samples).toHaveLength(1);
  });

  test('keep their order while the disk is slow, and are bounded', async () => {
    const camera = reporter('generic/onvif-camera');
    const release = sink.hold();
    const reports = Array.from({ length: 300 }, (_, i) => camera.report(motion(i % 2 === 0), null));
    const settled = Promise.allSettled(reports);
    await settle();
    expect(sink.begun).toBe(1);
    release();
    const outcomes = await settled;
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(44);
    expect(sink.events.map(({ state }) => state)).toEqual(
      Array.from({ length: 256 }, (_, i) => (i % 2 === 0 ? 'active' : 'cleared')),
    );
  });

  test('that come while the disk is busy are committed together; one that cannot be stored fails alone', async () => {
    const camera = reporter('generic/onvif-camera');
    const commitAll = sink.commitAll.bind(sink);
    sink.commitAll = async (events) => {
      await commitAll([]);
      if (events.some(({ event }) => event.source === '9')) throw failure;
      await commitAll(events);
    };
    const release = sink.hold();
    const first = camera.report(motion(true), null);
    await settle();
    const rest = [motion(false), { ...motion(true), source: { Source: '9' } }, motion(true)];
    const settled = Promise.allSettled(rest.map((raw) => camera.report(raw, null)));
    release();
    await first;
    expect((await settled).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(sink.told).toEqual(['motion active 1', 'motion cleared 1', 'motion active 1']);
  });

  test('many at once take few commits', async () => {
    const camera = reporter('generic/onvif-camera');
    const reports = Array.from({ length: 100 }, (_, i) => camera.report(motion(i % 2 === 0), null));
    await Promise.all(reports);
    expect(sink.told).toHaveLength(100);
    expect(sink.begun).toBeLessThanOrEqual(2);
  });

  test('a state that the device never clears ends by itself', async () => {
    const camera = reporter('generic/onvif-camera');
    await camera.report(motion(true), null);
    await clock.advance(59_000);
    await camera.expire();
    expect(sink.told).toEqual(['motion active 1']);
    await clock.advance(1_000);
    await camera.expire();
    expect(sink.told).toEqual(['motion active 1', 'motion cleared 1']);
    expect(sink.events[1]?.data['expired']).toBe(true);
  });

  test('garbage is told once in ten minutes', async () => {
    const camera = reporter('generic/onvif-camera');
    await camera.garbage('x');
    await camera.garbage('y');
    await clock.advance(600_000);
    await camera.garbage('z');
    expect(sink.events.map(({ data }) => data['message'])).toEqual(['x', 'z']);
  });
});

describe('repetitions', () => {
  const store = async (): Promise<void> => {
    await sink.commitAll([{ event: {} as never }]);
  };

  test('share the fate of the first while it is on its way', async () => {
    const recent = new RecentReports({ kept: 4, windowMs: 1000 });
    const release = sink.hold();
    const both = Promise.allSettled([recent.once('a', 0, store), recent.once('a', 0, store)]);
    sink.failure = failure;
    release();
    expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(sink.begun).toBe(1);
    sink.failure = null;
    expect(await recent.once('a', 1, store)).toEqual({ repeated: false });
    expect(await recent.once('a', 1001, store)).toEqual({ repeated: true });
    expect(await recent.once('a', 1002, store)).toEqual({ repeated: false });
  });

  test('are recognised only so many reports back', async () => {
    const recent = new RecentReports({ kept: 1, windowMs: 1000 });
    await recent.once('a', 0, store);
    await recent.once('b', 0, store);
    expect(await recent.once('a', 0, store)).toEqual({ repeated: false });
  });
});
