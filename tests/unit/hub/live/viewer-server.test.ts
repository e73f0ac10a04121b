import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type ViewerConnection, ViewerServer } from '../../../../hub/live/viewer-server.ts';
import { silentLog } from '../../../../platform/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { waitFor } from '../../../support/wait.ts';

let clock: FakeClock;
let server: ViewerServer;
let port: number;
let texts: string[];
let viewers: ViewerConnection[];
let gone: number[];
let socket: WebSocket;

beforeEach(async () => {
  clock = new FakeClock();
  texts = [];
  viewers = [];
  const left: number[] = [];
  gone = left;
  server = new ViewerServer({
    ...{ host: '127.0.0.1', port: 0, tls: null, limits: { viewers: 3 }, clock, log: silentLog },
    admit: async () => 'admitted',
    onViewer: (connection) => viewers.push(connection),
    onMessage: (_connection, text) => texts.push(text),
    onSound: () => false,
    onGone: (viewerId) => left.push(viewerId),
  });
  port = await server.start();
  socket = new WebSocket(`ws://127.0.0.1:${port}/live`);
  await new Promise((resolve) => socket.once('open', resolve));
});
afterEach(async () => {
  socket.terminate();
  await server.stop();
});

/** Answers no close frame: whoever floods does not say goodbye. */
function keepOpen(): void {
  socket.close = () => undefined;
}

test('who says too much is told to go, and what it says afterwards is heard no more', async () => {
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  for (let i = 0; i < 230; i++) socket.send(`text ${i}`);
  expect(await closed).toBe(1008);
  expect(texts).toEqual(Array.from({ length: 200 }, (_, i) => `text ${i}`));
  expect(server.counters()['floods']).toBe(1);
});

test('who has no right to send sound is told to go as well, and one text behind it is not heard', async () => {
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  socket.send(Buffer.from('sound'));
  socket.send('text');
  expect(await closed).toBe(1008);
  expect(texts).toEqual([]);
});

test('who goes on flooding after that is cut off at once', async () => {
  keepOpen();
  for (let i = 0; i < 500; i++) socket.send('flood');
  await waitFor('its end', () => gone.length === 1 && server.viewers === 0, 10_000);
  expect(texts).toHaveLength(200);
  expect(gone).toEqual(viewers.map(({ viewerId }) => viewerId));
});
