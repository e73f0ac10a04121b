import { expect, test, vi } from 'vitest';
import { FilterProcess } from '../../../../platform/ffmpeg/filter-process.ts';
import { silentLog } from '../../../../platform/log.ts';
import { FakeClock, settle } from '../../../support/fake-clock.ts';

test('a start that fails with an exception is told as an end, once and not within start()', async () => {
  const clock = new FakeClock();
  const onEnd = vi.fn();
  const filter = new FilterProcess({
    spawn: () => {
      throw new Error('spawn ENOMEM');
    },
    ...{ clock, log: silentLog, hangMs: 1000, onOutput: () => undefined, onEnd },
  });
  filter.start();
  filter.write(new Uint8Array(10));
  expect([onEnd.mock.calls.length, filter.queuedBytes]).toEqual([0, 0]);
  await settle();
  expect([onEnd.mock.calls.length, filter.isEnded, clock.timers]).toEqual([1, true, 0]);
  await filter.stop();
  expect(onEnd).toHaveBeenCalledTimes(1);
});
