import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Backoff } from '../../../platform/backoff.ts';
import { silentLog } from '../../../platform/log.ts';
import { Supervisor } from '../../../platform/supervisor.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';

test('waits double up to the limit, each between half and the whole of its length', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (chance) => {
      const backoff = new Backoff({ firstMs: 1000, maxMs: 8000 }, () => chance);
      for (const nominal of [1000, 2000, 4000, 8000, 8000]) {
        const waitMs = backoff.nextMs();
        expect(waitMs).toBeGreaterThanOrEqual(nominal / 2);
        expect(waitMs).toBeLessThanOrEqual(nominal);
      }
      backoff.reset();
      expect(backoff.nextMs()).toBeLessThanOrEqual(1000);
    }),
  );
});

test('tries again after each failure, sooner once it has worked, and stops at once', async () => {
  const clock = new FakeClock();
  const startedAtMs: number[] = [];
  let works = false;
  let aborted = false;
  const supervisor = new Supervisor({
    name: 'test',
    clock,
    log: silentLog,
    backoff: { firstMs: 1000, maxMs: 60_000 },
    random: () => 1,
    runOnce: async (signal, established) => {
      startedAtMs.push(clock.monotonicMs());
      if (!works) throw new Error('no');
      established();
      await new Promise<void>((resolve, reject) => {
        const timer = clock.after(5000, () => reject(new Error('lost')));
        signal.addEventListener('abort', () => {
          aborted = true;
          timer.cancel();
          resolve();
        });
      });
    },
  });
  supervisor.start();
  await clock.advance(7000);
  expect(startedAtMs).toEqual([0, 1000, 3000, 7000]);
  works = true;
  await clock.advance(8000);
  expect(startedAtMs.at(-1)).toBe(15_000);
  await clock.advance(6000);
  expect(startedAtMs.at(-1)).toBe(21_000);
  await supervisor.stop();
  expect(aborted).toBe(true);
  const count = startedAtMs.length;
  await clock.advance(100_000);
  await settle();
  expect(startedAtMs.length).toBe(count);
  expect(clock.timers).toBe(0);
});

test('a stop during the wait does not wait for its end', async () => {
  const clock = new FakeClock();
  const supervisor = new Supervisor({
    name: 'test',
    clock,
    log: silentLog,
    backoff: { firstMs: 60_000, maxMs: 60_000 },
    runOnce: () => Promise.reject(new Error('no')),
  });
  supervisor.start();
  await settle();
  await supervisor.stop();
  expect(clock.timers).toBe(0);
});
