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
  isClosed = false;

  constructor(onClosed: (error: Error) => void, fails: Error | null) {
    this.onClosed = onClosed;
    this.fails = fails;
  }

  async open(): Promise<void> {
    if (this.fails !== null) throw this.fails;
  }

  send(samples: Uint8Array): void {
    this.heard.push(...samples);
  }

  async close(): Promise<void> {
    this.isClosed = true;
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
