import { beforeEach, describe, expect, test } from 'vitest';
import type { CommandRequest } from '../../../../contract/command.ts';
import { topics } from '../../../../contract/topics.ts';
import type { LinkHandler } from '../../../../hub/broker/link.ts';
import { Commands } from '../../../../hub/commands/commands.ts';
import { FakeClock, settle } from '../../../support/fake-clock.ts';

let clock: FakeClock;
let handler: LinkHandler;
let sent: { topic: string; request: CommandRequest }[];
let online: Map<string, boolean>;
let publishes: () => Promise<void>;
let commands: Commands;

beforeEach(() => {
  clock = new FakeClock();
  sent = [];
  online = new Map([
    ['north', true],
    ['south', true],
    ['away', false],
  ]);
  publishes = () => Promise.resolve();
  commands = new Commands({
    clock,
    isOnline: (edgeId) => online.get(edgeId) ?? null,
    link: {
      publish: (topic, payload) => {
        sent.push({ topic, request: JSON.parse(String(payload)) as CommandRequest });
        return publishes();
      },
      onMessage: (listener) => {
        handler = listener;
        return () => undefined;
      },
    },
  });
  commands.start();
});

function answer(edgeId: string, reply: object): void {
  handler(topics.replies(edgeId), Buffer.from(JSON.stringify(reply)), { retain: false });
}
const lastId = (): string => sent.at(-1)?.request.id ?? '';

describe('an order', () => {
  test('travels with id, time and expiry, and resolves with its result', async () => {
    const result = commands.send('north', 'discovery.run', {}, { timeoutMs: 5000 });
    expect(sent).toMatchObject([
      {
        topic: topics.commands('north'),
        request: { name: 'discovery.run', params: {}, ttlMs: 5000, sentAtMs: clock.nowMs() },
      },
    ]);
    answer('north', { id: lastId(), ok: true, result: { candidates: 3 } });
    await expect(result).resolves.toEqual({ candidates: 3 });
    expect(clock.timers).toBe(0);
  });

  test('rejects with the code that the edge answered', async () => {
    const result = commands.send('north', 'device.snapshot', { deviceId: 'cam' });
    answer('north', { id: lastId(), ok: false, error: { code: 'DEVICE_UNREACHABLE', message: 'no answer' } });
    await expect(result).rejects.toMatchObject({ code: 'DEVICE_UNREACHABLE', message: 'no answer' });
  });

  test.each([
    ['a result of another shape', { ok: true, result: { candidates: 'three' } }],
    ['no result', { ok: true }],
    ['an unknown code', { ok: false, error: { code: 'OF_A_LATER_VERSION', message: 'hm' } }],
    ['no error', { ok: false }],
  ])('rejects with EDGE_PROTOCOL for %s', async (_, reply) => {
    const result = commands.send('north', 'discovery.run', {});
    answer('north', { id: lastId(), ...reply });
    await expect(result).rejects.toMatchObject({ code: 'EDGE_PROTOCOL' });
  });

  test('rejects with TIMEOUT when nobody answers, and ignores the late answer', async () => {
    const result = commands.send('north', 'discovery.run', {}, { timeoutMs: 2000 });
    const failed = expect(result).rejects.toMatchObject({ code: 'TIMEOUT' });
    await clock.advance(2000);
    await failed;
    answer('north', { id: lastId(), ok: true, result: { candidates: 1 } });
    expect(commands.counters()).toMatchObject({ timedOut: 1, strayReplies: 1, pending: 0 });
  });

  test('is not sent to an edge that is away or unknown', async () => {
    await expect(commands.send('away', 'discovery.run', {})).rejects.toMatchObject({ code: 'EDGE_OFFLINE' });
    await expect(commands.send('nobody', 'discovery.run', {})).rejects.toMatchObject({ code: 'EDGE_UNKNOWN' });
    expect(sent).toEqual([]);
  });

  test('ends at once when the edge goes away, when sending fails and when the hub stops', async () => {
    const gone = commands.send('north', 'discovery.run', {});
    online.set('north', false);
    handler(topics.status('north'), Buffer.from('{}'), { retain: false });
    await expect(gone).rejects.toMatchObject({ code: 'EDGE_OFFLINE' });
    publishes = () => Promise.reject(new Error('no broker'));
    await expect(commands.send('south', 'discovery.run', {})).rejects.toMatchObject({ code: 'EDGE_OFFLINE' });
    publishes = () => Promise.resolve();
    const waiting = commands.send('south', 'discovery.run', {});
    commands.stop();
    await expect(waiting).rejects.toMatchObject({ code: 'EDGE_OFFLINE' });
    await settle();
    expect(clock.timers).toBe(0);
  });

  test('is answered only by its own edge', async () => {
    const result = commands.send('north', 'discovery.run', {});
    answer('south', { id: lastId(), ok: true, result: { candidates: 99 } });
    handler(topics.replies('north'), Buffer.from('no json'), { retain: false });
    expect(commands.counters()['strayReplies']).toBe(2);
    answer('north', { id: lastId(), ok: true, result: { candidates: 1 } });
    await expect(result).resolves.toEqual({ candidates: 1 });
  });

  test('beyond the bound for one edge others still get theirs', async () => {
    const waiting = Array.from({ length: 100 }, () => commands.send('north', 'discovery.run', {}));
    const ended = Promise.allSettled(waiting);
    await expect(commands.send('north', 'discovery.run', {})).rejects.toMatchObject({ code: 'LIMIT_REACHED' });
    const other = commands.send('south', 'discovery.run', {});
    answer('south', { id: lastId(), ok: true, result: { candidates: 1 } });
    await expect(other).resolves.toEqual({ candidates: 1 });
    commands.stop();
    await ended;
  });

  test('orders about streams leave room for the others of the same edge', async () => {
    const stream = { deviceId: 'camera-1', stream: 'main' } as const;
    const waiting = Array.from({ length: 90 }, () => commands.send('north', 'live.stop', stream));
    const ended = Promise.allSettled(waiting);
    await expect(commands.send('north', 'live.stop', stream)).rejects.toMatchObject({ code: 'LIMIT_REACHED' });
    const other = commands.send('north', 'discovery.run', {});
    answer('north', { id: lastId(), ok: true, result: { candidates: 1 } });
    await expect(other).resolves.toEqual({ candidates: 1 });
    commands.stop();
    await ended;
  });
});
