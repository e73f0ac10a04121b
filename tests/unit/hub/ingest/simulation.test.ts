import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LANES, type Lane } from '../../../../contract/event.ts';
import { Ingest } from '../../../../hub/ingest/ingest.ts';
import { silentLog } from '../../../../platform/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { Heard, MemoryEventStore, run } from './fakes.ts';

/** What the simulated world does in one step. */
type Step =
  | { do: 'send'; lane: Lane; back: number; ahead: number; count: number; copies: number }
  | { do: 'garbage' }
  | { do: 'hub-dies'; outcome: 'ok' | 'fails' | 'answer-lost' }
  | { do: 'disk'; outcome: 'fails' | 'answer-lost' }
  | { do: 'edge-wiped' }
  | { do: 'settle' };

const lane = fc.constantFrom(...LANES);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      lane,
      back: fc.nat(6),
      ahead: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(3) }),
      count: fc.integer({ min: 1, max: 8 }),
      copies: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('garbage' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('hub-dies' as const),
      outcome: fc.constantFrom('ok' as const, 'fails' as const, 'answer-lost' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('disk' as const),
      outcome: fc.constantFrom('fails' as const, 'answer-lost' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('edge-wiped' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('settle' as const) }) },
);

/** An edge and a hub whose processes, messages and disk fail at every point; the edge knows only acknowledgements. */
class World {
  readonly store = new MemoryEventStore();
  readonly heard = new Heard();
  readonly clock = new FakeClock();
  epoch = 1;
  ingest = this.#newIngest();

  #newIngest(): Ingest {
    const { store, clock, heard } = this;
    const ingest = new Ingest({ store, clock, log: silentLog, sendAcks: heard.sendAcks, publish: heard.publish });
    ingest.start();
    return ingest;
  }

  acked(epoch: string, name: Lane): number {
    return Math.max(
      0,
      ...this.heard.acks.filter(({ acks }) => acks.epoch === epoch).map(({ acks }) => acks.lanes[name]),
    );
  }

  async step(next: Step): Promise<void> {
    const epoch = `e${this.epoch}`;
    if (next.do === 'send') {
      const first = Math.max(1, this.acked(epoch, next.lane) + 1 - next.back + next.ahead);
      for (let i = 0; i < next.copies; i++) this.ingest.receive('north', next.lane, run(epoch, first, next.count));
    } else if (next.do === 'garbage') this.ingest.receive('north', 'event', Buffer.from('{"first":1'));
    else if (next.do === 'disk') this.store.outcomes.push(next.outcome);
    else if (next.do === 'edge-wiped') this.epoch++;
    else if (next.do === 'settle') await this.ingest.idle();
    else {
      // What runs may still reach the disk (or not) although the process is gone; the next one knows only the disk.
      this.store.outcomes.push(next.outcome);
      const dying = this.ingest;
      this.ingest = this.#newIngest();
      await dying.stop();
    }
  }
}

test('whatever fails, acknowledged events are stored once and without a hole', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const world = new World();
      for (const next of steps) await world.step(next);
      await world.ingest.idle();
      for (let number = 1; number <= world.epoch; number++) {
        for (const name of LANES) {
          const epoch = `e${number}`;
          const stored = world.store.sequences('north', epoch, name);
          expect(stored).toEqual(stored.map((_, index) => index + 1));
          expect(world.acked(epoch, name)).toBeLessThanOrEqual(stored.length);
        }
      }
    }),
    { numRuns: 200 },
  );
});

test('after any failures a patient edge gets everything across', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const world = new World();
      for (const next of steps) await world.step(next);
      await world.ingest.idle();
      world.store.outcomes = [];
      const epoch = `e${world.epoch}`;
      await world.ingest.greet('north', epoch);
      const from = world.acked(epoch, 'alarm');
      world.ingest.receive('north', 'alarm', run(epoch, from + 1, 5));
      await world.ingest.idle();
      expect(world.acked(epoch, 'alarm')).toBe(from + 5);
    }),
    { numRuns: 100 },
  );
});
