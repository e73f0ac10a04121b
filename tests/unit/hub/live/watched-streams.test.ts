import { beforeEach, describe, expect, test } from 'vitest';
import type { Device } from '../../../../contract/api/devices.ts';
import { type ErrorCode, SharpEyesError } from '../../../../contract/errors.ts';
import type { ToMediaThread } from '../../../../hub/live/protocol.ts';
import { WatchedStreams } from '../../../../hub/live/watched-streams.ts';
import { silentLog } from '../../../../platform/log.ts';
import { FakeClock, settle } from '../../../support/fake-clock.ts';

let clock: FakeClock;
let orders: string[];
let refusal: ErrorCode | null;
let isEdgeOnline: boolean;
let device: { online: boolean; reason: string } | null;
let posts: ToMediaThread[];
let sent: number[];
/** What the edge sends whatever it is asked for; null: just that. */
let instead: 'main' | 'sub' | null;
/** Parameters of each `live.start`. */
let started: Record<string, unknown>[];
let streams: WatchedStreams;

const CAMERA = { deviceId: 'camera-1', edgeId: 'north' } as Device;

beforeEach(() => {
  clock = new FakeClock();
  orders = [];
  refusal = null;
  isEdgeOnline = true;
  device = { online: true, reason: 'ok' };
  posts = [];
  sent = [];
  instead = null;
  started = [];
  streams = new WatchedStreams({
    clock,
    log: silentLog,
    maxStreams: 2,
    orders: {
      send: (_edgeId, name, params) => {
        const { stream, handle } = params as { stream: string; handle?: number };
        if (name === 'live.start') started.push({ ...params });
        orders.push(`${name} ${stream}${handle === undefined ? '' : ` ${handle}`}`);
        if (refusal !== null) return Promise.reject(new SharpEyesError(refusal, 'refused'));
        return Promise.resolve({ stream: instead ?? stream } as never);
      },
    },
    device: () => (device === null ? null : ({ ...CAMERA, ...device, edge: null } as Device)),
    isEdgeOnline: () => isEdgeOnline,
    post: (message) => posts.push(message),
    onSent: (handle) => sent.push(handle),
  });
  streams.start();
});

const starts = (): number => orders.filter((order) => order.startsWith('live.start')).length;
const reasons = (): string[] =>
  posts.flatMap((post) => (post.type === 'open' || post.type === 'reason' ? [post.reason] : []));
const CALM = { priority: 0, audio: false };
let watchers = 0;
function watch(
  stream: 'main' | 'sub' = 'main',
  { watcher = `w-${++watchers}`, transcode = false, demand = CALM } = {},
) {
  const handle = streams.watch(CAMERA, { stream, transcode }, watcher, demand);
  if (handle === null) throw new Error('there are too many streams');
  return handle;
}

describe('a lease', () => {
  test('is ordered once for all viewers and renewed while somebody watches', async () => {
    const handle = watch();
    expect(watch()).toBe(handle);
    await settle();
    expect(orders).toEqual([`live.start main ${handle}`]);
    await clock.advance(15_000);
    expect(starts()).toBe(4);
  });

  test('ends five seconds after the last viewer left, and not when somebody comes back', async () => {
    const handle = watch('main', { watcher: 'a' });
    streams.unwatch(handle, 'a');
    await clock.advance(4000);
    expect(watch('main', { watcher: 'b' })).toBe(handle);
    await clock.advance(10_000);
    expect(orders).not.toContain('live.stop main');
    streams.unwatch(handle, 'b');
    streams.unwatch(handle, 'b');
    await clock.advance(5000);
    expect(orders.at(-1)).toBe('live.stop main');
    expect(posts.at(-1)).toEqual({ type: 'close', handle });
    const after = orders.length;
    await clock.advance(60_000);
    expect(orders).toHaveLength(after);
    expect(watch()).not.toBe(handle);
  });

  test('that is refused is tried again by itself', async () => {
    refusal = 'DEVICE_UNREACHABLE';
    watch();
    await settle();
    expect(reasons().at(-1)).toBe('device-offline');
    refusal = null;
    await clock.advance(3000);
    expect(starts()).toBe(2);
    expect(reasons().at(-1)).toBe('starting');
  });

  test('begins again at once when its edge comes back', async () => {
    isEdgeOnline = false;
    refusal = 'EDGE_OFFLINE';
    watch();
    await settle();
    expect(reasons()).toEqual(['edge-offline']);
    const before = starts();
    isEdgeOnline = true;
    refusal = null;
    streams.refresh({ edgeId: 'north' });
    await settle();
    expect(starts()).toBe(before + 1);
    expect(reasons().at(-1)).toBe('starting');
  });

  test('whose pictures cannot be decoded is stopped and ordered anew', async () => {
    const handle = watch();
    await settle();
    streams.onFlow(handle, 'no-init', null);
    await settle();
    expect(orders).toEqual([`live.start main ${handle}`, 'live.stop main', `live.start main ${handle}`]);
  });

  test('of every stream ends when the hub stops, and no timer is left', async () => {
    watch('main');
    watch('sub');
    await settle();
    await streams.stop();
    expect(orders.slice(-2)).toEqual(['live.stop main', 'live.stop sub']);
    expect(clock.timers).toBe(0);
  });
});

describe('what the viewers of a stream want', () => {
  test('the highest priority, and sound when one of them wants it; the edge hears of each change at once', async () => {
    const handle = watch('main', { watcher: 'a', demand: { priority: 2, audio: false } });
    await settle();
    watch('main', { watcher: 'b', demand: { priority: 7, audio: true } });
    await settle();
    watch('main', { watcher: 'c' });
    await settle();
    streams.unwatch(handle, 'b');
    await settle();
    watch('main', { watcher: 'a', demand: { priority: 9, audio: false } });
    await settle();
    expect(started).toMatchObject([
      { priority: 2, audio: false },
      { priority: 7, audio: true },
      { priority: 2, audio: false },
      { priority: 9, audio: false },
    ]);
    await clock.advance(5000);
    expect(started).toHaveLength(5);
  });

  test('encoded anew it is another stream, with a handle and a topic of its own', async () => {
    const [plain, made] = [watch('main', { watcher: 'a' }), watch('main', { watcher: 'b', transcode: true })];
    await settle();
    expect(made).not.toBe(plain);
    expect(started).toMatchObject([
      { handle: plain, transcode: false },
      { handle: made, transcode: true },
    ]);
    expect(posts.filter(({ type }) => type === 'open')).toMatchObject([
      { handle: plain, streamKey: 'camera-1.main' },
      { handle: made, streamKey: 'camera-1.main.h264' },
    ]);
    streams.unwatch(made, 'b');
    await clock.advance(5000);
    expect(posts.at(-1)).toEqual({ type: 'close', handle: made });
  });

  test('the edge says which stream it sends; whoever watches is told when that changes', async () => {
    instead = 'main';
    const handle = watch('sub');
    expect(streams.sent(handle)).toBeNull();
    await settle();
    expect(streams.sent(handle)).toBe('main');
    await clock.advance(10_000);
    expect(sent).toEqual([handle]);
    instead = null;
    await clock.advance(5000);
    expect(sent).toEqual([handle, handle]);
    expect(streams.sent(handle)).toBe('sub');
  });
});

describe('limits and identity', () => {
  test('beyond the most streams none is begun, a known one is still shared', () => {
    const handle = watch('main');
    watch('sub');
    const other = { ...CAMERA, deviceId: 'camera-2' };
    expect(streams.watch(other, { stream: 'main', transcode: false }, 'x', CALM)).toBeNull();
    expect(watch('main')).toBe(handle);
  });

  test('one that nobody watches any more makes room, the oldest first', async () => {
    const [main, sub] = [watch('main', { watcher: 'a' }), watch('sub', { watcher: 'a' })];
    streams.unwatch(sub, 'a');
    streams.unwatch(main, 'a');
    const other = { ...CAMERA, deviceId: 'camera-2' };
    expect(streams.watch(other, { stream: 'main', transcode: false }, 'x', CALM)).not.toBeNull();
    expect(posts.flatMap((post) => (post.type === 'close' ? [post.handle] : []))).toEqual([sub]);
    expect(watch('main', { watcher: 'a' })).toBe(main);
    expect(streams.watch(other, { stream: 'sub', transcode: false }, 'x', CALM)).toBeNull();
    await clock.advance(6000);
    expect(streams.size).toBe(2);
  });

  test('each stream has a handle of its own, bound to its edge and stream', () => {
    const [main, sub] = [watch('main'), watch('sub')];
    expect(posts.filter(({ type }) => type === 'open')).toMatchObject([
      { handle: main, edgeId: 'north', streamKey: 'camera-1.main' },
      { handle: sub, edgeId: 'north', streamKey: 'camera-1.sub' },
    ]);
    expect(main).not.toBe(sub);
  });

  test('a new media thread hears of every stream, and each begins anew', async () => {
    const handle = watch();
    streams.onFlow(handle, 'flowing', null);
    await settle();
    posts.length = 0;
    streams.reopen();
    await settle();
    expect(posts[0]).toMatchObject({ type: 'open', handle });
    expect(orders.slice(-2)).toEqual(['live.stop main', `live.start main ${handle}`]);
  });
});

describe('what tiles are told', () => {
  test('starting, live, no signal, live', async () => {
    const handle = watch();
    await clock.advance(1000);
    streams.onFlow(handle, 'flowing', null);
    await clock.advance(1000);
    streams.onFlow(handle, 'silent', null);
    await clock.advance(2000);
    streams.onFlow(handle, 'flowing', null);
    expect(reasons()).toEqual(['starting', 'live', 'no-signal', 'live']);
  });

  test('no signal when nothing comes within five seconds', async () => {
    watch();
    await clock.advance(6000);
    expect(reasons()).toEqual(['starting', 'no-signal']);
  });

  test.each([
    ['DEVICE_REFUSED_CREDENTIALS', 'refused-credentials'],
    ['STREAM_UNKNOWN', 'no-stream'],
    ['STREAM_UNSUPPORTED', 'unsupported-codec'],
    ['LIMIT_REACHED', 'limit'],
    ['EDGE_OFFLINE', 'edge-offline'],
    ['TRANSCODER_MISSING', 'no-transcoder'],
    ['TRANSCODER_BUSY', 'transcoder-busy'],
    ['TIMEOUT', 'starting'],
  ] as const)('%s of the edge: %s', async (code, reason) => {
    refusal = code;
    watch();
    await settle();
    expect(reasons().at(-1)).toBe(reason);
  });

  test.each([
    ['refused-credentials', 'refused-credentials'],
    ['unsupported-codec', 'unsupported-codec'],
    ['unreachable', 'device-offline'],
    ['transcoder-failed', 'no-transcoder'],
    ['lease-ended', 'no-signal'],
  ] as const)('a stream that ended because of %s: %s', async (endReason, reason) => {
    const handle = watch();
    streams.onFlow(handle, 'flowing', null);
    streams.onFlow(handle, 'ended', endReason);
    await clock.advance(5000);
    expect(reasons().at(-1)).toBe(reason);
  });

  test('an edge that goes away while pictures still come changes nothing until they stop', async () => {
    const handle = watch();
    streams.onFlow(handle, 'flowing', null);
    isEdgeOnline = false;
    streams.refresh({ edgeId: 'north' });
    expect(reasons().at(-1)).toBe('live');
    streams.onFlow(handle, 'silent', null);
    expect(reasons().at(-1)).toBe('edge-offline');
  });

  test('a device that is offline or was removed', async () => {
    watch();
    device = { online: false, reason: 'refused-credentials' };
    streams.refresh({ deviceId: 'camera-1' });
    expect(reasons().at(-1)).toBe('refused-credentials');
    device = { online: false, reason: 'silent' };
    streams.refresh({ deviceId: 'camera-1' });
    expect(reasons().at(-1)).toBe('device-offline');
    device = null;
    streams.refresh({ deviceId: 'camera-1' });
    expect(reasons().at(-1)).toBe('unknown-device');
  });
});
