import { beforeEach, expect, test } from 'vitest';
import { FootagePace } from '../../../../edge/upload/footage-pace.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const PIECE = 16 * 1024;
let clock: FakeClock;
let line: { isWatched: boolean; usable: number | null; deliveredRate: number; isFull: boolean };
let passed: number;

function upload(configured: number | null = null): void {
  const pace = new FootagePace(line, clock, configured);
  const run = async (): Promise<void> => {
    for (;;) {
      await pace.pass(PIECE);
      passed += PIECE;
      // The disk takes a moment for each piece.
      await new Promise<void>((resolve) => clock.after(1, resolve));
    }
  };
  void run();
}

/** Bytes per millisecond over the next seconds. */
async function rateOver(seconds: number): Promise<number> {
  const before = passed;
  await clock.advance(seconds * 1000);
  return (passed - before) / (seconds * 1000);
}

beforeEach(() => {
  clock = new FakeClock();
  line = { isWatched: false, usable: null, deliveredRate: 0, isFull: false };
  passed = 0;
});

test('while nobody watches, footage goes as fast as it can, or at the configured rate', async () => {
  upload();
  expect(await rateOver(2)).toBeGreaterThan(10_000);
});

test('a configured rate is kept also while nobody watches', async () => {
  upload(500);
  expect(await rateOver(10)).toBeCloseTo(500, -2);
});

test('while pictures are watched it takes what they leave of the line', async () => {
  Object.assign(line, { isWatched: true, usable: 400, deliveredRate: 100 });
  upload();
  await clock.advance(10_000);
  const rate = await rateOver(10);
  expect(rate).toBeGreaterThan(270);
  expect(rate).toBeLessThanOrEqual(300);
});

test('when the line is full it gives way within seconds, but never altogether, and comes back', async () => {
  line.isWatched = true;
  upload();
  await clock.advance(10_000);
  line.isFull = true;
  await clock.advance(4000);
  const rate = await rateOver(60);
  expect(rate).toBeGreaterThan(6);
  expect(rate).toBeLessThan(12);
  line.isFull = false;
  await clock.advance(20_000);
  expect(await rateOver(5)).toBeGreaterThan(200);
});

test('whoever stops watching sets it free at once', async () => {
  Object.assign(line, { isWatched: true, usable: 8, deliveredRate: 8 });
  upload();
  await clock.advance(5000);
  line.isWatched = false;
  expect(await rateOver(2)).toBeGreaterThan(5000);
});
