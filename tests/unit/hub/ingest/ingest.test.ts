import { describe, expect, test } from 'vitest';
import { Ingest } from '../../../../hub/ingest/ingest.ts';
import { silentLog } from '../../../../platform/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { batch, edgeEvent, Heard, MemoryEventStore, run } from './fakes.ts';

function setUp(limits?: { deliveries: number; bytes: number }) {
  const store = new MemoryEventStore();
  const heard = new Heard();
  const clock = new FakeClock();
  const ingest = new Ingest({
    store,
    clock,
    log: silentLog,
    sendAcks: heard.sendAcks,
    publish: heard.publish,
    ...(limits === undefined ? {} : { limits }),
  });
  ingest.start();
  return { store, heard, clock, ingest };
}

const one = (count: number, from = 1): number[] => Array.from({ length: count }, (_, index) => from + index);

describe('numbers of a lane', () => {
  test('a batch is stored, then acknowledged, then handed on', async () => {
    const { store, heard, ingest } = setUp();
    ingest.receive('north', 'event', run('e1', 1, 3));
    await ingest.idle();
    expect(store.sequences('north', 'e1', 'event')).toEqual([1, 2, 3]);
    expect(heard.acks).toEqual([{ edgeId: 'north', acks: { epoch: 'e1', lanes: { alarm: 0, event: 3 } } }]);
    expect(heard.published.map((event) => event.id)).toEqual(['event-1', 'event-2', 'event-3']);
    expect(heard.published[0]).toMatchObject({ edgeId: 'north', late: false });
  });

  test('a repetition stores nothing and is acknowledged again', async () => {
    const { store, heard, ingest } = setUp();
    ingest.receive('north', 'event', run('e1', 1, 3));
    await ingest.idle();
    ingest.receive('north', 'event', run('e1', 1, 3));
    await ingest.idle();
    expect(store.sequences('north', 'e1', 'event')).toEqual([1, 2, 3]);
    expect(heard.acks.map(({ acks }) => acks.lanes.event)).toEqual([3, 3]);
    expect(heard.published).toHaveLength(3);
    expect(ingest.counts.repeated).toBe(3);
  });

  test('of an overlapping batch only the new end is taken', async () => {
    const { store, heard, ingest } = setUp();
    ingest.receive('north', 'event', run('e1', 1, 3));
    ingest.receive('north', 'event', run('e1', 2, 4));
    await ingest.idle();
    expect(store.sequences('north', 'e1', 'event')).toEqual(one(5));
    expect(heard.published.map((event) => event.data['n'])).toEqual(one(5));
  });

  test('after a hole nothing is taken and the acknowledgement asks again', async () => {
    const { store, heard, ingest } = setUp();
    ingest.receive('north', 'event', run('e1', 1, 2));
    await ingest.idle();
    ingest.receive('north', 'event', run('e1', 4, 2));
    await ingest.idle();
    expect(store.sequences('north', 'e1', 'event')).toEqual([1, 2]);
    expect(heard.acks.at(-1)?.acks.lanes.event).toBe(2);
    expect(ingest.counts.gaps).toBe(1);
  });

  test('an unknown epoch has to start at 1, and never meets another', async () => {
    const { store, heard, ingest } = setUp();
    ingest.receive('north', 'event', run('e1', 1, 2));
    ingest.receive('north', 'event', run('e2', 3, 2));
    await ingest.idle();
    expect(heard.acks.at(-1)?.acks).toEqual({ epoch: 'e2', lanes: { alarm: 0, event: 0 } });
    ingest.receive('north', 'event', run('e2', 1, 4));
    await ingest.idle();
    expect(store.sequences('north', 'e1', 'event')).toEqual([1, 2]);
    expect(store.sequences('north', 'e2', 'event')).toEqual(one(4));
  });

  test('lanes and edges are counted apart and acknowledged together', async () => {
    const { heard, ingest } = setUp();
    ingest.receive('north', 'event', run('e1', 1, 5));
    ingest.receive('south', 'event', run('e1', 1, 1));
    await ingest.idle();
    ingest.receive('north', 'alarm', batch('e1', 1, [edgeEvent(1, 'fire')]));
    await ingest.idle();
    expect(heard.acks.at(-1)).toEqual({ edgeId: 'north', acks: { epoch: 'e1', lanes: { alarm: 1, event: 5 } } });
  });

  test('an edge that comes online hears how far the hub is, also of a lane it never used', async () => {
    const { heard, ingest } = setUp();
    ingest.receive('north', 'event', run('e1', 1, 5));
    await ingest.idle();
    await ingest.greet('north', 'e1');
    await ingest.greet('north', 'new');
    expect(heard.acks.slice(1).map(({ acks }) => acks)).toEqual([
      { epoch: 'e1', lanes: { alarm: 0, event: 5 } },
      { epoch: 'new', lanes: { alarm: 0, event: 0 } },
    ]);
  });
});

describe('what is malformed', () => {
  test.each([
    ['no JSON', Buffer.from('{"epoch":')],
    ['no batch', Buffer.from('[1,2]')],
    ['no events', batch('e1', 1, [])],
    ['a number below 1', batch('e1', 0, [edgeEvent(1)])],
    ['a foreign field', Buffer.from(JSON.stringify({ epoch: 'e1', first: 1, events: [edgeEvent(1)], more: 1 }))],
  ])('%s is set aside with its reason and stops nothing', async (_, payload) => {
    const { store, heard, ingest } = setUp();
    ingest.receive('north', 'event', payload);
    ingest.receive('north', 'event', run('e1', 1, 2));
    await ingest.idle();
    expect(store.sequences('north', 'e1', 'event')).toEqual([1, 2]);
    expect(store.asideRows).toHaveLength(1);
    expect(store.asideRows[0]).toMatchObject({ edgeId: 'north', from: 'events/event' });
    expect(store.asideRows[0]?.reason).not.toBe('');
    expect(heard.acks.at(-1)?.acks.lanes.event).toBe(2);
    expect(ingest.counts.malformed).toBe(1);
  });

  test('one bad event of a batch is set aside once; its neighbours are stored and the lane goes on', async () => {
    const { store, heard, ingest } = setUp();
    const events = [edgeEvent(1), { ...edgeEvent(2), priority: 9 }, edgeEvent(3)];
    ingest.receive('north', 'event', batch('e1', 1, events));
    await ingest.idle();
    ingest.receive('north', 'event', batch('e1', 1, events));
    await ingest.idle();
    expect(store.sequences('north', 'e1', 'event')).toEqual([1, 3]);
    expect(store.asideRows).toHaveLength(1);
    expect(store.asideRows[0]).toMatchObject({ from: 'events/event 2' });
    expect(heard.acks.at(-1)?.acks.lanes.event).toBe(3);
  });

  test('a flood of broken batches is counted, but only a few of a turn are kept', async () => {
    const { store, ingest } = setUp();
    for (let i = 0; i < 100; i++) ingest.receive('north', 'event', Buffer.from('broken'));
    await ingest.idle();
    expect(ingest.counts.malformed).toBe(100);
    expect(store.asideRows.length).toBeLessThan(50);
    expect(store.asideRows.length + ingest.counts.notKept).toBe(100);
  });
});

describe('kinds, devices and times', () => {
  test('a kind that nobody knows is kept as it is', async () => {
    const { heard, ingest } = setUp();
    ingest.receive('north', 'event', batch('e1', 1, [{ ...edgeEvent(1), kind: 'vendor.new-thing' }]));
    await ingest.idle();
    expect(heard.published[0]?.kind).toBe('vendor.new-thing');
  });

  test('late is what arrives more than 10 s after the edge received it', async () => {
    const { heard, clock, ingest } = setUp();
    const at = clock.nowMs();
    const events = [9_999, 10_000, 10_001].map((age, index) => edgeEvent(index + 1, 'motion', { edgeAtMs: at - age }));
    ingest.receive('north', 'event', batch('e1', 1, events));
    await ingest.idle();
    expect(heard.published.map((event) => event.late)).toEqual([false, false, true]);
  });
});

describe('when the disk fails', () => {
  test('nothing is acknowledged or handed on, the edge is asked again, and then it works', async () => {
    const { store, heard, clock, ingest } = setUp();
    store.outcomes = ['fails'];
    ingest.receive('north', 'event', run('e1', 1, 2));
    await ingest.idle();
    expect(heard.acks).toEqual([]);
    expect(heard.published).toEqual([]);
    await clock.advance(1000);
    expect(heard.acks.map(({ acks }) => acks.lanes.event)).toEqual([0]);
    ingest.receive('north', 'event', run('e1', 1, 2));
    await ingest.idle();
    expect(store.sequences('north', 'e1', 'event')).toEqual([1, 2]);
    expect(heard.acks.at(-1)?.acks.lanes.event).toBe(2);
  });

  test('what was stored though the answer got lost is not stored twice', async () => {
    const { store, heard, ingest } = setUp();
    store.outcomes = ['answer-lost'];
    ingest.receive('north', 'event', run('e1', 1, 2));
    await ingest.idle();
    ingest.receive('north', 'event', run('e1', 1, 2));
    await ingest.idle();
    expect(store.sequences('north', 'e1', 'event')).toEqual([1, 2]);
    expect(heard.acks.at(-1)?.acks.lanes.event).toBe(2);
  });
});

describe('bounds', () => {
  test('batches beyond the bound are refused, counted and asked for again', async () => {
    const { store, heard, ingest } = setUp({ deliveries: 2, bytes: 1_000_000 });
    for (let i = 0; i < 5; i++) ingest.receive('north', 'event', run('e1', i + 1, 1));
    await ingest.idle();
    const { refused } = ingest.counts;
    expect(refused).toBeGreaterThan(0);
    expect(store.sequences('north', 'e1', 'event')).toEqual(one(5 - refused));
    expect(heard.acks.at(-1)?.acks.lanes.event).toBe(5 - refused);
  });

  test('after stop nothing is taken and no timer is left', async () => {
    const { store, clock, ingest } = setUp();
    store.outcomes = ['fails'];
    ingest.receive('north', 'event', run('e1', 1, 1));
    await ingest.idle();
    await ingest.stop();
    ingest.receive('north', 'event', run('e1', 1, 1));
    await ingest.idle();
    expect(store.rows).toEqual([]);
    expect(clock.timers).toBe(0);
  });
});
