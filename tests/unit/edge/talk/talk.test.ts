import { beforeEach, expect, test } from 'vitest';
import { SharpEyesError } from '../../../../contract/errors.ts';
import { buildMediaMessage, buildTimedBody } from '../../../../contract/media-frame.ts';
import { type Loudspeaker, Talk } from '../../../../edge/talk/talk.ts';
import { silentLog } from '../../../../platform/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

class FakeLoudspeaker implements Loudspeaker {
  readonly heard: number[] = [];
  readonly fails: Error | null;
  readonly onClosed: (error: Error) => void;
  isOpen = false;
  isClosed = false;

  constructor(onClosed: (error: Error) => void, fails: Error | null) {
    this.onClosed = onClosed;
    this.fails = fails;
  }

  async open(): Promise<void> {
    if (this.fails !== null) throw this.fails;
    this.isOpen = true;
  }

  send(samples: Uint8Array): void {
    this.heard.push(...samples);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await new Promise((resolve) => setImmediate(resolve));
    this.isOpen = false;
  }
}

let clock: FakeClock;
let made: FakeLoudspeaker[];
let fails: Error | null;
let talk: Talk;

beforeEach(() => {
  clock = new FakeClock();
  made = [];
  fails = null;
  talk = new Talk({
    loudspeaker: (_deviceId, onClosed) => {
      const loudspeaker = new FakeLoudspeaker(onClosed, fails);
      made.push(loudspeaker);
      return loudspeaker;
    },
    clock,
    log: silentLog,
  });
});

function say(handle: number, sequence: number, ...sound: number[]): void {
  const header = { type: 'audio' as const, key: false, handle, epoch: 1, sequence, edgeAtMs: 0 };
  talk.take(buildMediaMessage(header, buildTimedBody(0, Uint8Array.from(sound))));
}

test('sound reaches the loudspeaker of its handle, each once and in order', async () => {
  await talk.start('box', 7);
  say(7, 1, 1, 2);
  say(7, 1, 1, 2);
  say(7, 3, 5);
  say(7, 2, 9);
  say(8, 1, 9);
  talk.take(new Uint8Array(5));
  expect(made[0]?.heard).toEqual([1, 2, 5]);
});

test('five seconds without sound close the way', async () => {
  await talk.start('box', 7);
  for (let i = 1; i <= 5; i++) {
    await clock.advance(4000);
    say(7, i, i);
  }
  expect(made[0]?.isClosed).toBe(false);
  await clock.advance(5000);
  expect(made[0]?.isClosed).toBe(true);
  expect(clock.timers).toBe(0);
});

test('asked again it says whether the way stands; another handle takes its place', async () => {
  await talk.start('box', 7);
  await talk.start('box', 7);
  expect(made).toHaveLength(1);
  await talk.start('box', 8);
  expect(made.map(({ isClosed }) => isClosed)).toEqual([true, false]);
  made[1]?.onClosed(new Error('the camera hung up'));
  await expect(talk.start('box', 8)).rejects.toMatchObject({ code: 'DEVICE_UNREACHABLE' });
  await talk.halt('box');
});

test('a way that does not open leaves nothing behind', async () => {
  fails = new SharpEyesError('DEVICE_UNSUPPORTED', 'no back channel');
  await expect(talk.start('box', 7)).rejects.toMatchObject({ code: 'DEVICE_UNSUPPORTED' });
  expect([clock.timers, made[0]?.isClosed]).toEqual([0, true]);
});

test('not more than eight at once, and all end with the edge', async () => {
  for (let i = 1; i <= 8; i++) await talk.start(`box-${i}`, i);
  await expect(talk.start('box-9', 9)).rejects.toMatchObject({ code: 'LIMIT_REACHED' });
  await talk.stop();
  expect(made.every(({ isClosed }) => isClosed)).toBe(true);
  expect(clock.timers).toBe(0);
});

test('of two that come together the later stands, and nothing else stays open', async () => {
  await talk.start('box', 6);
  const [first, second] = await Promise.allSettled([talk.start('box', 7), talk.start('box', 8)]);
  expect(first).toMatchObject({ status: 'rejected', reason: { code: 'CONFLICT' } });
  expect(second.status).toBe('fulfilled');
  expect(made.map(({ isClosed }) => isClosed)).toEqual([true, true, false]);
  say(8, 1, 5);
  expect(made[2]?.heard).toEqual([5]);
  await clock.advance(5000);
  expect([made[2]?.isClosed, clock.timers]).toEqual([true, 0]);
});

test('asked twice at once with the same handle, one way is opened', async () => {
  await talk.start('box', 6);
  await Promise.all([talk.start('box', 7), talk.start('box', 7)]);
  expect(made.map(({ isClosed }) => isClosed)).toEqual([true, false]);
  await talk.halt('box');
  expect([made[1]?.isClosed, clock.timers]).toEqual([true, 0]);
});

test('a way is opened after the one before it was given back', async () => {
  await talk.start('box', 6);
  const starting = talk.start('box', 7);
  await new Promise((resolve) => queueMicrotask(() => resolve(undefined)));
  expect(made.map(({ isOpen }) => isOpen)).toEqual([true, false]);
  await starting;
  expect(made.map(({ isOpen }) => isOpen)).toEqual([false, true]);
});

test('a handle that comes for another device, as after a restart of the hub, closes the way it stood for', async () => {
  await talk.start('box', 1);
  await talk.start('gate', 1);
  expect(made.map(({ isClosed }) => isClosed)).toEqual([true, false]);
  await clock.advance(5000);
  expect([made[1]?.isClosed, clock.timers]).toEqual([true, 0]);
});

test('that a way ended is told for half a minute, and of its own device only', async () => {
  await talk.start('box', 1);
  made[0]?.onClosed(new Error('the camera hung up'));
  await expect(talk.start('box', 1)).rejects.toMatchObject({ code: 'DEVICE_UNREACHABLE' });
  await talk.start('gate', 1);
  await clock.advance(29_999);
  await expect(talk.start('box', 1)).rejects.toMatchObject({ code: 'DEVICE_UNREACHABLE' });
  await clock.advance(1);
  await talk.start('box', 1);
  expect(made.at(-1)?.isOpen).toBe(true);
});

test('a way that was replaced before it ended by itself says nothing about its successor', async () => {
  await talk.start('box', 1);
  await talk.start('gate', 1);
  made[0]?.onClosed(new Error('late'));
  expect(made[1]?.isClosed).toBe(false);
  await talk.start('gate', 1);
});
