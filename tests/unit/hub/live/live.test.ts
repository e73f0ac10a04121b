import { beforeEach, describe, expect, test } from 'vitest';
import type { Device } from '../../../../contract/api/devices.ts';
import type { Session } from '../../../../hub/access/session.ts';
import { HubEvents } from '../../../../hub/hub-events.ts';
import { Live } from '../../../../hub/live/live.ts';
import type { FromMediaThread, LiveWorkerData, ToMediaThread } from '../../../../hub/live/protocol.ts';
import { silentLog } from '../../../../platform/log.ts';
import { FakeClock, settle } from '../../../support/fake-clock.ts';
import { LIMITS } from './fakes.ts';

const TOKEN = 'a'.repeat(43);
const COOKIE = `sharp_eyes_session=${TOKEN}`;

/** The media thread without a thread. */
class FakeWorker {
  readonly data: LiveWorkerData;
  readonly posts: ToMediaThread[] = [];
  say: (message: FromMediaThread) => void = () => undefined;
  die: (error: Error) => void = () => undefined;

  constructor(data: LiveWorkerData) {
    this.data = data;
  }

  start(say: (message: FromMediaThread) => void, die: (error: Error) => void) {
    this.say = say;
    this.die = die;
    return Promise.resolve({ livePort: 4001, mediaPort: 4002 });
  }

  post(message: ToMediaThread): void {
    this.posts.push(message);
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  of<T extends ToMediaThread['type']>(type: T): Extract<ToMediaThread, { type: T }>[] {
    return this.posts.filter((post): post is Extract<ToMediaThread, { type: T }> => post.type === type);
  }
}

let clock: FakeClock;
let events: HubEvents;
let workers: FakeWorker[];
let session: Session | null;
let areas: Set<string | null>;
let orders: string[];
let live: Live;

beforeEach(async () => {
  clock = new FakeClock();
  events = new HubEvents();
  workers = [];
  orders = [];
  areas = new Set(['lake']);
  session = {
    ...{ sessionId: 's-1', account: 'li', displayName: 'Li', role: 'operator', areas: ['lake'] },
    ...{ expiresAtMs: clock.nowMs() + 1e9, mustChangePassword: false },
  };
  live = new Live({
    thread: {
      source: { kind: 'embedded', host: '127.0.0.1', port: 0, connections: 1, packetBytes: 1 },
      ...{ listen: { host: '127.0.0.1', port: 0 }, tls: null, limits: LIMITS },
    },
    ...{ maxStreams: 100, events, clock, log: silentLog },
    orders: {
      send: (_edgeId, name) => {
        orders.push(name);
        return Promise.resolve({} as never);
      },
    },
    device: (deviceId) => {
      const [region] = deviceId.split('-');
      if (region === 'no') return null;
      return { deviceId, edgeId: 'north', regionId: region ?? null, online: true, reason: 'ok', edge: null } as Device;
    },
    isEdgeOnline: () => true,
    isAuthenticEdge: async (edgeId, secret) => edgeId === 'north' && Buffer.from(secret).toString() === 'right',
    session: async () => session,
    mayView: (_session, regionId) => areas.has(regionId),
    onViolation: () => undefined,
    newWorker: (data) => {
      const worker = new FakeWorker(data);
      workers.push(worker);
      return worker;
    },
  });
  await live.start();
});

function worker(): FakeWorker {
  const newest = workers.at(-1);
  if (newest === undefined) throw new Error('there is no worker');
  return newest;
}
async function admit(viewerId = 1): Promise<void> {
  worker().say({ type: 'viewer', request: viewerId, viewerId, cookie: COOKIE });
  await settle();
}
function watch(tile: string, deviceId = 'lake-cam', viewerId = 1): void {
  const order = { tile, deviceId, stream: 'main', width: 0, height: 0, priority: 0, audio: false } as const;
  worker().say({ type: 'watch', viewerId, order });
}
const told = () =>
  worker()
    .of('tell')
    .map(({ message }) => [message.tile, message.reason]);

describe('who is let in', () => {
  test('an edge with its secret, nobody with another', async () => {
    worker().say({ type: 'edge', request: 1, edgeId: 'north', secret: Buffer.from('right') });
    worker().say({ type: 'edge', request: 2, edgeId: 'north', secret: Buffer.from('wrong') });
    await settle();
    expect(
      worker()
        .of('edge')
        .map(({ isAuthentic }) => isAuthentic),
    ).toEqual([true, false]);
  });

  test('a viewer with a session, nobody without', async () => {
    await admit(1);
    worker().say({ type: 'viewer', request: 2, viewerId: 2, cookie: '' });
    session = null;
    await admit(3);
    expect(
      worker()
        .of('viewer')
        .map(({ isAdmitted }) => isAdmitted),
    ).toEqual([true, false, false]);
    watch('a', 'lake-cam', 2);
    expect(worker().of('attach')).toEqual([]);
  });
});

describe('what may be watched', () => {
  test('a camera inside the area; else the reason', async () => {
    await admit();
    watch('a');
    watch('b', 'hill-cam');
    watch('c', 'no-cam');
    expect(
      worker()
        .of('attach')
        .map(({ message }) => message.tile),
    ).toEqual(['a']);
    expect(told()).toEqual([
      ['b', 'no-permission'],
      ['c', 'unknown-device'],
    ]);
  });

  test('36 tiles of one viewer', async () => {
    await admit();
    for (let i = 0; i < 37; i++) watch(`tile-${i}`, `lake-${i}`);
    expect(worker().of('attach')).toHaveLength(36);
    expect(told()).toEqual([['tile-36', 'limit']]);
    watch('tile-3', 'lake-99');
    expect(worker().of('attach')).toHaveLength(37);
  });

  test('a tile that turns to something forbidden loses its old pictures', async () => {
    await admit();
    watch('a');
    watch('a', 'hill-cam');
    expect(worker().of('detach')).toEqual([{ type: 'detach', viewerId: 1, tile: 'a' }]);
    await clock.advance(5000);
    expect(orders).toContain('live.stop');
  });

  test('until the account loses the area, the session ends or the viewer goes', async () => {
    await admit();
    watch('a');
    areas.clear();
    events.emit('accountChanged', 'li');
    await settle();
    expect(told()).toEqual([['a', 'no-permission']]);
    events.emit('sessionEnded', { account: 'wang', exceptSessionId: null });
    expect(worker().of('end-viewer')).toEqual([]);
    events.emit('sessionEnded', { sessionId: 's-1' });
    expect(worker().of('end-viewer')).toEqual([{ type: 'end-viewer', viewerId: 1 }]);
  });

  test('until the camera is moved out of the area or taken out, and only that one ends', async () => {
    await admit();
    watch('a');
    watch('b', 'hut-cam');
    expect(told()).toEqual([['b', 'no-permission']]);
    areas.add('hut');
    watch('b', 'hut-cam');
    areas.delete('lake');
    events.emit('deviceRemoved', 'hut-other', 'hut');
    expect(worker().of('detach')).toHaveLength(1);
    events.emit('deviceRemoved', 'lake-cam', 'lake');
    expect(worker().of('detach').slice(1)).toEqual([{ type: 'detach', viewerId: 1, tile: 'a' }]);
    expect(told().at(-1)).toEqual(['a', 'no-permission']);
  });

  test('a session that is over is noticed without being told', async () => {
    await admit();
    session = null;
    await clock.advance(15_000);
    expect(worker().of('end-viewer')).toEqual([{ type: 'end-viewer', viewerId: 1 }]);
  });

  test('when its last viewer is gone the stream ends', async () => {
    await admit();
    watch('a');
    watch('b');
    worker().say({ type: 'gone', viewerId: 1 });
    await clock.advance(5000);
    expect(orders.at(-1)).toBe('live.stop');
    expect(live.counters()['watchedStreams']).toBe(0);
  });
});

describe('when the media thread dies', () => {
  test('it is started again on the same ports, and viewers who come back get their pictures', async () => {
    await admit();
    watch('a');
    worker().die(new Error('boom'));
    await clock.advance(1000);
    expect(workers).toHaveLength(2);
    expect(worker().data).toMatchObject({ listen: { port: 4001 }, source: { port: 4002 } });
    await admit(9);
    watch('a', 'lake-cam', 9);
    expect(worker().of('open')).toHaveLength(1);
    expect(worker().of('attach')).toMatchObject([{ viewerId: 9, message: { tile: 'a' } }]);
    expect(live.counters()['threadRestarts']).toBe(1);
  });

  test('a stopped hub does not start it again, and no timer is left', async () => {
    worker().die(new Error('boom'));
    await live.stop();
    await clock.advance(5000);
    expect(workers).toHaveLength(1);
    expect(clock.timers).toBe(0);
  });
});
