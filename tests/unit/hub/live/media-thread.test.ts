import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { MediaThread } from '../../../../hub/live/media-thread.ts';
import type { FromMediaThread } from '../../../../hub/live/protocol.ts';
import { silentLog } from '../../../../platform/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { waitFor } from '../../../support/wait.ts';
import { LIMITS } from './fakes.ts';

let clock: FakeClock;
let said: FromMediaThread[];
let thread: MediaThread;
let livePort: number;
const sockets: WebSocket[] = [];

function newThread(): MediaThread {
  const heard: FromMediaThread[] = [];
  said = heard;
  return new MediaThread(
    {
      source: { kind: 'embedded', host: '127.0.0.1', port: 0, connections: 10, packetBytes: 1e6 },
      ...{ listen: { host: '127.0.0.1', port: 0 }, tls: null, limits: LIMITS },
    },
    { clock, log: silentLog, post: (message) => heard.push(message) },
  );
}

beforeEach(async () => {
  clock = new FakeClock();
  thread = newThread();
  livePort = (await thread.start()).livePort;
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await thread.stop();
});

const of = <T extends FromMediaThread['type']>(type: T): Extract<FromMediaThread, { type: T }>[] =>
  said.filter((message): message is Extract<FromMediaThread, { type: T }> => message.type === type);

/** Somebody knocks; gives what the main thread is asked, and what becomes of it. */
async function knock(port = livePort) {
  const before = of('viewer').length;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/live`, { headers: { cookie: 'a=b' } });
  sockets.push(socket);
  const outcome = new Promise<number>((resolve) => {
    socket.on('open', () => resolve(101));
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.on('error', () => undefined);
  });
  const asked = await waitFor('the question', () => of('viewer')[before]);
  return { socket, asked, outcome };
}

test('a viewer is asked for with its cookie and address, and hears how many there may be', async () => {
  const [first, second] = [await knock(), await knock()];
  expect(first.asked).toMatchObject({ cookie: 'a=b', address: '127.0.0.1' });
  thread.take({ ...first.asked, admission: 'admitted' });
  thread.take({ ...second.asked, admission: 'too-many' });
  expect([await first.outcome, await second.outcome]).toEqual([101, 429]);
});

test('a viewer that was turned away because nobody answered is taken back when the answer comes after all', async () => {
  const { asked, outcome } = await knock();
  await clock.advance(10_000);
  expect(await outcome).toBe(401);
  expect(of('gone')).toEqual([]);
  thread.take({ ...asked, admission: 'not-signed-in' });
  expect(of('gone')).toEqual([]);
  thread.take({ ...asked, admission: 'admitted' });
  expect(of('gone')).toEqual([{ type: 'gone', viewerId: asked.viewerId }]);
});

test('an answer that was meant for the thread before settles nothing', async () => {
  const before = await knock();
  await thread.stop();
  thread = newThread();
  livePort = (await thread.start()).livePort;
  const stranger = await knock();
  expect(stranger.asked.request).not.toBe(before.asked.request);
  expect(stranger.asked.viewerId).not.toBe(before.asked.viewerId);
  thread.take({ ...before.asked, admission: 'admitted' });
  thread.take({ ...stranger.asked, admission: 'not-signed-in' });
  expect(await stranger.outcome).toBe(401);
});

test('a tile that was given back before its pictures began gets none', async () => {
  const { socket, asked, outcome } = await knock();
  thread.take({ ...asked, admission: 'admitted' });
  await outcome;
  const { viewerId } = asked;
  const texts: string[] = [];
  socket.on('message', (data) => texts.push(String(data)));
  const order = { tile: 'a', deviceId: 'cam', stream: 'main', width: 0, height: 0, priority: 0, audio: false };
  socket.send(JSON.stringify({ type: 'watch', ...order }));
  socket.send(JSON.stringify({ type: 'unwatch', tile: 'a' }));
  await waitFor('both wishes', () => of('unwatch').length === 1);
  thread.take({ type: 'open', handle: 7, edgeId: 'north', streamKey: 'cam.main', reason: 'starting', sinceMs: 0 });
  const message = { type: 'watching', tile: 'a', handle: 7, deviceId: 'cam', stream: 'main', why: 'asked' } as const;
  thread.take({ type: 'attach', viewerId, message, audio: false, mpeg1: false });
  thread.take({ type: 'detach', viewerId, tile: 'a' });
  thread.take({ type: 'reason', handle: 7, reason: 'live', sinceMs: 5 });
  socket.send(JSON.stringify({ type: 'ping', sentAtMs: 1 }));
  await waitFor('the answer to what came last', () => texts.some((text) => text.includes('pong')));
  expect(texts.filter((text) => text.includes('"live"'))).toEqual([]);
});
