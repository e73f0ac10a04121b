import { expect, test } from 'vitest';
import { StatusBoard } from '../../../../edge/supervision/status-board.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

test('a problem keeps its beginning while its sentence changes, and goes when it is over', async () => {
  const clock = new FakeClock(1000);
  const board = new StatusBoard(clock);
  let changes = 0;
  board.onChange(() => {
    changes += 1;
  });
  board.raise('STORAGE', 'full', 'recording');
  board.raise('STORAGE', 'full', 'outbox');
  await clock.advance(500);
  board.raise('STORAGE', 'full', 'recording');
  expect(changes).toBe(2);
  board.raise('STORAGE', 'fuller', 'recording');
  expect(board.problems).toEqual([
    { code: 'STORAGE', message: 'fuller', sinceMs: 1000 },
    { code: 'STORAGE', message: 'full', sinceMs: 1000 },
  ]);
  board.clear('STORAGE', 'recording');
  board.clear('STORAGE', 'recording');
  expect(changes).toBe(4);
  expect(board.problems).toHaveLength(1);
});

test('what the status may hold is bounded', () => {
  const board = new StatusBoard(new FakeClock());
  for (let i = 0; i < 100; i++) {
    board.raise('X', 'y'.repeat(1000), String(i));
    board.listens(`listener ${i}`, 'a');
  }
  expect(board.problems).toHaveLength(32);
  expect(board.problems[0]?.message).toHaveLength(512);
  expect(board.listeners).toHaveLength(16);
});

test('drops are summed by cause', () => {
  const board = new StatusBoard(new FakeClock());
  board.countDropped('samples', 3);
  board.countDropped('samples');
  expect(board.dropped).toEqual({ samples: 4 });
});
