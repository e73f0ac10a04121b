import { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { GatheredWrites } from '../../../../platform/net/gathered-writes.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

test('what is written in one turn leaves in one call, and in order', async () => {
  const calls: string[] = [];
  const stream = new Writable({
    writev: (chunks, done) => {
      calls.push(chunks.map(({ chunk }) => String(chunk)).join(''));
      done();
    },
  });
  const writes = new GatheredWrites(stream, new FakeClock());
  const write = (text: string): void => {
    writes.gather();
    // As a WebSocket does it: header and payload together.
    stream.cork();
    stream.write(text);
    stream.write(text);
    stream.uncork();
  };
  write('a');
  write('b');
  expect(calls).toEqual([]);
  await nextTurn();
  write('c');
  await nextTurn();
  expect(calls).toEqual(['aabb', 'cc']);
});

test('a stream that was destroyed meanwhile is left alone', async () => {
  const stream = new Writable({ write: (_chunk, _encoding, done) => done() });
  const writes = new GatheredWrites(stream, new FakeClock());
  writes.gather();
  stream.destroy();
  await nextTurn();
  expect(stream.destroyed).toBe(true);
});

test('with an interval the first write leaves at once, what follows waits until it is over', async () => {
  const calls: string[] = [];
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      calls.push(String(chunk));
      done();
    },
    writev: (chunks, done) => {
      calls.push(chunks.map(({ chunk }) => String(chunk)).join(''));
      done();
    },
  });
  const clock = new FakeClock();
  const writes = new GatheredWrites(stream, clock, 4);
  const write = (text: string): void => {
    writes.gather();
    stream.write(text);
  };
  write('a');
  await nextTurn();
  expect(calls).toEqual(['a']);
  write('b');
  await nextTurn();
  await clock.advance(3);
  write('c');
  await nextTurn();
  expect(calls).toEqual(['a']);
  await clock.advance(1);
  expect(calls).toEqual(['a', 'bc']);
  await clock.advance(10);
  write('d');
  await nextTurn();
  expect(calls).toEqual(['a', 'bc', 'd']);
});
