import { createServer, type Server } from 'node:net';
import { Aedes } from 'aedes';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MediaLink } from '../../../../edge/live/media-link.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { RecordingLog } from '../../../support/recording-log.ts';
import { waitFor } from '../../../support/wait.ts';

let broker: Aedes;
let server: Server;
let clock: FakeClock;
let link: MediaLink;
let log: RecordingLog;

beforeEach(async () => {
  broker = await Aedes.createBroker();
  server = createServer((socket) => broker.handle(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  clock = new FakeClock();
  log = new RecordingLog();
  const target = { url: `mqtt://127.0.0.1:${port}`, edgeId: 'north', secret: 's', caPem: null };
  link = new MediaLink(target, clock, log);
});

afterEach(async () => {
  await link.stop();
  await new Promise<void>((resolve) => broker.close(() => resolve()));
  await new Promise((resolve) => server.close(resolve));
});

test('a failure at the beginning ends the connection, and the next one works', async () => {
  let connects = 0;
  link.start(
    () => {
      connects += 1;
      if (connects === 1) throw new Error('no stream can begin');
    },
    () => undefined,
  );
  await waitFor('the failure', () => log.entries.some(({ message }) => message.includes('no stream can begin')), 5000);
  expect(link.connected).toBe(false);
  await waitFor('no connection left', () => broker.connectedClients === 0, 5000);
  await waitFor('the next one', async () => {
    await clock.advance(1000);
    return link.connected;
  });
  expect(connects).toBe(2);
});
