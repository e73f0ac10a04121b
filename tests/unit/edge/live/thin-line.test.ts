import { beforeEach, describe, expect, test } from 'vitest';
import { type InitDescription, type MediaMessage, parseMediaMessage } from '../../../../contract/media-frame.ts';
import { Live } from '../../../../edge/live/live.ts';
import { FakeLine, type FakeLineOptions } from '../../../support/edge/fake-line.ts';
import { SteadyCamera, type SteadyStream } from '../../../support/edge/steady-camera.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

let clock: FakeClock;
let line: FakeLine;
let live: Live;
let cameras: Map<string, SteadyCamera>;

function begin(options: Partial<FakeLineOptions> = {}, lineBitsPerSecond: number | null = null): void {
  clock = new FakeClock();
  line = new FakeLine(clock, options);
  cameras = new Map();
  live = new Live({
    edgeId: 'north',
    transport: line,
    open: (deviceId, stream) => (cameras.get(deviceId) ?? new SteadyCamera(clock)).open(stream),
    clock,
    config: { maxStreams: 64, bufferBytes: 1024 * 1024, lineBitsPerSecond },
    onDropped: () => undefined,
  });
  line.onReceipts = (payload) => live.onReceipts(payload);
}

let handles = 0;
function watch(
  deviceId: string,
  stream: 'main' | 'sub',
  priority = 0,
  streams: { main?: SteadyStream; sub?: SteadyStream | null } = {},
): number {
  cameras.set(deviceId, cameras.get(deviceId) ?? new SteadyCamera(clock, streams, (cameras.size * 0.37) % 1));
  const handle = ++handles;
  live.start({ deviceId, stream, priority, handle, leaseMs: 3_600_000 });
  return handle;
}

function arrived(handle: number, sinceMs = 0): (MediaMessage & { atMs: number; size: number })[] {
  return line.delivered.flatMap(({ atMs, bytes }) => {
    const message = parseMediaMessage(bytes);
    return message?.handle === handle && atMs >= sinceMs ? [{ ...message, atMs, size: bytes.length }] : [];
  });
}
function said(handle: number): (InitDescription | { reason: string })[] {
  return arrived(handle)
    .filter(({ description }) => description !== '')
    .map(({ description }) => JSON.parse(description));
}
/** Longest time between two fragments. */
function longestFreezeMs(handle: number, sinceMs: number): number {
  const times = arrived(handle, sinceMs)
    .filter(({ type }) => type === 'fragment')
    .map(({ atMs }) => atMs);
  return [...times, clock.monotonicMs()].reduce((most, atMs, i) => Math.max(most, atMs - (times[i - 1] ?? sinceMs)), 0);
}
function levels(): string[] {
  return (live.line?.held ?? []).map(({ deviceId, level }) => `${deviceId} ${level}`);
}

beforeEach(() => begin());

describe('a line that bears it', () => {
  test('on a local network nothing waits, and no timer runs but one a second', async () => {
    begin({ bitsPerSecond: 1_000_000_000, roundTripMs: 1 });
    const handle = [watch('a', 'main'), watch('b', 'main')];
    const timers = clock.timers;
    let most = 0;
    line.onSent = () => {
      most = Math.max(most, clock.timers);
    };
    await clock.advance(20_000);
    // Beside those of the cameras and the line itself only the message that is under way.
    expect(most).toBeLessThanOrEqual(timers + 8);
    for (const one of handle) {
      const fragments = arrived(one).filter(({ type }) => type === 'fragment');
      expect(fragments.every(({ atMs, edgeAtMs }) => atMs - (edgeAtMs - Date.UTC(2026, 0, 1)) < 5)).toBe(true);
      expect(longestFreezeMs(one, 2000)).toBeLessThanOrEqual(45);
    }
    expect(live.line).toMatchObject({ bitsPerSecond: null, held: [] });
  });

  test('on a local network a hub that is busy for a moment now and then costs no picture', async () => {
    begin({ bitsPerSecond: 1_000_000_000, roundTripMs: 1 });
    const handle = watch('a', 'main');
    await clock.advance(5000);
    for (let i = 0; i < 5; i++) {
      line.stall(1700);
      await clock.advance(3000);
    }
    const sequences = arrived(handle).flatMap(({ type, sequence }) => (type === 'fragment' ? [sequence] : []));
    expect(sequences.every((sequence, i) => sequence === (sequences[0] ?? 0) + i)).toBe(true);
    expect(live.line).toMatchObject({ bitsPerSecond: null, held: [] });
  });

  test('two small streams over a village line with losses stay as they are', async () => {
    begin({ loss: 0.01 });
    const handles = [watch('a', 'sub'), watch('b', 'sub')];
    await clock.advance(120_000);
    expect(levels()).toEqual([]);
    for (const handle of handles) {
      expect(said(handle)).toEqual([{ codec: 'avc1.64001f', width: 640, height: 360 }]);
      expect(longestFreezeMs(handle, 5000)).toBeLessThan(1500);
    }
  });
});

describe('a line that does not', () => {
  test('asked for two large streams it falls back to the small ones by itself, and says why', async () => {
    begin({ loss: 0.01 });
    const handles = [watch('a', 'main'), watch('b', 'main')];
    await clock.advance(60_000);
    for (const handle of handles) {
      expect(said(handle).at(-1)).toEqual({
        codec: 'avc1.64001f',
        width: 640,
        height: 360,
        sent: { stream: 'sub', why: 'line', keyFramesOnly: false },
      });
      expect(longestFreezeMs(handle, 30_000)).toBeLessThan(1500);
    }
    expect(levels()).toEqual(['a sub', 'b sub']);
    for (const camera of cameras.values()) expect(camera.opened).toEqual({ main: 0, sub: 1 });
  });

  test('what is under way is never more than 300 ms of the measured rate, or one picture', async () => {
    begin({ bitsPerSecond: 2_000_000 });
    for (const camera of ['a', 'b', 'c', 'd', 'e', 'f']) watch(camera, 'sub');
    await clock.advance(20_000);
    const rate = live.line?.bitsPerSecond ?? 0;
    expect(rate).toBeGreaterThan(1_000_000);
    expect(rate).toBeLessThan(2_600_000);
    let [most, largest] = [0, 0];
    line.onSent = () => {
      const perMs = (live.line?.bitsPerSecond ?? 0) / 8000;
      // While it tries whether the line has become better there is no rate to go by.
      if (perMs === 0) return;
      most = Math.max(most, line.underWayBytes - 300 * perMs);
      largest = Math.max(largest, line.underWayBytes / perMs);
    };
    await clock.advance(60_000);
    expect(most).toBeLessThanOrEqual(0);
    expect(largest).toBeGreaterThan(100);
  });

  test('at 0.7 Mbit/s two small streams become fewer pictures, and the tiles say that it is the line', async () => {
    begin({ bitsPerSecond: 700_000, loss: 0.01 });
    const handles = [watch('a', 'sub'), watch('b', 'sub')];
    await clock.advance(90_000);
    expect(levels().length).toBeGreaterThan(0);
    for (const handle of handles) {
      expect(longestFreezeMs(handle, 30_000)).toBeLessThan(6000);
      const last = said(handle).at(-1);
      if (last !== undefined && 'sent' in last) {
        expect(last.sent).toEqual({ stream: 'sub', why: 'line', keyFramesOnly: true });
      }
    }
  });

  test('the enlarged tile keeps its pictures; those that matter less go down to key frames, then to none', async () => {
    begin({ bitsPerSecond: 600_000 });
    const small = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((camera) => watch(camera, 'sub'));
    const enlarged = watch('z', 'sub', 9);
    await clock.advance(120_000);
    expect(longestFreezeMs(enlarged, 60_000)).toBeLessThan(1500);
    expect(said(enlarged).every((one) => !('sent' in one))).toBe(true);
    expect(levels().length).toBe(8);
    const paused = small.filter((_handle, i) => levels()[i]?.endsWith('paused'));
    expect(paused.length).toBeGreaterThan(0);
    for (const handle of paused) expect(said(handle).at(-1)).toEqual({ reason: 'line-full' });
  });

  test('a camera without a small stream goes down to the key frames of its large one', async () => {
    begin({ bitsPerSecond: 1_500_000 });
    const handle = watch('a', 'main', 0, { sub: null });
    await clock.advance(40_000);
    expect(levels()).toEqual(['a keys']);
    expect(said(handle).at(-1)).toMatchObject({ sent: { stream: 'main', why: 'line', keyFramesOnly: true } });
    const pictures = arrived(handle, 25_000).filter(({ type }) => type === 'fragment');
    expect(pictures.length).toBeGreaterThan(3);
    expect(pictures.every(({ key }) => key)).toBe(true);
  });
});

describe('a line that becomes thin', () => {
  test('what went while nothing limited it has not to be paid off', async () => {
    begin({ bitsPerSecond: 50_000_000, roundTripMs: 50 });
    const handles = [watch('a', 'main'), watch('b', 'main')];
    for (let minute = 0; minute < 3; minute++) {
      await clock.advance(60_000);
      line.delivered.length = 0;
    }
    line.options.bitsPerSecond = 2_000_000;
    await clock.advance(90_000);
    expect(levels()).toEqual(['a sub', 'b sub']);
    for (const handle of handles) expect(longestFreezeMs(handle, 200_000)).toBeLessThan(1500);
  });
});

describe('when the line is better again', () => {
  test('streams climb back to what was asked for, one at a time, and nothing is said of the line any more', async () => {
    begin({ bitsPerSecond: 2_000_000 });
    const handles = [watch('a', 'main'), watch('b', 'main')];
    await clock.advance(30_000);
    expect(levels()).toEqual(['a sub', 'b sub']);
    line.options.bitsPerSecond = 50_000_000;
    await clock.advance(180_000);
    expect(levels()).toEqual([]);
    for (const handle of handles) {
      expect(said(handle).at(-1)).toEqual({ codec: 'avc1.64001f', width: 1920, height: 1080 });
      expect(longestFreezeMs(handle, 30_000)).toBeLessThan(3000);
    }
  });

  test('on a line that stays as it is climbs are tried ever more rarely', async () => {
    begin({ bitsPerSecond: 3_000_000 });
    const handle = watch('a', 'main');
    await clock.advance(1_200_000);
    const changes = said(handle).map((one) => ('sent' in one ? one.sent?.stream : 'main'));
    const climbs = changes.filter((stream, i) => stream === 'main' && changes[i - 1] === 'sub').length;
    expect(levels()).toEqual(['a sub']);
    expect(climbs).toBeLessThanOrEqual(8);
  });

  test('a paused stream comes back with init and key frame', async () => {
    begin({ bitsPerSecond: 300_000 });
    const first = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((camera) => watch(camera, 'sub'));
    await clock.advance(120_000);
    expect(levels().some((level) => level.endsWith('paused'))).toBe(true);
    line.options.bitsPerSecond = 50_000_000;
    await clock.advance(300_000);
    expect(levels()).toEqual([]);
    for (const handle of first) {
      const messages = arrived(handle).map(({ type, key }) => `${type}${key ? '!' : ''}`);
      const end = messages.lastIndexOf('end');
      if (end >= 0) expect(messages.slice(end + 1, end + 3)).toEqual(['init', 'fragment!']);
    }
  });
});

describe('the beginning', () => {
  test('where the line is full already a further tile begins as low as its equals', async () => {
    begin({ bitsPerSecond: 1_200_000 });
    watch('a', 'main');
    await clock.advance(40_000);
    expect(levels()).toEqual(['a sub']);
    const late = watch('b', 'main');
    await clock.advance(5000);
    expect(said(late)[0]).toMatchObject({ width: 640, sent: { stream: 'sub', why: 'line' } });
  });

  test('with a configured rate no more than that is ever sent', async () => {
    begin({ bitsPerSecond: 100_000_000, roundTripMs: 20 }, 1_000_000);
    watch('a', 'main');
    await clock.advance(30_000);
    expect(levels()).toEqual(['a sub']);
    const bytes = line.delivered
      .filter(({ atMs }) => atMs > 10_000)
      .reduce((sum, { bytes: one }) => sum + one.length, 0);
    expect((bytes * 8) / 20).toBeLessThan(1_000_000);
  });

  test('a configured rate holds also where the hub sends no receipts', async () => {
    begin({ bitsPerSecond: 100_000_000, roundTripMs: 20 }, 1_000_000);
    line.onReceipts = () => undefined;
    const handle = watch('a', 'main');
    await clock.advance(60_000);
    const bytes = arrived(handle, 20_000).reduce((sum, { size }) => sum + size, 0);
    expect((bytes * 8) / 40).toBeLessThan(1_000_000);
    expect((bytes * 8) / 40).toBeGreaterThan(100_000);
  });

  test('a hub that sends no receipts gets pictures all the same', async () => {
    line.onReceipts = () => undefined;
    const handle = watch('a', 'sub');
    await clock.advance(60_000);
    expect(longestFreezeMs(handle, 20_000)).toBeLessThan(1000);
  });
});
