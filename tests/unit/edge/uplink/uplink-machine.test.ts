import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SharpEyesError } from '../../../../contract/errors.ts';
import type { EdgeEvent, Lane } from '../../../../contract/event.ts';
import type { EventBatch } from '../../../../contract/topics.ts';
import { Outbox } from '../../../../edge/uplink/outbox.ts';
import { UplinkMachine } from '../../../../edge/uplink/uplink-machine.ts';
import { silentLog } from '../../../../platform/log.ts';
import { FakeClock, settle } from '../../../support/fake-clock.ts';
import { MemoryOutbox } from '../../../support/uplink/memory-outbox.ts';
import { ModelHub } from '../../../support/uplink/model-hub.ts';

let epochs = 0;

function event(id: string, kind = 'motion'): EdgeEvent {
  return { id, deviceId: 'cam', kind, state: 'pulse', priority: 4, deviceAtMs: null, edgeAtMs: 1, data: {} };
}

/** One edge process over a disk, connected to a model hub by a wire that a test may cut. */
class Rig {
  readonly clock: FakeClock;
  readonly storage: MemoryOutbox;
  readonly sent: { lane: Lane; batch: EventBatch }[] = [];
  readonly machine: UplinkMachine;
  readonly outbox: Outbox;
  hub: ModelHub;
  statusSaid = 0;
  dropped = 0;
  /** Decides what the wire loses; batches that get through reach the hub at once. */
  wire: (what: 'batch' | 'ack') => boolean = () => true;
  samplesToDrop = 0;

  constructor(storage: MemoryOutbox, hub: ModelHub, clock = new FakeClock(), maxBytes = 1e9) {
    this.storage = storage;
    this.hub = hub;
    this.clock = clock;
    this.machine = new UplinkMachine({
      storage,
      clock,
      log: silentLog,
      random: () => 0,
      newEpoch: () => `e${++epochs}`,
      limits: { backlogBytesPerSecond: 100_000, resendAfterMs: 20_000, greetingAfterMs: 5000, backlogJitterMs: 0 },
      transport: {
        sendBatch: (lane, json) => this.#deliver(lane, JSON.parse(json) as EventBatch),
        sayStatus: () => {
          this.statusSaid += 1;
        },
      },
    });
    this.outbox = new Outbox({
      storage,
      machine: this.machine,
      maxBytes,
      releaseBallast: async () => false,
      dropSamples: async () => this.samplesToDrop,
      onDropped: (count) => {
        this.dropped += count;
      },
    });
  }

  #deliver(lane: Lane, batch: EventBatch): void {
    this.sent.push({ lane, batch });
    if (!this.wire('batch')) return;
    this.hub.onBatch(lane, batch);
    this.greet();
  }

  greet(): void {
    if (this.wire('ack')) this.machine.onAcks(this.hub.acks(this.machine.epoch));
  }

  async connect(): Promise<void> {
    this.machine.connected();
    this.greet();
    await settle();
  }
}

async function rig(storage = new MemoryOutbox(), hub = new ModelHub(), maxBytes?: number): Promise<Rig> {
  const made = new Rig(storage, hub, new FakeClock(), maxBytes);
  await made.machine.start();
  return made;
}

async function commit(to: Rig, prefix: string, count: number, kind = 'motion'): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, index) => `${prefix}${index}`);
  await Promise.all(ids.map((id) => to.outbox.commit(event(id, kind))));
  return ids;
}

describe('sending', () => {
  test('what is committed reaches the hub once and is then forgotten', async () => {
    const edge = await rig();
    await edge.connect();
    const ids = await commit(edge, 'a', 1000);
    await edge.clock.advance(10_000);
    expect(edge.hub.committed.event).toEqual(ids);
    expect(edge.machine.backlog()).toEqual({ alarm: 0, event: 0 });
    expect(await edge.storage.read('event', 0, 10)).toEqual([]);
  });

  test('nothing is sent before the hub has greeted; the status is said again until it does', async () => {
    const edge = await rig();
    await commit(edge, 'a', 3);
    edge.machine.connected();
    await edge.clock.advance(11_000);
    expect(edge.sent).toEqual([]);
    expect(edge.statusSaid).toBe(2);
    edge.greet();
    await settle();
    expect(edge.hub.committed.event).toEqual(['a0', 'a1', 'a2']);
  });

  test('an alarm overtakes a backlog, and the backlog drains at the limited rate', async () => {
    const edge = await rig();
    await commit(edge, 'old', 5000);
    await edge.connect();
    await edge.clock.advance(300);
    const before = edge.hub.committed.event.length;
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(1000);
    await commit(edge, 'help', 1, 'help.pressed');
    await settle();
    expect(edge.hub.committed.alarm).toEqual(['help0']);
    expect(edge.hub.committed.event.length).toBe(before);
    await edge.clock.advance(30_000);
    expect(edge.hub.committed.event).toHaveLength(5000);
  });

  test('what comes while the connection stands is not held back, also behind a backlog that has drained', async () => {
    const edge = await rig();
    await commit(edge, 'old', 1000);
    await edge.connect();
    await edge.clock.advance(10_000);
    expect(edge.hub.committed.event).toHaveLength(1000);
    await commit(edge, 'new', 5000);
    await settle();
    expect(edge.hub.committed.event).toHaveLength(6000);
  });

  test('a hub that does not answer gets two batches, and the same again after the limit', async () => {
    const edge = await rig();
    await edge.connect();
    edge.wire = () => false;
    await commit(edge, 'a', 150, 'help.pressed');
    await commit(edge, 'b', 1000, 'help.pressed');
    await edge.clock.advance(10_000);
    expect(edge.sent.length).toBe(2);
    edge.wire = () => true;
    await edge.clock.advance(20_000);
    expect(edge.hub.committed.alarm).toHaveLength(1150);
    expect(edge.hub.holes).toBe(0);
  });

  test('a hub that repeats its acknowledgement gets again what it could not store', async () => {
    const edge = await rig();
    await edge.connect();
    edge.wire = () => false;
    await commit(edge, 'a', 5);
    await edge.clock.advance(1500);
    edge.wire = () => true;
    edge.greet();
    await settle();
    expect(edge.hub.committed.event).toHaveLength(5);
  });

  test('acknowledgements of another epoch are ignored', async () => {
    const edge = await rig();
    await edge.connect();
    edge.wire = () => false;
    await commit(edge, 'a', 5);
    await settle();
    edge.machine.onAcks({ epoch: 'other', lanes: { alarm: 0, event: 5 } });
    await settle();
    expect(edge.machine.backlog().event).toBe(5);
  });
});

describe('a disk that is full', () => {
  test('an event for which samples or old events make room is committed', async () => {
    const edge = await rig();
    await commit(edge, 'a', 3000);
    edge.storage.failAppend = new SharpEyesError('STORAGE_FULL', 'full');
    await edge.outbox.commit(event('help', 'help.pressed'));
    expect(edge.dropped).toBe(1000);
    await edge.connect();
    await edge.clock.advance(60_000);
    expect(edge.hub.committed.alarm).toEqual(['help']);
    expect(edge.hub.committed.event).toHaveLength(2000);
    expect(edge.hub.holes).toBe(0);
  });

  test('beyond the bound samples go first, then the oldest events that were never sent; alarms never', async () => {
    const bytes = JSON.stringify(event('a0000')).length;
    const edge = await rig(new MemoryOutbox(), new ModelHub(), 2000 * bytes);
    await commit(edge, 'alarm', 500, 'help.pressed');
    edge.samplesToDrop = 1;
    await commit(edge, 'x', 1600);
    await settle();
    expect(edge.dropped).toBe(0);
    edge.samplesToDrop = 0;
    await commit(edge, 'y', 400);
    await settle();
    expect(edge.dropped).toBe(1000);
    await edge.connect();
    await edge.clock.advance(60_000);
    expect(edge.hub.committed.alarm).toHaveLength(500);
    expect(edge.hub.committed.event.slice(0, 400)).toEqual(Array.from({ length: 400 }, (_, i) => `x${i}`));
    expect(edge.hub.committed.event.slice(400, 402)).toEqual(['x1400', 'x1401']);
    expect(edge.hub.holes).toBe(0);
  });

  test('an error that is no full disk reaches the caller', async () => {
    const edge = await rig();
    edge.storage.failAppend = new SharpEyesError('STORAGE_FAILED', 'broken');
    await expect(edge.outbox.commit(event('a'))).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  });
});

describe('backups', () => {
  test('a disk restored from a backup begins a new epoch and loses nothing', async () => {
    const first = await rig();
    await first.connect();
    await commit(first, 'a', 100);
    await settle();
    const backup = first.storage.copy();
    await commit(first, 'lost', 50);
    await settle();
    await first.machine.stop();
    const restored = await rig(backup, first.hub);
    const before = restored.machine.epoch;
    const ids = await commit(restored, 'new', 120);
    await restored.connect();
    await restored.clock.advance(10_000);
    expect(restored.machine.epoch).not.toBe(before);
    expect(restored.hub.committed.event.slice(150)).toEqual(ids);
    expect(restored.hub.holes).toBe(0);
  });

  test('an acknowledgement that got lost before a restart begins no new epoch', async () => {
    const first = await rig();
    await first.connect();
    first.wire = (what) => what === 'batch';
    await commit(first, 'a', 100);
    await settle();
    await first.machine.stop();
    const again = await rig(first.storage, first.hub);
    const { epoch } = again.machine;
    await commit(again, 'b', 10);
    await again.connect();
    expect(again.machine.epoch).toBe(epoch);
    expect(again.hub.committed.event).toHaveLength(110);
  });

  test('a hub restored from a backup gets what comes under a new epoch', async () => {
    const edge = await rig();
    await edge.connect();
    await commit(edge, 'a', 10);
    await settle();
    const backup = edge.hub.copy();
    await commit(edge, 'b', 10);
    await settle();
    edge.machine.disconnected();
    edge.hub = backup;
    const ids = await commit(edge, 'c', 10);
    await edge.connect();
    expect(edge.hub.committed.event.slice(10)).toEqual(ids);
    expect(edge.hub.holes).toBe(0);
  });
});

const Step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('commit' as const), count: fc.integer({ min: 1, max: 300 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('alarm' as const), count: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('connect' as const), count: fc.constant(0) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cut' as const), count: fc.constant(0) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('restart' as const), count: fc.constant(0) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('lossy' as const), count: fc.integer({ min: 0, max: 99 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('slow' as const), count: fc.integer({ min: 0, max: 20 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const), count: fc.integer({ min: 1, max: 2 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), count: fc.integer({ min: 1, max: 30_000 }) }) },
);

test('whatever is cut, lost or restarted: every committed event arrives exactly once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(Step, { maxLength: 40 }), fc.integer(), async (steps, seed) => {
      let state = seed >>> 0;
      const chance = (): number => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return state % 100;
      };
      let edge = await rig();
      const expected: Record<Lane, string[]> = { alarm: [], event: [] };
      let round = 0;
      for (const step of steps) {
        round += 1;
        if (step.do === 'commit') expected.event.push(...(await commit(edge, `n${round}-`, step.count)));
        if (step.do === 'alarm') expected.alarm.push(...(await commit(edge, `n${round}-`, step.count, 'duress')));
        if (step.do === 'connect') await edge.connect();
        if (step.do === 'cut') edge.machine.disconnected();
        if (step.do === 'lossy') edge.wire = () => chance() >= step.count;
        if (step.do === 'wait') await edge.clock.advance(step.count);
        if (step.do === 'slow') edge.storage.slowness = step.count;
        if (step.do === 'fail') edge.storage.failRemovals = step.count;
        if (step.do === 'restart') {
          edge.machine.disconnected();
          await settle();
          const next = await rig(edge.storage, edge.hub);
          edge = next;
        }
      }
      edge.wire = () => true;
      await edge.connect();
      await edge.clock.advance(200_000);
      expect(edge.hub.committed).toEqual(expected);
      expect(edge.machine.backlog()).toEqual({ alarm: 0, event: 0 });
    }),
    { numRuns: 100 },
  );
});
