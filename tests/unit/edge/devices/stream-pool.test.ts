import { beforeEach, expect, test } from 'vitest';
import type { StreamSourceInfo } from '../../../../edge/devices/driver.ts';
import { StreamPool } from '../../../../edge/devices/stream-pool.ts';
import { FakePuller } from '../../../support/edge/fake-puller.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const MAIN: StreamSourceInfo = {
  name: 'main',
  url: 'rtsp://192.168.1.20/main',
  username: 'u',
  password: 'p',
  codec: 'H264',
  width: 1920,
  height: 1080,
  fps: 25,
};
const CONSUMER = { onInit: () => undefined, onFragment: () => undefined };
let clock: FakeClock;
let puller: FakePuller;
let changes: string[];
let pool: StreamPool;

beforeEach(() => {
  clock = new FakeClock();
  puller = new FakePuller();
  changes = [];
  pool = new StreamPool(puller, clock, (deviceId) => changes.push(deviceId));
});

test('one pull serves all users, and ends a while after the last one has gone', async () => {
  await pool.setSources('cam', [MAIN]);
  expect(puller.pulls.size).toBe(0);
  const first = pool.open('cam', 'main');
  const second = pool.open('cam', 'main');
  first.subscribe(CONSUMER, {});
  expect(puller.pulls.size).toBe(1);
  expect(puller.pulls.get('cam/main')?.source).toMatchObject({ username: 'u', password: 'p' });
  first.release();
  first.release();
  await clock.advance(60_000);
  expect(puller.pulls.size).toBe(1);
  second.release();
  await clock.advance(9000);
  expect(puller.pulls.size).toBe(1);
  const third = pool.open('cam', 'main');
  await clock.advance(60_000);
  expect(puller.pulls.size).toBe(1);
  third.release();
  await clock.advance(11_000);
  expect(puller.pulls.size).toBe(0);
});

test('main stands in for a missing sub; a device without streams is told', async () => {
  await pool.setSources('cam', [MAIN]);
  expect(pool.open('cam', 'sub').stream).toBe('main');
  await pool.setSources('door', []);
  expect(() => pool.open('door', 'main')).toThrow(expect.objectContaining({ code: 'STREAM_UNKNOWN' }) as Error);
  expect(() => pool.open('nobody', 'main')).toThrow(expect.objectContaining({ code: 'STREAM_UNKNOWN' }) as Error);
});

test('the state of a pull is shown and watchers are told', async () => {
  await pool.setSources('cam', [MAIN]);
  expect(pool.info('cam')).toEqual([
    { name: 'main', codec: 'H264', width: 1920, height: 1080, fps: 25, bitrate: null, state: 'idle', reason: 'ok' },
  ]);
  let told = 0;
  const unwatch = pool.watch('cam', () => {
    told += 1;
  });
  pool.open('cam', 'main');
  puller.pulls.get('cam/main')?.set('live', 'ok');
  expect(pool.info('cam')[0]).toMatchObject({ state: 'live', fps: 25, bitrate: 1_200_000, width: 640 });
  puller.pulls.get('cam/main')?.set('failed', 'refused');
  expect(pool.info('cam')[0]).toMatchObject({ state: 'failed', reason: 'unreachable' });
  const before = told;
  expect(before).toBeGreaterThanOrEqual(2);
  unwatch();
  puller.pulls.get('cam/main')?.set('live', 'ok');
  expect(told).toBe(before);
  expect(new Set(changes)).toEqual(new Set(['cam']));
});

test('another source ends the pull; the same one with other facts does not', async () => {
  await pool.setSources('cam', [MAIN]);
  pool.open('cam', 'main');
  expect(await pool.setSources('cam', [{ ...MAIN, fps: 12 }])).toBe(false);
  expect(puller.pulls.size).toBe(1);
  expect(await pool.setSources('cam', [{ ...MAIN, password: 'new' }])).toBe(true);
  expect(puller.pulls.size).toBe(0);
  pool.open('cam', 'main');
  expect(puller.pulls.get('cam/main')?.source.password).toBe('new');
  await pool.stop();
  expect(puller.pulls.size).toBe(0);
});

test('after a refused password nobody signs in again by switching back and forth', async () => {
  await pool.setSources('cam', [MAIN]);
  const first = pool.open('cam', 'main');
  const pull = puller.pulls.get('cam/main');
  pull?.set('failed', 'refused-credentials');
  first.release();
  await clock.advance(600_000);
  const second = pool.open('cam', 'main');
  expect(puller.pulls.get('cam/main')).toBe(pull);
  second.release();
  await clock.advance(1_900_000);
  expect(puller.pulls.size).toBe(0);
  // Another password is tried at once.
  pool.open('cam', 'main');
  await pool.setSources('cam', [{ ...MAIN, password: 'other' }]);
  pool.open('cam', 'main');
  expect(puller.pulls.get('cam/main')?.source.password).toBe('other');
});
