import { beforeEach, describe, expect, test } from 'vitest';
import { atSpeed, PAD, speedOfKeys } from '../../../../dashboard/src/live/ptz-directions.ts';
import { PtzDrive } from '../../../../dashboard/src/live/ptz-drive.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const RIGHT = { pan: 1, tilt: 0, zoom: 0 };
const LEFT = { pan: -1, tilt: 0, zoom: 0 };

let clock: FakeClock;
let sent: string[];
let answers: ((error?: Error) => void)[];
let errors: unknown[];
let drive: PtzDrive;

/** The hub answers the oldest movement. */
async function answer(error?: Error): Promise<void> {
  answers.shift()?.(error);
  await clock.advance(0);
}

beforeEach(() => {
  clock = new FakeClock();
  sent = [];
  answers = [];
  errors = [];
  drive = new PtzDrive({
    move: ({ pan, timeoutMs }) => {
      sent.push(`move ${pan} ${timeoutMs}`);
      return new Promise<void>((resolve, reject) => {
        answers.push((error) => (error === undefined ? resolve() : reject(error)));
      });
    },
    stop: async () => void sent.push('stop'),
    clock: {
      nowMs: () => clock.nowMs(),
      after: (delayMs, run) => {
        const timer = clock.after(delayMs, run);
        return () => timer.cancel();
      },
    },
    onError: (error) => errors.push(error),
  });
});

describe('holding', () => {
  test('is said again and again, one at a time, and ends with a stop', async () => {
    drive.hold(RIGHT);
    await clock.advance(2000);
    expect(sent).toEqual(['move 1 1500']);
    await answer();
    expect(sent).toHaveLength(2);
    await answer();
    await clock.advance(299);
    expect(sent).toHaveLength(2);
    await clock.advance(1);
    expect(sent).toHaveLength(3);
    await answer();
    drive.release();
    drive.release();
    await clock.advance(60_000);
    expect(sent.slice(3)).toEqual(['stop']);
    expect(clock.timers).toBe(0);
  });

  test('a stop is said at once, and again after a movement that was still on its way', async () => {
    drive.hold(RIGHT);
    drive.release();
    expect(sent).toEqual(['move 1 1500', 'stop']);
    await answer();
    expect(sent).toEqual(['move 1 1500', 'stop', 'stop']);
  });

  test('another direction goes out as soon as the one before was heard', async () => {
    drive.hold(RIGHT);
    drive.hold(LEFT);
    expect(sent).toEqual(['move 1 1500']);
    await answer();
    expect(sent).toEqual(['move 1 1500', 'move -1 1500']);
  });

  test('a refusal ends the hold', async () => {
    drive.hold(RIGHT);
    await answer(new Error('busy'));
    await clock.advance(10_000);
    expect([sent, errors.length, drive.holding]).toEqual([['move 1 1500'], 1, false]);
  });
});

test('keys that are held together add up, and cancel each other', () => {
  expect(speedOfKeys(new Set(['ArrowUp', 'ArrowRight', '+']))).toEqual({ pan: 1, tilt: 1, zoom: 1 });
  expect(speedOfKeys(new Set(['ArrowLeft', 'ArrowRight']))).toBeNull();
  expect(atSpeed({ pan: 2, tilt: -1, zoom: 0 }, 0.5)).toEqual({ pan: 0.5, tilt: -0.5, zoom: 0 });
  expect(PAD.filter((direction) => direction !== null)).toHaveLength(8);
});
