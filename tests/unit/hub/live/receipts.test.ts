import { beforeEach, expect, test } from 'vitest';
import { MAX_RECEIPTS, type MediaReceipts, parseReceipts } from '../../../../contract/receipt.ts';
import { parseTopic } from '../../../../contract/topics.ts';
import { Receipts } from '../../../../hub/live/receipts.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

let clock: FakeClock;
let said: ({ edgeId: string } & MediaReceipts)[];
let receipts: Receipts;

beforeEach(() => {
  clock = new FakeClock();
  said = [];
  receipts = new Receipts({
    clock,
    publish: (topic, payload) => {
      const [to, read] = [parseTopic(topic), parseReceipts(payload)];
      if (to?.kind === 'receipts' && read !== null) said.push({ edgeId: to.edgeId, ...read });
    },
  });
  receipts.start();
});

function arrived(sequence: number, { edgeId = 'north', handle = 7, bytes = 1000 } = {}): void {
  receipts.arrived(edgeId, { handle, sequence, edgeAtMs: sequence * 40 }, bytes);
}

test('the first fragment is told at once, the last of each further 100 ms at their end, and then nothing', async () => {
  arrived(1);
  expect(said).toEqual([
    { edgeId: 'north', hubAtMs: expect.any(Number), receipts: [{ handle: 7, sequence: 1, edgeAtMs: 40 }] },
  ]);
  arrived(2);
  arrived(3);
  arrived(9, { handle: 8 });
  arrived(5, { edgeId: 'south' });
  expect(said.slice(1).map(({ edgeId }) => edgeId)).toEqual(['south']);
  await clock.advance(100);
  expect(said.at(-1)?.receipts.map(({ handle, sequence }) => [handle, sequence])).toEqual([
    [7, 3],
    [8, 9],
  ]);
  await clock.advance(10_000);
  expect(said.length).toBe(3);
});

test('where pictures come fast, what arrived is told every 20 ms from 64 kB on', async () => {
  for (let n = 1; n <= 40; n++) {
    arrived(n, { bytes: 16 * 1024 });
    await clock.advance(2);
  }
  expect(said.map((one) => one.receipts[0]?.sequence)).toEqual([1, 11, 21, 31]);
});

test('an edge with more handles than fit hears of all of them', async () => {
  for (let handle = 1; handle <= MAX_RECEIPTS + 10; handle++) arrived(handle, { handle, bytes: 1 });
  await clock.advance(100);
  expect(new Set(said.flatMap((one) => one.receipts.map(({ handle }) => handle))).size).toBe(MAX_RECEIPTS + 10);
});
