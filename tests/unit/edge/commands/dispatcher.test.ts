import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { COMMANDS, type CommandReply } from '../../../../contract/command.ts';
import { SharpEyesError } from '../../../../contract/errors.ts';
import { CommandDispatcher, type CommandTable } from '../../../../edge/commands/dispatcher.ts';
import { silentLog } from '../../../../platform/log.ts';
import { FakeClock, settle } from '../../../support/fake-clock.ts';

let clock: FakeClock;
let replies: CommandReply[];
let calls: { name: string; params: unknown }[];
let answer: (name: string, signal: AbortSignal) => unknown;
let dispatcher: CommandDispatcher;

beforeEach(() => {
  clock = new FakeClock();
  replies = [];
  calls = [];
  answer = () => ({});
  const handlers = Object.fromEntries(
    Object.keys(COMMANDS).map((name) => [
      name,
      (params: unknown, signal: AbortSignal) => {
        calls.push({ name, params });
        return answer(name, signal);
      },
    ]),
  ) as unknown as CommandTable;
  dispatcher = new CommandDispatcher({
    handlers,
    clock,
    log: silentLog,
    reply: (json) => replies.push(JSON.parse(json) as CommandReply),
  });
});

function send(message: unknown): void {
  dispatcher.receive(Buffer.from(JSON.stringify(message)));
}

function order(id: string, name: string, params: unknown, ttlMs = 5000): void {
  send({ id, name, params, ttlMs, sentAtMs: 0 });
}

test('an order is checked, carried out and answered', async () => {
  answer = () => ({ candidates: 3 });
  order('a', 'discovery.run', {});
  await settle();
  expect(replies).toEqual([{ id: 'a', ok: true, result: { candidates: 3 } }]);
});

test('an order that comes twice is carried out once and answered both times', async () => {
  order('a', 'device.remove', { deviceId: 'cam' });
  await settle();
  order('a', 'device.remove', { deviceId: 'cam' });
  await settle();
  expect(calls).toHaveLength(1);
  expect(replies).toHaveLength(2);
  expect(replies[1]).toEqual(replies[0]);
});

test('wrong parameters and unknown names are answered, not carried out', async () => {
  order('a', 'device.remove', { deviceId: '../etc' });
  order('b', 'shell.run', { command: 'ls' });
  order('c', 'toString', {});
  await settle();
  expect(replies.map(({ id, error }) => [id, error?.code])).toEqual([
    ['a', 'INVALID_BODY'],
    ['b', 'NOT_FOUND'],
    ['c', 'NOT_FOUND'],
  ]);
  expect(calls).toEqual([]);
});

test('an order is given up when its time is over', async () => {
  let aborted = false;
  answer = (_name, signal) => {
    signal.addEventListener('abort', () => {
      aborted = true;
    });
    return new Promise(() => undefined);
  };
  order('a', 'discovery.run', {}, 300);
  await clock.advance(299);
  expect(replies).toEqual([]);
  await clock.advance(1);
  expect(replies[0]?.error?.code).toBe('TIMEOUT');
  expect(aborted).toBe(true);
});

test('errors of the registry keep their code; others do not tell what they are', async () => {
  answer = () => {
    throw new SharpEyesError('DEVICE_UNKNOWN', 'no device cam');
  };
  order('a', 'device.remove', { deviceId: 'cam' });
  answer = (name) => {
    if (name === 'discovery.run') throw new Error('secret detail');
    throw new SharpEyesError('DEVICE_UNKNOWN', 'no device cam');
  };
  order('b', 'discovery.run', {});
  await settle();
  expect(replies.find(({ id }) => id === 'a')?.error).toEqual({ code: 'DEVICE_UNKNOWN', message: 'no device cam' });
  expect(replies.find(({ id }) => id === 'b')?.error?.code).toBe('INTERNAL');
  expect(JSON.stringify(replies)).not.toContain('secret detail');
});

test('too many orders at once are refused, and a later one is taken again', async () => {
  const release: (() => void)[] = [];
  answer = () => new Promise((resolve) => release.push(() => resolve({ candidates: 0 })));
  for (let i = 0; i < 40; i++) order(`o${i}`, 'discovery.run', {});
  await settle();
  expect(replies.filter(({ error }) => error?.code === 'LIMIT_REACHED')).toHaveLength(8);
  for (const run of release) run();
  await settle();
  answer = () => ({ candidates: 0 });
  order('later', 'discovery.run', {});
  await settle();
  expect(replies.at(-1)).toMatchObject({ id: 'later', ok: true });
});

test('an answer that is too large becomes an error', async () => {
  answer = () => ({ jpegBase64: 'x'.repeat(9_000_000) });
  order('a', 'device.snapshot', { deviceId: 'cam' });
  await settle();
  expect(replies[0]?.error?.code).toBe('LIMIT_REACHED');
});

test('survives any bytes', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.json().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        dispatcher.receive(bytes);
        expect(calls).toEqual([]);
      },
    ),
  );
});
