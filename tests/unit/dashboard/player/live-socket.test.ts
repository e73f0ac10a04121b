import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { TileReason } from '../../../../contract/live.ts';
import { buildMediaMessage, type MediaMessage, type MediaMessageType } from '../../../../contract/media-frame.ts';
import { parseLiveMessage } from '../../../../dashboard/src/player/live-message.ts';
import { LiveSocket, type SocketLike } from '../../../../dashboard/src/player/live-socket.ts';
import type { PlayerClock } from '../../../../dashboard/src/player/player-clock.ts';
import type { TileOrder, TileSink } from '../../../../dashboard/src/player/tile-sink.ts';

class ManualClock implements PlayerClock {
  now = 1_000_000;
  timers: { atMs: number; callback: () => void }[] = [];
  nowMs(): number {
    return this.now;
  }
  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.now + delayMs, callback };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((each) => each !== timer);
    };
  }
  advance(ms: number): void {
    const until = this.now + ms;
    for (;;) {
      const due = this.timers.filter((timer) => timer.atMs <= until).sort((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.timers = this.timers.filter((each) => each !== due);
      this.now = due.atMs;
      due.callback();
    }
    this.now = until;
  }
}

class FakeSocket implements SocketLike {
  binaryType = '';
  onopen: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  sent: Record<string, unknown>[] = [];
  closed = false;
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(): void {
    this.closed = true;
  }
  open(): void {
    this.onopen?.(undefined as never);
  }
  lose(): void {
    this.onclose?.(undefined as never);
  }
  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  bytes(message: Uint8Array): void {
    this.onmessage?.({ data: message.slice().buffer });
  }
  watched(): unknown[] {
    return this.sent.filter((message) => message['type'] === 'watch').map((message) => message['tile']);
  }
}

class RecordingSink implements TileSink {
  reasons: TileReason[] = [];
  choices: unknown[] = [];
  media: MediaMessage[] = [];
  audio: MediaMessage[] = [];
  restarts = 0;
  onReason(reason: TileReason): void {
    this.reasons.push(reason);
  }
  onChoice(choice: unknown): void {
    this.choices.push(choice);
  }
  onMedia(message: MediaMessage): void {
    this.media.push(message);
  }
  onAudio(message: MediaMessage): void {
    this.audio.push(message);
  }
  onRestart(): void {
    this.restarts += 1;
  }
}

let clock: ManualClock;
let sockets: FakeSocket[];
let pongs: number[][];
let live: LiveSocket;
const order = (deviceId: string, stream: TileOrder['stream'] = 'auto'): TileOrder => ({
  ...{ deviceId, stream, width: 320, height: 180, audio: false },
});
const last = (): FakeSocket => sockets.at(-1) ?? new FakeSocket();
const envelope = (handle: number, type: MediaMessageType, sequence: number, key = false): Uint8Array =>
  buildMediaMessage({ type, key, handle, epoch: 1, sequence, edgeAtMs: 5 }, Uint8Array.of(sequence), '{}');

beforeEach(() => {
  clock = new ManualClock();
  sockets = [];
  pongs = [];
  live = new LiveSocket({
    connect: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    codecs: () => ['h264', 'mjpeg'],
    clock,
    random: () => 1,
    onPong: (...times) => pongs.push(times),
  });
  live.start();
});

describe('LiveSocket', () => {
  it('asks for what was ordered before it opened, and brings media to its tile', () => {
    const sink = new RecordingSink();
    live.watch('a', order('cam-1', 'sub'), sink);
    expect(last().sent).toEqual([]);
    last().open();
    expect(last().watched()).toEqual(['a']);
    last().say({ type: 'watching', tile: 'a', handle: 7, deviceId: 'cam-1', stream: 'sub', why: 'tile-size' });
    last().bytes(envelope(7, 'init', 0));
    last().bytes(envelope(8, 'fragment', 1, true));
    last().bytes(envelope(7, 'fragment', 1, true));
    expect(sink.media.map((message) => [message.type, message.handle])).toEqual([
      ['init', 7],
      ['fragment', 7],
    ]);
    last().say({ type: 'tile', tile: 'a', reason: 'device-offline', sinceMs: 3 });
    expect(sink.reasons).toEqual(['device-offline']);
  });

  it('connects again with growing waits and asks for everything anew', () => {
    const sink = new RecordingSink();
    live.watch('a', order('cam-1', 'sub'), sink);
    last().open();
    last().say({ type: 'watching', tile: 'a', handle: 7, deviceId: 'cam-1', stream: 'sub', why: 'tile-size' });
    const before = sink.restarts;
    last().lose();
    expect(live.state()).toBe('waiting');
    expect(sink.restarts).toBe(before + 1);
    clock.advance(499);
    expect(sockets).toHaveLength(1);
    clock.advance(1);
    expect(sockets).toHaveLength(2);
    last().lose();
    clock.advance(999);
    expect(sockets).toHaveLength(2);
    clock.advance(1);
    expect(sockets).toHaveLength(3);
    last().open();
    expect(last().watched()).toEqual(['a']);
    expect(live.state()).toBe('open');
  });

  it('tries at once when it is told that the network is back', () => {
    last().lose();
    live.retryNow();
    expect(sockets).toHaveLength(2);
  });

  it('takes a socket for lost when it hears nothing, not even a pong', () => {
    last().open();
    const first = last();
    clock.advance(5000);
    first.say({ type: 'pong', sentAtMs: 1, hubAtMs: 2 });
    clock.advance(14_000);
    expect(first.closed).toBe(false);
    clock.advance(12_000);
    expect(first.closed).toBe(true);
    expect(sockets.length).toBeGreaterThan(1);
    expect(pongs).toEqual([[1, 1_005_000, 2]]);
  });

  it('ignores the answer to an order for another camera', () => {
    const sink = new RecordingSink();
    last().open();
    live.watch('a', order('cam-1'), sink);
    live.watch('a', order('cam-2'), sink);
    last().say({ type: 'watching', tile: 'a', handle: 1, deviceId: 'cam-1', stream: 'sub', why: 'tile-size' });
    last().bytes(envelope(1, 'init', 0));
    expect(sink.media).toEqual([]);
    last().say({ type: 'watching', tile: 'a', handle: 2, deviceId: 'cam-2', stream: 'main', why: 'codec' });
    last().bytes(envelope(2, 'init', 0));
    expect(sink.media).toHaveLength(1);
    expect(sink.choices).toEqual([{ stream: 'main', why: 'codec' }]);
  });

  it('says first what the browser can decode, then how large a tile is and how much it matters', () => {
    live.watch('a', order('cam-1'), new RecordingSink(), 9.5);
    last().open();
    expect(last().sent[0]).toEqual({ type: 'hello', codecs: ['h264', 'mjpeg'] });
    expect(last().sent.at(-1)).toEqual({
      ...{ type: 'watch', tile: 'a', deviceId: 'cam-1', stream: 'auto' },
      ...{ width: 320, height: 180, priority: 9, audio: false },
    });
  });

  it('goes on showing a tile that has become larger until the hub has answered', () => {
    const sink = new RecordingSink();
    last().open();
    live.watch('a', order('cam-1'), sink);
    last().say({ type: 'watching', tile: 'a', handle: 1, deviceId: 'cam-1', stream: 'sub', why: 'tile-size' });
    last().bytes(envelope(1, 'init', 0));
    live.watch('a', { ...order('cam-1'), width: 1600 }, sink, 9);
    live.watch('a', { ...order('cam-1'), width: 1600 }, sink, 9);
    expect(last().watched()).toEqual(['a', 'a']);
    last().bytes(envelope(1, 'fragment', 1, true));
    expect(sink.media).toHaveLength(2);
    const { restarts } = sink;
    last().say({ type: 'watching', tile: 'a', handle: 2, deviceId: 'cam-1', stream: 'main', why: 'tile-size' });
    last().bytes(envelope(1, 'fragment', 2));
    expect(sink.media).toHaveLength(2);
    expect(sink.restarts).toBe(restarts + 1);
  });

  it('gives sound to tiles that ordered it, and metadata to none', () => {
    const [mute, loud] = [new RecordingSink(), new RecordingSink()];
    last().open();
    live.watch('a', order('cam-1'), mute);
    live.watch('b', { ...order('cam-1'), audio: true }, loud);
    for (const tile of ['a', 'b'])
      last().say({ type: 'watching', tile, handle: 1, deviceId: 'cam-1', stream: 'sub', why: 'tile-size' });
    for (const type of ['audio-init', 'audio', 'metadata'] as const) last().bytes(envelope(1, type, 0));
    expect(mute.audio).toEqual([]);
    expect(loud.audio.map(({ type }) => type)).toEqual(['audio-init', 'audio']);
    expect([...mute.media, ...loud.media]).toEqual([]);
  });

  it('gives a second tile of the same stream the beginning from memory', () => {
    const first = new RecordingSink();
    const second = new RecordingSink();
    last().open();
    live.watch('a', order('cam-1', 'sub'), first);
    last().say({ type: 'watching', tile: 'a', handle: 7, deviceId: 'cam-1', stream: 'sub', why: 'tile-size' });
    last().bytes(envelope(7, 'init', 0));
    last().bytes(envelope(7, 'fragment', 1, true));
    last().bytes(envelope(7, 'fragment', 2));
    live.watch('b', order('cam-1', 'sub'), second);
    last().say({ type: 'watching', tile: 'b', handle: 7, deviceId: 'cam-1', stream: 'sub', why: 'tile-size' });
    expect(second.media.map((message) => message.type)).toEqual(['init', 'fragment', 'fragment']);
    live.unwatch('a');
    last().bytes(envelope(7, 'fragment', 3));
    expect(first.media).toHaveLength(3);
    expect(second.media).toHaveLength(4);
  });

  it('asks for 36 tiles at most, the most important first, and for the others when there is room', () => {
    last().open();
    const sinks = Array.from({ length: 37 }, () => new RecordingSink());
    sinks.forEach((sink, at) => {
      live.watch(`t${at}`, order(`cam-${at}`, 'sub'), sink, -at);
    });
    expect(last().watched()).toHaveLength(36);
    expect(last().watched()).not.toContain('t36');
    const popup = new RecordingSink();
    live.watch('popup', order('cam-99', 'sub'), popup, 10);
    expect(last().watched()).toContain('popup');
    expect(sinks[35]?.reasons).toEqual(['limit']);
    expect(last().sent).toContainEqual({ type: 'unwatch', tile: 't35' });
    live.unwatch('popup');
    expect(last().watched().at(-1)).toBe('t35');
  });

  it('leaves no timer and no socket behind', () => {
    last().open();
    live.stop();
    expect(clock.timers).toEqual([]);
    expect(last().closed).toBe(true);
    expect(live.state()).toBe('stopped');
  });

  it('survives whatever comes as text or bytes', () => {
    last().open();
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), fc.uint8Array({ maxLength: 64 }), (text, bytes) => {
        parseLiveMessage(text);
        last().onmessage?.({ data: text });
        last().bytes(bytes);
        expect(live.state()).toBe('open');
      }),
    );
  });
});
