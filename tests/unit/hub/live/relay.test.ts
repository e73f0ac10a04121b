import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Flow } from '../../../../hub/live/protocol.ts';
import { Relay } from '../../../../hub/live/relay.ts';
import { Viewer } from '../../../../hub/live/viewer.ts';
import { envelope, FakeSocket, LIMITS } from './fakes.ts';

const KEY = 'camera-1.main';
let relay: Relay;
let flows: { handle: number; flow: Flow; endReason: string | null }[];

beforeEach(() => {
  flows = [];
  relay = new Relay(LIMITS, { onFlow: (handle, flow, endReason) => flows.push({ handle, flow, endReason }) });
  relay.open({ handle: 7, edgeId: 'north', streamKey: KEY, reason: 'starting', sinceMs: 0 }, 0);
});

function viewer(id = 1): { viewer: Viewer; socket: FakeSocket } {
  const socket = new FakeSocket();
  return { viewer: new Viewer(id, socket, LIMITS), socket };
}
function attach(who: Viewer, tile = 'a', handle = 7): void {
  relay.attach(who, { type: 'watching', tile, handle, deviceId: 'camera-1', stream: 'main', why: 'asked' }, 0);
}
function take(bytes: Uint8Array, nowMs = 0): void {
  relay.take('north', KEY, bytes, nowMs);
}
function fragments(from: number, to: number, options: { bytes?: number; epoch?: number } = {}, nowMs = 0): void {
  for (let n = from; n <= to; n++) take(envelope(7, 'fragment', n, options), nowMs);
}

describe('the way of a picture', () => {
  test('the same bytes go to every viewer, without a copy', () => {
    const [a, b] = [viewer(1), viewer(2)];
    attach(a.viewer);
    attach(b.viewer);
    take(envelope(7, 'init'));
    const bytes = envelope(7, 'fragment', 0);
    take(bytes);
    expect(a.socket.binaries[1]).toBe(bytes);
    expect(b.socket.binaries[1]).toBe(bytes);
  });

  test('a further viewer gets init and the last group, then goes on', () => {
    take(envelope(7, 'init'));
    fragments(0, 13);
    const { viewer: who, socket } = viewer();
    attach(who);
    fragments(14, 15);
    expect(socket.seen).toEqual(['init 1', 'key 10', '11', '12', '13', '14', '15']);
    expect(socket.texts).toEqual([
      { type: 'watching', tile: 'a', handle: 7, deviceId: 'camera-1', stream: 'main', why: 'asked' },
      { type: 'tile', tile: 'a', reason: 'starting', sinceMs: 0 },
    ]);
  });

  test('a group above the bound is not kept; the viewer begins with the next key frame', () => {
    take(envelope(7, 'init'));
    fragments(0, 5, { bytes: 1500 });
    const { viewer: who, socket } = viewer();
    attach(who);
    fragments(6, 11);
    expect(socket.seen).toEqual(['init 1', 'key 10', '11']);
  });

  test('two tiles of one viewer share one stream of pictures', () => {
    const { viewer: who, socket } = viewer();
    attach(who, 'a');
    attach(who, 'b');
    take(envelope(7, 'init'));
    fragments(0, 1);
    expect(socket.seen).toEqual(['init 1', 'key 0', '1']);
    relay.tell(7, 'live', 5);
    expect(socket.texts.slice(-2).map((text) => ('tile' in text ? text.tile : ''))).toEqual(['a', 'b']);
    relay.detach(who, 'a');
    fragments(2, 2);
    relay.detach(who, 'b');
    fragments(3, 3);
    expect(socket.seen.at(-1)).toBe('2');
  });

  test('another stream in the same tile ends the first', () => {
    relay.open({ handle: 8, edgeId: 'north', streamKey: 'camera-1.sub', reason: 'starting', sinceMs: 0 }, 0);
    const { viewer: who, socket } = viewer();
    attach(who, 'a', 7);
    attach(who, 'a', 8);
    take(envelope(7, 'init'));
    relay.take('north', 'camera-1.sub', envelope(8, 'init', 0, { epoch: 9 }), 0);
    expect(socket.seen).toEqual(['init 9']);
  });

  test('a closed handle takes nothing and is forgotten by its viewers', () => {
    const { viewer: who, socket } = viewer();
    attach(who);
    relay.close(7);
    take(envelope(7, 'init'));
    expect(socket.seen).toEqual([]);
    expect(relay.counters.foreign).toBe(1);
    expect(who.handles).toEqual([]);
  });
});

describe('whose pictures are taken', () => {
  test.each([
    ['another edge', 'south', KEY, 7],
    ['another stream', 'north', 'camera-2.main', 7],
    ['a handle that was never given', 'north', KEY, 9],
  ])('not those of %s', (_, edgeId, key, handle) => {
    const { viewer: who, socket } = viewer();
    attach(who);
    relay.take(edgeId, key, envelope(handle, 'init'), 0);
    expect(socket.seen).toEqual([]);
    expect(relay.counters.foreign).toBe(1);
  });

  test('nor anything that is no envelope, whatever its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const before = relay.counters.malformed + relay.counters.foreign;
        take(bytes);
        expect(relay.counters.malformed + relay.counters.foreign).toBe(before + 1);
      }),
    );
  });
});

describe('a viewer that does not keep up', () => {
  test('skips to the next key frame once it has caught up, is told how much, and others get everything', () => {
    const [slow, good] = [viewer(1), viewer(2)];
    attach(slow.viewer);
    attach(good.viewer);
    take(envelope(7, 'init'));
    slow.socket.isFast = false;
    fragments(0, 24, { bytes: 1000 });
    expect(slow.socket.seen.length).toBeLessThan(14);
    expect(slow.socket.bufferedAmount).toBeLessThan(LIMITS.viewerBufferBytes + 2000);
    const got = slow.socket.seen.length;
    slow.socket.bufferedAmount = 0;
    slow.socket.isFast = true;
    fragments(25, 31, { bytes: 1000 });
    expect(slow.socket.seen.slice(got)).toEqual(['key 30', '31']);
    const skipped = slow.socket.texts.at(-1);
    expect(skipped).toEqual({ type: 'skipped', handle: 7, fragments: 30 - (got - 1) });
    expect(relay.counters.skipped).toBe(30 - (got - 1));
    expect(good.socket.seen).toHaveLength(33);
  });

  test('gets the init segment that it missed before it goes on', () => {
    const { viewer: who, socket } = viewer();
    attach(who);
    take(envelope(7, 'init'));
    socket.bufferedAmount = LIMITS.viewerBufferBytes + 1;
    fragments(0, 1);
    take(envelope(7, 'init', 0, { epoch: 2 }));
    fragments(0, 5, { epoch: 2 });
    socket.bufferedAmount = 0;
    fragments(6, 10, { epoch: 2 });
    expect(socket.seen).toEqual(['init 1', 'init 2', 'key 10']);
  });

  test('is told that it is too slow, and the truth again afterwards', () => {
    const { viewer: who, socket } = viewer();
    attach(who);
    relay.tell(7, 'live', 1);
    take(envelope(7, 'init'));
    socket.bufferedAmount = LIMITS.viewerBufferBytes + 1;
    fragments(0, 0);
    relay.check([who], 1000);
    expect(socket.texts.at(-1)).toMatchObject({ reason: 'live' });
    relay.check([who], 2000);
    expect(socket.texts.at(-1)).toMatchObject({ reason: 'viewer-too-slow' });
    socket.bufferedAmount = 0;
    relay.check([who], 3000);
    expect(socket.texts.at(-1)).toMatchObject({ reason: 'live', sinceMs: 1 });
  });

  test('is disconnected when it takes nothing for 30 s, not while it takes a little', () => {
    const { viewer: who, socket } = viewer();
    attach(who);
    take(envelope(7, 'init'));
    socket.bufferedAmount = 50_000;
    fragments(0, 0);
    relay.check([who], 0);
    relay.check([who], 29_000);
    socket.bufferedAmount = 40_000;
    relay.check([who], 29_500);
    relay.check([who], 59_000);
    expect(socket.isTerminated).toBe(false);
    relay.check([who], 59_500);
    expect(socket.isTerminated).toBe(true);
    expect(relay.counters.stalledViewers).toBe(1);
  });
});

test('who watches nothing and does not read what it is told is disconnected as well', () => {
  const { viewer: who, socket } = viewer();
  socket.isFast = false;
  for (let i = 0; i < 500; i++) who.tell({ type: 'pong', sentAtMs: 1, hubAtMs: 1 });
  expect(socket.bufferedAmount).toBeGreaterThan(LIMITS.viewerBufferBytes);
  relay.check([who], 0);
  relay.check([who], 29_999);
  expect(socket.isTerminated).toBe(false);
  relay.check([who], 30_000);
  expect(socket.isTerminated).toBe(true);
});

describe('sound', () => {
  const sound = (sequence: number): Uint8Array => envelope(7, 'audio', sequence, { key: false });

  test('goes to viewers with its init first, also to those that come later, and proves no picture', () => {
    const [a, late] = [viewer(1), viewer(2)];
    attach(a.viewer);
    take(envelope(7, 'init'));
    take(sound(1));
    take(envelope(7, 'audio-init'));
    take(sound(2));
    expect(flows).toEqual([]);
    attach(late.viewer);
    take(sound(3));
    expect(a.socket.seen).toEqual(['init 1', 'audio-init 1', 'audio 1', 'audio 1']);
    expect(late.socket.seen).toEqual(['init 1', 'audio-init 1', 'audio 1']);
    fragments(0, 1);
    expect(late.socket.seen.slice(3)).toEqual(['key 0', '1']);
  });

  test('goes only to viewers with a tile that asked for it', () => {
    const { viewer: who, socket } = viewer();
    const message = { type: 'watching', handle: 7, deviceId: 'camera-1', stream: 'main', why: 'asked' } as const;
    relay.attach(who, { ...message, tile: 'a' }, 0, false);
    take(envelope(7, 'init'));
    take(envelope(7, 'audio-init'));
    take(sound(1));
    relay.attach(who, { ...message, tile: 'b' }, 0, true);
    take(sound(2));
    relay.detach(who, 'b');
    take(sound(3));
    expect(socket.seen).toEqual(['init 1', 'audio-init 1', 'audio 1']);
  });

  test('is left out first for a viewer that falls behind; its pictures go on', () => {
    const { viewer: who, socket } = viewer();
    attach(who);
    take(envelope(7, 'init'));
    take(envelope(7, 'audio-init'));
    fragments(0, 0);
    socket.bufferedAmount = LIMITS.viewerBufferBytes / 2;
    take(sound(1));
    fragments(1, 1);
    socket.bufferedAmount = 0;
    take(sound(2));
    expect(socket.seen).toEqual(['init 1', 'audio-init 1', 'key 0', '1', 'audio 1']);
  });
});

test('every fragment is reported as arrived, also one whose handle was just closed', () => {
  const heard: number[] = [];
  const own = new Relay(LIMITS, {
    onFlow: () => undefined,
    onFragment: (edgeId, { handle, sequence }, bytes) =>
      heard.push(...[edgeId === 'north' ? handle : 0, sequence, bytes]),
  });
  own.take('north', KEY, envelope(7, 'init'), 0);
  own.take('north', KEY, envelope(9, 'fragment', 20), 0);
  expect(heard).toEqual([9, 20, 128]);
});

describe('whether a stream flows', () => {
  test('flowing, silent after five seconds, flowing again', () => {
    take(envelope(7, 'init'), 0);
    fragments(0, 3, {}, 100);
    relay.check([], 5099);
    relay.check([], 5100);
    relay.check([], 9000);
    fragments(4, 4, {}, 10_000);
    expect(flows.map(({ flow }) => flow)).toEqual(['flowing', 'silent', 'flowing']);
  });

  test('where only key frames are sent, a long time between two of them is no silence', () => {
    const sent = { stream: 'sub', why: 'line', keyFramesOnly: true };
    take(envelope(7, 'init', 0, { description: JSON.stringify({ codec: 'avc1', width: 1, height: 1, sent }) }));
    fragments(0, 0, {}, 100);
    relay.check([], 29_000);
    expect(flows.map(({ flow }) => flow)).toEqual(['flowing']);
    relay.check([], 30_100);
    expect(flows.map(({ flow }) => flow)).toEqual(['flowing', 'silent']);
  });

  test('an end comes with its reason; without a readable one all the same', () => {
    take(envelope(7, 'init'));
    take(envelope(7, 'end', 0, { bytes: 0, description: '{"reason":"refused-credentials"}' }));
    fragments(0, 0);
    take(envelope(7, 'end', 0, { bytes: 0, description: 'broken' }));
    expect(flows.map(({ flow, endReason }) => [flow, endReason])).toEqual([
      ['ended', 'refused-credentials'],
      ['flowing', null],
      ['ended', null],
    ]);
  });

  test('fragments whose init segment got lost are not shown; after two seconds the edge has to begin anew', () => {
    const { viewer: who, socket } = viewer();
    attach(who);
    fragments(0, 1, {}, 0);
    fragments(2, 3, {}, 1999);
    expect(flows).toEqual([]);
    fragments(4, 4, {}, 2000);
    expect(flows.map(({ flow }) => flow)).toEqual(['no-init']);
    expect(socket.seen).toEqual([]);
    expect(relay.counters.undecodable).toBe(5);
  });
});

test('whatever a viewer does, what it gets can be decoded: init before fragments, and after a hole a key frame', () => {
  const step = fc.oneof(
    { weight: 10, arbitrary: fc.constant('fragment' as const) },
    { weight: 1, arbitrary: fc.constant('new-epoch' as const) },
    { weight: 2, arbitrary: fc.constant('stall' as const) },
    { weight: 2, arbitrary: fc.constant('catch-up' as const) },
    { weight: 1, arbitrary: fc.constant('rewatch' as const) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
      const own = new Relay(LIMITS, { onFlow: () => undefined });
      own.open({ handle: 7, edgeId: 'north', streamKey: KEY, reason: 'starting', sinceMs: 0 }, 0);
      const { viewer: who, socket } = viewer();
      const watching = {
        type: 'watching',
        tile: 'a',
        handle: 7,
        deviceId: 'camera-1',
        stream: 'main',
        why: 'asked',
      } as const;
      own.attach(who, watching, 0);
      let [epoch, sequence] = [1, 0];
      own.take('north', KEY, envelope(7, 'init', 0, { epoch }), 0);
      for (const next of steps) {
        if (next === 'stall') socket.bufferedAmount = LIMITS.viewerBufferBytes + 1;
        else if (next === 'catch-up') socket.bufferedAmount = 0;
        else if (next === 'rewatch') own.attach(who, watching, 0);
        else if (next === 'fragment') own.take('north', KEY, envelope(7, 'fragment', sequence++, { epoch }), 0);
        else {
          epoch++;
          sequence = 0;
          own.take('north', KEY, envelope(7, 'init', 0, { epoch }), 0);
        }
      }
      let [hasInit, last] = [false, -1];
      for (const seen of socket.seen) {
        if (seen.startsWith('init')) [hasInit, last] = [true, -1];
        else {
          const number = Number(seen.replace('key ', ''));
          expect(hasInit).toBe(true);
          if (!seen.startsWith('key')) expect(number).toBe(last + 1);
          last = number;
        }
      }
    }),
    { numRuns: 300 },
  );
});
