import { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { OneWritePerTurn } from '../../../../platform/net/one-write-per-turn.ts';

test('what is written in one turn leaves in one call, and in order', async () => {
  const calls: string[] = [];
  const stream = new Writable({
    writev: (chunks, done) => {
      calls.push(chunks.map(({ chunk }) => String(chunk)).join(''));
      done();
    },
  });
  const writes = new OneWritePerTurn(stream);
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
  const writes = new OneWritePerTurn(stream);
  writes.gather();
  stream.destroy();
  await nextTurn();
  expect(stream.destroyed).toBe(true);
});
