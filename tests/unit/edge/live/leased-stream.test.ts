import { beforeEach, expect, test } from 'vitest';
import { SharpEyesError } from '../../../../contract/errors.ts';
import { type MediaMessage, parseMediaMessage } from '../../../../contract/media-frame.ts';
import { LeasedStream } from '../../../../edge/live/leased-stream.ts';
import { LineBudget } from '../../../../edge/live/line-budget.ts';
import { LivePublisher } from '../../../../edge/live/live-publisher.ts';
import type { MediaConsumer } from '../../../../edge/media/types.ts';
import { FakeStream } from '../../../support/edge/fake-stream.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const BUSY = new SharpEyesError('TRANSCODER_BUSY', 'no place');
let clock: FakeClock;
let cameras: Record<'main' | 'sub', FakeStream>;
let sent: MediaMessage[];
let refusal: { open?: Error; subscribe?: Error };
let opened: number;
let stream: LeasedStream;

beforeEach(() => {
  clock = new FakeClock();
  cameras = { main: new FakeStream(clock), sub: new FakeStream(clock) };
  sent = [];
  refusal = {};
  opened = 0;
  const transport = {
    connected: true,
    queuedBytes: 0,
    send: (_topic: string, { head, body }: { head: Uint8Array; body: Uint8Array }) => {
      const message = parseMediaMessage(Uint8Array.from([...head, ...body]));
      if (message !== null) sent.push(message);
    },
  };
  const budget = new LineBudget({ transport, clock, bufferBytes: 1e6, lineBitsPerSecond: null, headroom: 0 });
  const onCut = (): void => undefined;
  const publisher = new LivePublisher({ budget, topic: 'x', handle: 7, nowMs: () => clock.nowMs(), onCut });
  budget.add(publisher);
  const lease = { deviceId: 'cam', stream: 'main', leaseMs: 20_000, handle: 7 } as const;
  stream = new LeasedStream({ lease, publisher, open });
});

function open(_deviceId: string, name: 'main' | 'sub') {
  if (refusal.open !== undefined) throw refusal.open;
  opened += 1;
  return {
    stream: name,
    subscribe: (consumer: MediaConsumer, options: { withLastGop?: boolean }) => {
      if (refusal.subscribe !== undefined) throw refusal.subscribe;
      return cameras[name].subscribe(consumer, options);
    },
    release: () => {
      opened -= 1;
    },
  };
}

function types(): string[] {
  return sent.splice(0).map(({ type, key, description }) => {
    return type === 'end' ? `end ${JSON.parse(description).reason}` : `${type}${key ? '!' : ''}`;
  });
}

function goTo(level: 'main' | 'sub' | 'paused'): void {
  stream.level = level;
  stream.apply();
}

test('a stream that cannot be opened again after a pause says why, once, and comes when it can', async () => {
  stream.begin();
  await cameras.main.play(0.04);
  goTo('paused');
  expect(types()).toEqual(['init', 'fragment!', 'end line-full']);
  refusal = { open: BUSY };
  goTo('main');
  for (let n = 1; n < 5; n += 1) stream.measure(n * 1000);
  refusal = { subscribe: new SharpEyesError('LIMIT_REACHED', 'too many') };
  for (let n = 5; n < 9; n += 1) stream.measure(n * 1000);
  expect(types()).toEqual(['end transcoder-busy', 'end limit']);
  expect(opened).toBe(0);
  refusal = {};
  for (let n = 9; n < 12; n += 1) stream.measure(n * 1000);
  expect(types()).toEqual(['init', 'fragment!']);
  expect([opened, cameras.main.consumers]).toEqual([1, 1]);
});

test('a pause ends the attempts', () => {
  goTo('paused');
  refusal = { open: BUSY };
  goTo('main');
  goTo('paused');
  refusal = {};
  stream.measure(1000);
  expect(types()).toEqual(['end line-full', 'end transcoder-busy', 'end line-full']);
  expect(opened).toBe(0);
});

test('while a better stream cannot be opened the one that there is goes on, and gives way later', async () => {
  stream.begin();
  goTo('sub');
  await cameras.sub.play(0.04);
  await cameras.main.play(0.04);
  sent.length = 0;
  refusal = { open: BUSY };
  goTo('main');
  stream.measure(1000);
  stream.measure(2000);
  await cameras.sub.play(0.12);
  expect(types().filter((type) => type.startsWith('end'))).toEqual([]);
  expect([stream.stream, opened]).toEqual(['sub', 1]);
  refusal = {};
  stream.measure(3000);
  await cameras.main.play(1);
  expect([stream.stream, opened, cameras.sub.consumers]).toEqual(['main', 1, 0]);
});

test('a stream that nobody may watch is refused at the beginning', () => {
  refusal = { subscribe: new SharpEyesError('LIMIT_REACHED', 'too many') };
  expect(() => stream.begin()).toThrow(expect.objectContaining({ code: 'LIMIT_REACHED' }));
  stream.end('refused');
  expect(opened).toBe(0);
});
