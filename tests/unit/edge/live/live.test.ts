import { beforeEach, expect, test } from 'vitest';
import { SharpEyesError } from '../../../../contract/errors.ts';
import { type MediaMessage, parseMediaMessage, readTimedBody } from '../../../../contract/media-frame.ts';
import { Live } from '../../../../edge/live/live.ts';
import type { AudioFrame, AudioInit, MediaConsumer } from '../../../../edge/media/types.ts';
import { FakeStream } from '../../../support/edge/fake-stream.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const LEASE = { deviceId: 'cam', stream: 'main' as const, leaseMs: 20_000, handle: 7 };
let clock: FakeClock;
let camera: FakeStream;
let sent: { topic: string; message: MediaMessage }[];
let queuedBytes: number;
let dropped: number;
let released: number;
let live: Live;

beforeEach(() => {
  clock = new FakeClock();
  camera = new FakeStream(clock);
  sent = [];
  queuedBytes = 0;
  dropped = 0;
  released = 0;
  live = new Live({
    edgeId: 'north',
    clock,
    config: { maxStreams: 2, bufferBytes: 1000 },
    transport: {
      connected: true,
      get queuedBytes() {
        return queuedBytes;
      },
      send: (topic, { head, body }) => {
        const message = parseMediaMessage(Uint8Array.from([...head, ...body]));
        if (message !== null) sent.push({ topic, message });
      },
    },
    open: () => ({
      stream: 'main',
      subscribe: (consumer, options) => camera.subscribe(consumer, options),
      release: () => {
        released += 1;
      },
    }),
    onDropped: (count) => {
      dropped += count;
    },
  });
});

function types(): string[] {
  return sent.map(({ message }) => `${message.type}${message.key ? '!' : ''}`);
}

test('a viewer gets init and the last key frame at once, in envelopes with the handle of the hub', async () => {
  await camera.play(1.2);
  expect(live.start(LEASE)).toEqual({ stream: 'main' });
  expect(types().slice(0, 3)).toEqual(['init', 'fragment!', 'fragment']);
  expect(sent.length).toBe(6);
  for (const { topic, message } of sent) {
    expect(topic).toBe('sharp-eyes/1/north/media/cam.main');
    expect(message.handle).toBe(7);
    expect(message.epoch).toBe(1);
  }
  expect(JSON.parse(sent[0]?.message.description ?? '')).toEqual({ codec: 'avc1.64001e', width: 640, height: 360 });
});

test('a stream is sent once, however often it is asked for, until the lease ends', async () => {
  live.start(LEASE);
  for (let i = 0; i < 5; i++) {
    await camera.play(10);
    live.start(LEASE);
  }
  expect(camera.consumers).toBe(1);
  expect(sent.length).toBe(1 + 50 * 25);
  await camera.play(21);
  expect(camera.consumers).toBe(0);
  expect(released).toBe(1);
  expect(types().at(-1)).toBe('end');
});

test('a new handle, as after a restart of the hub, begins again with init and key frame', async () => {
  live.start(LEASE);
  await camera.play(1);
  sent = [];
  live.start({ ...LEASE, handle: 8 });
  expect(types().slice(0, 3)).toEqual(['end', 'init', 'fragment!']);
  expect(sent[1]?.message.handle).toBe(8);
  expect(camera.consumers).toBe(1);
});

test('a new connection begins again with init and key frame', async () => {
  live.start(LEASE);
  await camera.play(1);
  sent = [];
  live.restart();
  expect(types().slice(0, 2)).toEqual(['init', 'fragment!']);
});

test('what waits shortly is sent late and whole; what waits too long is dropped to the next key frame and counted', async () => {
  live.start(LEASE);
  await camera.play(0.4);
  queuedBytes = 5000;
  await camera.play(0.2);
  queuedBytes = 0;
  await camera.play(0.2);
  expect(sent.map(({ message }) => message.sequence)).toEqual([0, ...Array.from({ length: 20 }, (_, n) => n + 1)]);
  expect(dropped).toBe(0);
  queuedBytes = 5000;
  await camera.play(0.2);
  sent = [];
  await camera.play(0.8);
  queuedBytes = 0;
  await camera.play(1);
  expect(types()[0]).toBe('fragment!');
  expect(dropped).toBeGreaterThan(5);
});

test('a lost camera ends the stream; its return begins a new epoch', async () => {
  live.start(LEASE);
  await camera.play(0.4);
  sent = [];
  await camera.lose(2);
  expect(types()).toEqual(['end']);
  await camera.play(0.1);
  expect(types().slice(0, 3)).toEqual(['end', 'init', 'fragment!']);
  expect(sent[1]?.message.epoch).toBe(2);
});

test('more streams than allowed are refused with a reason', () => {
  live.start(LEASE);
  live.start({ ...LEASE, deviceId: 'cam-2' });
  expect(() => live.start({ ...LEASE, deviceId: 'cam-3' })).toThrow(expect.objectContaining({ code: 'LIMIT_REACHED' }));
  expect(live.streams).toBe(2);
});

test('a stream that cannot be watched is refused and leaves nothing behind', async () => {
  const watching = camera.subscribe.bind(camera);
  camera.subscribe = () => {
    throw new SharpEyesError('LIMIT_REACHED', 'too many consumers');
  };
  const timers = clock.timers;
  expect(() => live.start(LEASE)).toThrow(expect.objectContaining({ code: 'LIMIT_REACHED' }));
  expect([live.streams, released, clock.timers]).toEqual([0, 1, timers]);
  camera.subscribe = watching;
  live.start(LEASE);
  await camera.play(0.1);
  expect(types().slice(-3)).toEqual(['fragment!', 'fragment', 'fragment']);
});

test('sound is sent where the lease asks for it, with its init first, and not without a picture', async () => {
  const init = { codec: 'aac', clockRate: 16_000, channels: 1, config: Uint8Array.of(0x14, 0x08) } as const;
  const frame = (sequence: number, of: AudioInit = init): AudioFrame => {
    return { init: of, sequence, bytes: Uint8Array.of(1, 2, 3), pts90k: sequence * 5760, samples: 1024, edgeAtMs: 77 };
  };
  let consumer: MediaConsumer | null = null;
  const listening = camera.subscribe.bind(camera);
  camera.subscribe = (given, options) => {
    consumer = given;
    return listening(given, options);
  };
  const hear = (one: AudioFrame): unknown => consumer?.onAudio?.(one);
  live.start({ ...LEASE, audio: true });
  hear(frame(1));
  expect(types()).toEqual([]);
  await camera.play(0.04);
  hear(frame(2));
  hear(frame(3));
  expect(types()).toEqual(['init', 'fragment!', 'audio-init', 'audio', 'audio']);
  const [, , begin, first, second] = sent.map(({ message }) => message);
  expect(JSON.parse(begin?.description ?? '')).toEqual({
    codec: 'aac',
    clockRate: 16_000,
    channels: 1,
    config: 'FAg=',
  });
  expect(readTimedBody(first?.body ?? new Uint8Array())).toEqual({ pts90k: 11_520, bytes: Uint8Array.of(1, 2, 3) });
  expect([first?.sequence, second?.sequence, first?.edgeAtMs]).toEqual([1, 2, 77]);
  hear(frame(4, { ...init, channels: 2 }));
  expect(types().slice(-2)).toEqual(['audio-init', 'audio']);
  queuedBytes = 5000;
  hear(frame(5));
  queuedBytes = 0;
  live.start({ ...LEASE, audio: false });
  hear(frame(6));
  expect(types().length).toBe(7);
});
