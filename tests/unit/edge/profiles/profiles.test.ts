import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProfileCatalog } from '../../../../edge/profiles/catalog.ts';
import { parseProfile } from '../../../../edge/profiles/load.ts';
import { type MappedEvent, mapRaw } from '../../../../edge/profiles/map-raw.ts';
import type { DeviceProfile } from '../../../../edge/profiles/schema.ts';
import { StateTracker } from '../../../../edge/profiles/state-tracker.ts';
import { ThresholdTracker } from '../../../../edge/profiles/threshold-tracker.ts';

const TEXT = `
id: test/gauge
title: Gauge
titleZh: 水位
driver: mqtt-device
type: sensor
deviceTime: payload.at
parameters: { high: { default: 3, unit: m, title: High, titleZh: 高 } }
events:
  - { id: smoke, when: { topic: state, payload.smoke: { present: true } }, kind: smoke, state: { at: payload.smoke, active: [true, 1], cleared: [false] } }
  - { id: range, when: { payload.n: { min: 1, max: 5 } }, kind: other, state: pulse, source: [payload.zone, payload.area] }
  - { id: prefix, when: { topic: { startsWith: 'Alarm/' } }, kind: other, state: active, priority: 1, data: { what: { value: x }, n: { at: payload.n } } }
readings:
  - { id: level, quantity: water-level, value: payload.mm, unit: m, scale: 0.001, thresholds: [{ id: high, kind: water-level.high, direction: above, raiseAt: high, clearAt: 2.5 }] }
samples: [{ description: none, raw: {}, events: [] }]
`;
const profile = parseProfile(TEXT, 'gauge.yaml');

describe('mapping', () => {
  test('says why it made nothing', () => {
    expect(mapRaw(profile, { topic: 'other' }).nothing).toBe('no-rule');
    expect(mapRaw(profile, { topic: 'state', payload: { smoke: 'perhaps' } }).nothing).toBe('no-state');
    expect(mapRaw(profile, { topic: 'state', payload: { smoke: 'TRUE' } })).toMatchObject({
      nothing: null,
      events: [{ kind: 'smoke', state: 'active', priority: 1 }],
    });
  });

  test('limits, beginnings, first source that is there, fixed and found data', () => {
    expect(mapRaw(profile, { payload: { n: 6 } }).events).toEqual([]);
    expect(mapRaw(profile, { payload: { n: '5', area: 'A' } }).events).toMatchObject([{ rule: 'range', source: 'A' }]);
    expect(mapRaw(profile, { topic: 'alarm/1', payload: { n: 0 } }).events).toMatchObject([
      { rule: 'prefix', priority: 1, data: { what: 'x', n: 0 }, source: null },
    ]);
  });

  test.each([
    ['2026-07-01T10:00:00Z', 1_782_900_000_000],
    [1_782_900_000, 1_782_900_000_000],
    [1_782_900_000_123, 1_782_900_000_123],
    ['yesterday', null],
    [-1, null],
  ])('device time %s', (at, ms) => {
    expect(mapRaw(profile, { payload: { at } }).deviceAtMs).toBe(ms);
  });

  test('any JSON at all is mapped or left alone', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('topic', 'payload', '__proto__'), fc.jsonValue()), (raw) => {
        const { events } = mapRaw(profile, raw);
        for (const event of events) expect(event.source === null || event.source.length <= 128).toBe(true);
      }),
    );
  });
});

describe('thresholds', () => {
  const feed = (tracker: ThresholdTracker, mm: number): string[] =>
    mapRaw(profile, { payload: { mm } })
      .readings.flatMap((reading) => tracker.feed(reading))
      .map(({ state }) => state);

  test('hysteresis: nothing changes between the two limits', () => {
    const tracker = new ThresholdTracker(profile);
    expect([2000, 2999, 3000, 3500, 2600, 2999, 2500, 2400, 3000].flatMap((mm) => feed(tracker, mm))).toEqual([
      'cleared',
      'active',
      'cleared',
      'active',
    ]);
  });

  test('a site sets its own limit', () => {
    const tracker = new ThresholdTracker(profile, { high: 4 });
    expect([3500, 4000].flatMap((mm) => feed(tracker, mm))).toEqual(['active']);
  });

  test('states alternate, whatever the values', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 6000 })), (values) => {
        const tracker = new ThresholdTracker(profile);
        const states = values.flatMap((mm) => feed(tracker, mm));
        expect(states.filter((state, index) => state === states[index - 1])).toEqual([]);
      }),
    );
  });
});

describe('states', () => {
  const event = (state: MappedEvent['state'], over: Partial<MappedEvent> = {}): MappedEvent => ({
    rule: 'r',
    kind: 'motion',
    state,
    priority: 4,
    source: '1',
    data: {},
    expireAfterMs: null,
    ...over,
  });

  test('repeated states are held back, by kind and source', () => {
    const tracker = new StateTracker();
    expect(tracker.judge(event('active'), 0)).toBe('pass');
    expect(tracker.judge(event('active', { rule: 'other-topic' }), 0)).toBe('repeated');
    expect(tracker.judge(event('active', { source: '2' }), 0)).toBe('pass');
    expect(tracker.judge(event('cleared'), 0)).toBe('pass');
    expect(tracker.judge(event('cleared'), 0)).toBe('already-clear');
    expect(tracker.judge(event('pulse'), 0)).toBe('pass');
    expect(tracker.judge(event('pulse'), 0)).toBe('pass');
  });

  test('the first clear passes for alarms, once, and not for routine states', () => {
    const tracker = new StateTracker();
    expect(tracker.judge(event('cleared'), 0)).toBe('already-clear');
    expect(tracker.judge(event('cleared', { kind: 'door.forced' }), 0)).toBe('pass');
    expect(tracker.judge(event('cleared', { kind: 'door.forced' }), 0)).toBe('already-clear');
  });

  test('a state that the device never clears is cleared after its time, which each report prolongs', () => {
    const tracker = new StateTracker();
    tracker.judge(event('active', { expireAfterMs: 1000 }), 0);
    tracker.judge(event('active', { expireAfterMs: 1000 }), 800);
    expect(tracker.expire(1799)).toEqual([]);
    expect(tracker.expire(1800)).toMatchObject([{ state: 'cleared', data: { expired: true } }]);
    expect(tracker.expire(9000)).toEqual([]);
    expect(tracker.judge(event('active'), 9000)).toBe('pass');
    expect(tracker.expire(1e12)).toEqual([]);
  });
});

describe('catalog', () => {
  const make = (id: string, over: Partial<DeviceProfile> = {}): DeviceProfile => ({ ...profile, id, ...over });

  test('what extends another takes over its rules and replaces those of the same id', () => {
    const rule = { id: 'smoke', when: { topic: 'x' }, kind: 'fire', state: 'pulse' } as const;
    const catalog = new ProfileCatalog([make('a/base'), make('b/child', { extends: 'a/base', events: [rule] })]);
    const child = catalog.get('b/child');
    expect(child.events?.map(({ id }) => id)).toEqual(['smoke', 'range', 'prefix']);
    expect(child.events?.[0]?.kind).toBe('fire');
  });

  test('refuses doubles, circles, missing parents and parents of another driver', () => {
    const refused = expect.objectContaining({ code: 'PROFILE_INVALID' });
    expect(() => new ProfileCatalog([make('a/x'), make('a/x')])).toThrow(refused);
    expect(() => new ProfileCatalog([make('a/x', { extends: 'a/y' })])).toThrow(refused);
    expect(() => new ProfileCatalog([make('a/x', { extends: 'a/x' })])).toThrow(refused);
    expect(() => new ProfileCatalog([make('a/x'), make('a/y', { extends: 'a/x', driver: 'onvif' })])).toThrow(refused);
    expect(() => new ProfileCatalog([]).get('a/x')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });

  test('a wrong file is named with its line', () => {
    const wrong = TEXT.replace('kind: smoke', 'kind: smog');
    expect(() => parseProfile(wrong, 'gauge.yaml')).toThrow(/gauge\.yaml:10:.*smog/);
  });
});
