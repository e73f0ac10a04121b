import { expect, test } from 'vitest';
import { SendQueues } from '../../../../hub/broker/send-queues.ts';

/** A send that ends when it is told to. */
function held(): { send: () => Promise<void>; end: () => void; isBegun: () => boolean } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let begun = false;
  const send = (): Promise<void> => {
    begun = true;
    return promise;
  };
  return { send, end: resolve, isBegun: () => begun };
}

test('an edge gets one message after the other, in order', async () => {
  const queues = new SendQueues();
  const sent: number[] = [];
  const first = held();
  const all = [
    queues.send('north', first.send),
    ...[1, 2, 3].map((n) => queues.send('north', async () => void sent.push(n))),
  ];
  expect(first.isBegun()).toBe(true);
  await Promise.resolve();
  expect(sent).toEqual([]);
  expect(queues.counters()).toEqual({ unsent: 0, waiting: 3 });
  first.end();
  await Promise.all(all);
  expect(sent).toEqual([1, 2, 3]);
  expect(queues.counters()).toEqual({ unsent: 0, waiting: 0 });
});

test('an edge that does not read delays no other, and what it is not sent is said and counted', async () => {
  const queues = new SendQueues();
  const stuck = held();
  const waiting = [queues.send('south', stuck.send)];
  for (let n = 0; n < 512; n++) waiting.push(queues.send('south', async () => undefined));
  await expect(queues.send('south', async () => undefined)).rejects.toMatchObject({ code: 'EDGE_OFFLINE' });
  expect(queues.counters()).toEqual({ unsent: 1, waiting: 512 });
  let isSent = false;
  await queues.send('north', async () => {
    isSent = true;
  });
  expect(isSent).toBe(true);
  stuck.end();
  await Promise.all(waiting);
  await queues.send('south', async () => undefined);
});

test('a message that fails rejects its own sender only', async () => {
  const queues = new SendQueues();
  const failing = queues.send('north', () => Promise.reject(new Error('no')));
  const next = queues.send('north', async () => undefined);
  await expect(failing).rejects.toThrow('no');
  await next;
});
