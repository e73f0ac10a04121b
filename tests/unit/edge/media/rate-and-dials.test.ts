import { describe, expect, it } from 'vitest';
import { DialLimit } from '../../../../edge/media/dial-limit.ts';
import { RateMeter } from '../../../../edge/media/rate-meter.ts';
import { FakeClock, settle } from '../../../support/fake-clock.ts';

describe('RateMeter', () => {
  it('shows the mean of the last whole seconds and falls to 0', async () => {
    const clock = new FakeClock();
    const meter = new RateMeter(clock);
    expect(meter.rates()).toEqual({ fps: 0, bitrate: 0 });
    for (let i = 0; i < 250; i += 1) {
      meter.add(1000);
      await clock.advance(40);
    }
    expect(meter.rates()).toEqual({ fps: 25, bitrate: 200_000 });
    await clock.advance(3000);
    expect(meter.rates().fps).toBeLessThan(25);
    await clock.advance(60_000);
    expect(meter.rates()).toEqual({ fps: 0, bitrate: 0 });
  });
});

describe('DialLimit', () => {
  const never = new AbortController().signal;

  it('lets the others wait in line', async () => {
    const dials = new DialLimit(2);
    const order: number[] = [];
    const releases: (() => void)[] = [];
    const dial = async (n: number): Promise<void> => {
      releases.push(await dials.acquire(never));
      order.push(n);
    };
    for (const n of [1, 2, 3, 4]) void dial(n);
    await settle();
    expect(order).toEqual([1, 2]);
    releases[0]?.();
    releases[0]?.();
    await settle();
    expect(order).toEqual([1, 2, 3]);
    releases[1]?.();
    await settle();
    expect(order).toEqual([1, 2, 3, 4]);
    for (const release of releases) release();
    expect(dials.peak).toBe(2);
    releases.length = 0;
    for (const n of [5, 6, 7]) void dial(n);
    await settle();
    expect(order.slice(-2)).toEqual([5, 6]);
  });

  it('forgets who gives up waiting', async () => {
    const dials = new DialLimit(1);
    const release = await dials.acquire(never);
    const abort = new AbortController();
    const waiting = dials.acquire(abort.signal);
    const next = dials.acquire(never);
    abort.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
    release();
    await expect(next).resolves.toBeTypeOf('function');
    await expect(dials.acquire(abort.signal)).rejects.toThrow('stopped');
  });
});
