import { beforeEach, expect, test } from 'vitest';
import { Direct } from '../../../../edge/direct/direct.ts';
import type { DirectPeerEvents } from '../../../../edge/direct/webrtc-peer.ts';
import { silentLog } from '../../../../platform/log.ts';
import { FilmSource } from '../../../support/encoded-film.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const OFFER = 'v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 H264/90000\r\n';

let clock: FakeClock;
let source: FilmSource;
let direct: Direct;
let viewers: DirectPeerEvents[];
let closed: number;

beforeEach(() => {
  clock = new FakeClock();
  source = new FilmSource();
  viewers = [];
  closed = 0;
  direct = new Direct({
    open: () => source.open(),
    addresses: { addresses: null, ports: null },
    maxSessions: 8,
    openPeer: async (_addresses, events) => {
      viewers.push(events);
      return {
        answer: async () => 'an answer',
        send: () => undefined,
        close: async () => {
          closed += 1;
        },
      };
    },
    ...{ clock, log: silentLog },
  });
});

function open(sessionId: string, deviceId = 'cam', leaseMs = 15_000): Promise<unknown> {
  return direct.open({ deviceId, stream: 'main', sessionId, offer: OFFER, leaseMs });
}

function expectNothingLeft(): void {
  expect([direct.sessions, source.users, source.consumers.size, clock.timers]).toEqual([0, 0, 0, 0]);
}

test('a viewer that never connects is given up after ten seconds, however often the hub renews it', async () => {
  await open('one');
  await clock.advance(5000);
  direct.renew('one', 15_000);
  await clock.advance(4999);
  expect(direct.sessions).toBe(1);
  await clock.advance(1);
  expectNothingLeft();
  expect(closed).toBe(1);
});

test('one that plays goes on for as long as the hub says so', async () => {
  await open('one');
  viewers[0]?.onConnected();
  for (let i = 0; i < 12; i++) {
    await clock.advance(5000);
    direct.renew('one', 15_000);
  }
  expect([direct.sessions, source.consumers.size]).toEqual([1, 1]);
  await clock.advance(14_999);
  expect(direct.sessions).toBe(1);
  await clock.advance(1);
  expectNothingLeft();
});

test('the hub’s word counts from the first moment', async () => {
  await open('one', 'cam', 3000);
  viewers[0]?.onConnected();
  await clock.advance(3000);
  expectNothingLeft();
});

test('a camera that fails is waited for; when its stream is over, so is the session', async () => {
  await open('one');
  viewers[0]?.onConnected();
  source.say('failed', 'unreachable');
  expect(direct.sessions).toBe(1);
  source.say('stopped', 'stopped');
  expectNothingLeft();
  expect(closed).toBe(1);
});

test('a stream that was over before the viewer connected keeps nobody', async () => {
  const opened = source.open();
  const gone = new Direct({
    open: () => ({
      ...opened,
      subscribe: (consumer, options) => {
        const unsubscribe = opened.subscribe(consumer, options);
        consumer.onState?.('stopped', 'stopped');
        return unsubscribe;
      },
    }),
    addresses: { addresses: null, ports: null },
    maxSessions: 1,
    openPeer: async (_addresses, events) => {
      viewers.push(events);
      return { answer: async () => 'an answer', send: () => undefined, close: async () => undefined };
    },
    ...{ clock, log: silentLog },
  });
  await gone.open({ deviceId: 'cam', stream: 'main', sessionId: 'one', offer: OFFER, leaseMs: 15_000 });
  viewers[0]?.onConnected();
  expect(gone.sessions).toBe(0);
  expectNothingLeft();
});

test('with a device all of its sessions end, also those that are still being opened, and no other', async () => {
  await open('one', 'cam');
  await open('two', 'cam');
  await open('other', 'gate');
  viewers[0]?.onConnected();
  direct.endDevice('cam');
  expect(direct.sessions).toBe(1);
  expect(() => direct.renew('one', 1000)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  direct.renew('other', 15_000);
  await direct.stop();
  expectNothingLeft();
  expect(closed).toBe(3);
});
