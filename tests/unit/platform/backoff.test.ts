import { describe, expect, it } from 'vitest';
import { Backoff } from '../../../platform/backoff.ts';

const waits = (backoff: Backoff, count: number): number[] => Array.from({ length: count }, () => backoff.nextMs());

describe('Backoff', () => {
  it('doubles up to the longest wait, each between half and the whole of it', () => {
    expect(waits(new Backoff({ firstMs: 1000, maxMs: 5000 }, () => 1), 4)).toEqual([1000, 2000, 4000, 5000]);
    expect(waits(new Backoff({ firstMs: 1000, maxMs: 5000 }, () => 0), 4)).toEqual([500, 1000, 2000, 2500]);
  });

  it('tries a few times quickly before the waits grow, again after a success', () => {
    const backoff = new Backoff({ firstMs: 800, maxMs: 30_000, quickAttempts: 3 }, () => 1);
    expect(waits(backoff, 5)).toEqual([800, 800, 800, 1600, 3200]);
    backoff.reset();
    expect(waits(backoff, 3)).toEqual([800, 800, 800]);
  });
});
