import { beforeEach, describe, expect, test } from 'vitest';
import type { Device } from '../../../../contract/api/devices.ts';
import type { StreamInfo } from '../../../../contract/device.ts';
import type { WatchOrder } from '../../../../contract/live.ts';
import type { Session } from '../../../../hub/access/session.ts';
import type { AuditRecord } from '../../../../hub/audit/audit-log.ts';
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
let sessionAnswer: () => Promise<Session | null>;
let areas: Set<string | null>;
let mayTalk: boolean;
let audit: AuditRecord[];
let orders: string[];
/** Streams of every camera, as its edge reports them. */
let cameraStreams: Pick<StreamInfo, 'name' | 'codec' | 'width'>[];
/** What the edge sends whatever it is asked for; null: just that. */
let instead: 'main' | 'sub' | null;
let live: Live;

beforeEach(async () => {
  clock = new FakeClock();
  events = new HubEvents();
  workers = [];
  orders = [];
  cameraStreams = [];
  instead = null;
  areas = new Set(['lake']);
  sessionAnswer = async () => session;
  mayTalk = false;
  audit = [];
  session = {
    ...{ sessionId: 's-1', account: 'li', displayName: 'Li', role: 'operator', areas: ['lake'] },
    ...{ expiresAtMs: clock.nowMs() + 1e9, mustChangePassword: false },
  };
  live = new Live({
    thread: {
      source: { kind: 'embedded', host: '127.0.0.1', port: 0, connections: 1, packetBytes: 1 },
      ...{ listen: { host: '127.0.0.1', port: 0 }, tls: null, limits: LIMITS },
    },
    ...{ maxStreams: 100, viewersPerAccount: 4, events, clock, log: silentLog },
    orders: {
      send: (_edgeId, name, params) => {
        orders.push(name);
        const { stream } = params as { stream: string };
        return Promise.resolve({ stream: instead ?? stream } as never);
      },
    },
    device: (deviceId) => {
      const [region] = deviceId.split('-');
      if (region === 'no') return null;
      const edge = { streams: cameraStreams, abilities: { ptz: false, listen: true, talk: true } };
      return { deviceId, edgeId: 'north', regionId: region ?? null, online: true, reason: 'ok', edge } as Device;
    },
    isEdgeOnline: () => true,
    isAuthenticEdge: async (edgeId, secret) => edgeId === 'north' && Buffer.from(secret).toString() === 'right',
    session: () => sessionAnswer(),
    mayView: (_session, regionId) => areas.has(regionId),
    mayTalk: () => mayTalk,
    audit: { append: async (record) => void audit.push(record) as never },
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
  worker().say({ ...knock(viewerId), cookie: COOKIE });
  await settle();
}
function knock(viewerId: number) {
  return { type: 'viewer', request: viewerId, viewerId, cookie: '', address: '10.0.0.9' } as const;
}
function watch(tile: string, deviceId = 'lake-cam', viewerId = 1, more: Partial<WatchOrder> = {}): void {
  const plain = { stream: 'main', width: 0, height: 0, priority: 0, audio: false } as const;
  const order = { tile, deviceId, ...plain, ...more };
  worker().say({ type: 'watch', viewerId, order });
}
const told = () =>
  worker()
    .of('tell')
    .flatMap(({ message }) => (message.type === 'tile' ? [[message.tile, message.reason]] : []));
const announced = () =>
  worker()
    .posts.flatMap((post) => ('message' in post && 'why' in post.message ? [post.message] : []))
    .map(({ tile, stream, why }) => `${tile} ${stream} ${why}`);

const admissions = () =>
  worker()
    .of('viewer')
    .map(({ viewerId, admission }) => `${viewerId} ${admission}`);

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
    worker().say(knock(2));
    session = null;
    await admit(3);
    expect(admissions()).toEqual(['1 admitted', '2 not-signed-in', '3 not-signed-in']);
    watch('a', 'lake-cam', 2);
    expect(worker().of('attach')).toEqual([]);
  });

  test('so many viewers of one account, and of another one beside them', async () => {
    for (let id = 1; id <= 5; id++) await admit(id);
    worker().say({ type: 'gone', viewerId: 2 });
    await admit(6);
    if (session !== null) session = { ...session, account: 'wang' };
    await admit(7);
    expect(admissions().slice(3)).toEqual(['4 admitted', '5 too-many', '6 admitted', '7 admitted']);
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

  test('nothing, once a tile is given back in the same breath: the thread hears of it after the pictures', async () => {
    await admit();
    watch('a');
    worker().say({ type: 'unwatch', viewerId: 1, tile: 'a' });
    const order = worker().posts.flatMap(({ type }) => (type === 'attach' || type === 'detach' ? [type] : []));
    expect(order).toEqual(['attach', 'detach']);
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

describe('more wishes than orders may follow', () => {
  const TILES = Array.from({ length: 36 }, (_, i) => `tile-${i}`);

  test('a wall that opens and changes its layout at once gets everything at once', async () => {
    await admit();
    for (const tile of TILES) watch(tile, `lake-${tile}`);
    for (const tile of TILES) watch(tile, `lake-other-${tile}`);
    expect(worker().of('attach')).toHaveLength(72);
    expect(told()).toEqual([]);
  });

  test('a tile above that is told so, and gets its last wish a moment later', async () => {
    await admit();
    for (let i = 0; i < 80; i++) watch('a', `lake-${i}`);
    watch('b', 'lake-first');
    watch('b', 'lake-last');
    watch('c', 'lake-c');
    worker().say({ type: 'unwatch', viewerId: 1, tile: 'c' });
    expect(told()).toEqual([
      ['b', 'limit'],
      ['b', 'limit'],
      ['c', 'limit'],
    ]);
    expect(worker().of('attach')).toHaveLength(80);
    await clock.advance(500);
    expect(worker().of('attach').slice(80)).toMatchObject([{ message: { tile: 'b', deviceId: 'lake-last' } }]);
    await clock.advance(5000);
    expect(worker().of('attach')).toHaveLength(81);
  });

  test('nobody begins more than twenty streams a second in the long run, and another viewer does not notice', async () => {
    await admit(1);
    await admit(2);
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < 200; i++) watch('a', `lake-${round}-${i}`);
      await clock.advance(1000);
    }
    await settle();
    const before = worker().of('attach').length;
    expect(before).toBeLessThanOrEqual(80 + 10 * 20);
    for (const tile of TILES) watch(tile, `lake-${tile}`, 2);
    expect(worker().of('attach')).toHaveLength(before + 36);
  });

  test('what a viewer says it decodes costs as much as the tiles it changes, and counts in the end', async () => {
    await admit();
    cameraStreams = [{ name: 'main', codec: 'hvc1.1.6.L93.B0', width: 1920 }];
    for (const tile of TILES) watch(tile, `lake-${tile}`);
    for (let i = 0; i < 20; i++) {
      worker().say({ type: 'hello', viewerId: 1, codecs: ['h264', 'h265'] });
      worker().say({ type: 'hello', viewerId: 1, codecs: ['h264'] });
    }
    expect(worker().of('attach').length).toBeLessThanOrEqual(80);
    expect(announced().at(-1)).toBe('tile-35 main asked');
    await clock.advance(5000);
    const last = TILES.map((tile) => announced().findLast((text) => text.startsWith(`${tile} `)));
    expect(last).toEqual(TILES.map((tile) => `${tile} main transcoded`));
  });

  test('what waits is gone with its viewer and with the hub', async () => {
    await admit();
    for (let i = 0; i < 90; i++) watch(`tile-${i % 3}`, `lake-${i}`);
    worker().say({ type: 'gone', viewerId: 1 });
    const before = worker().of('attach').length;
    await clock.advance(5000);
    expect(worker().of('attach')).toHaveLength(before);
    await admit(2);
    for (let i = 0; i < 90; i++) watch('a', `lake-${i}`, 2);
    await live.stop();
    expect(clock.timers).toBe(0);
  });
});

test('who speaks is written down with the address', async () => {
  await admit();
  mayTalk = true;
  worker().say({ type: 'talk', viewerId: 1, deviceId: 'lake-box' });
  await settle();
  worker().say({ type: 'talk-end', viewerId: 1 });
  await settle();
  expect(audit).toMatchObject([
    { action: 'talk.begin', address: '10.0.0.9' },
    { action: 'talk.end', address: '10.0.0.9' },
  ]);
});

describe('which stream a tile gets', () => {
  const H265_MAIN = { name: 'main', codec: 'hvc1.1.6.L93.B0', width: 1920 } as const;
  const SUB = { name: 'sub', codec: 'avc1.64001e', width: 640 } as const;
  const changed = (): void => events.emit('device', { deviceId: 'lake-cam' } as Device);
  const hello = (codecs: ('h264' | 'h265' | 'mjpeg' | 'mpeg1')[]): void =>
    worker().say({ type: 'hello', viewerId: 1, codecs });

  test('is said with the reason, and follows the tile when it grows', async () => {
    await admit();
    cameraStreams = [{ name: 'main', codec: 'avc1.640028', width: 1920 }, SUB];
    watch('a', 'lake-cam', 1, { stream: 'auto', width: 320 });
    watch('a', 'lake-cam', 1, { stream: 'auto', width: 1600 });
    expect(announced()).toEqual(['a sub tile-size', 'a main tile-size']);
    await clock.advance(5000);
    expect(orders).toContain('live.stop');
    expect(live.counters()['watchedStreams']).toBe(1);
  });

  test('is chosen anew when the camera’s streams become known, and stays when nothing of that changes', async () => {
    await admit();
    watch('a');
    cameraStreams = [H265_MAIN, SUB];
    changed();
    changed();
    expect(announced()).toEqual(['a main asked', 'a sub codec']);
    expect(worker().of('attach')).toHaveLength(2);
  });

  test('is chosen anew when the viewer says what it decodes', async () => {
    await admit();
    cameraStreams = [H265_MAIN, SUB];
    watch('a');
    hello(['h264', 'h265']);
    expect(announced()).toEqual(['a sub codec', 'a main asked']);
  });

  test('is encoded anew by the edge when the viewer decodes none, once for all who need it', async () => {
    await admit(1);
    await admit(2);
    cameraStreams = [H265_MAIN];
    watch('a', 'lake-cam', 1);
    watch('b', 'lake-cam', 2);
    worker().say({ type: 'hello', viewerId: 2, codecs: ['h264', 'h265'] });
    expect(announced()).toEqual(['a main transcoded', 'b main transcoded', 'b main asked']);
    expect(
      worker()
        .of('open')
        .map(({ streamKey }) => streamKey),
    ).toEqual(['lake-cam.main.h264', 'lake-cam.main']);
  });

  test('is made by the hub for a viewer that decodes MPEG-1 only', async () => {
    await admit();
    hello(['mpeg1']);
    cameraStreams = [H265_MAIN, SUB];
    watch('a', 'lake-cam', 1, { stream: 'auto', width: 200 });
    expect(worker().of('attach')).toMatchObject([{ mpeg1: true, message: { stream: 'sub', why: 'transcoded' } }]);
    expect(worker().of('open')).toMatchObject([{ streamKey: 'lake-cam.sub' }]);
  });

  test('a viewer that decodes nothing of it is told so, until it or the camera changes', async () => {
    await admit();
    hello([]);
    watch('a');
    expect(told()).toEqual([['a', 'unsupported-codec']]);
    expect(worker().of('attach')).toEqual([]);
    hello(['h265']);
    expect(announced()).toEqual(['a main asked']);
    cameraStreams = [SUB];
    changed();
    expect(told()).toHaveLength(2);
    cameraStreams = [H265_MAIN];
    changed();
    expect(announced()).toEqual(['a main asked', 'a main asked']);
    worker().say({ type: 'unwatch', viewerId: 1, tile: 'a' });
    hello(['h264', 'h265']);
    expect(announced()).toHaveLength(2);
  });

  test('follows what the pictures really are, whatever the inventory says, as long as somebody watches', async () => {
    await admit(1);
    cameraStreams = [{ name: 'main', codec: 'H264', width: 1920 }];
    watch('a');
    const handle = worker().of('open')[0]?.handle ?? 0;
    const description = JSON.stringify({ codec: 'hvc1.1.6.L93.B0', width: 1920, height: 1080 });
    worker().say({ type: 'init', handle, description });
    expect(announced()).toEqual(['a main asked', 'a main transcoded']);
    // What is made of it is H.264, which says nothing of the camera.
    const made = worker().of('open')[1]?.handle ?? 0;
    worker().say({ type: 'init', handle: made, description: '{"codec":"avc1.64001f"}' });
    worker().say({ type: 'init', handle, description: 'nonsense' });
    expect(announced()).toHaveLength(2);
    await admit(2);
    watch('b', 'lake-cam', 2);
    expect(announced().at(-1)).toBe('b main transcoded');
    worker().say({ type: 'gone', viewerId: 1 });
    worker().say({ type: 'gone', viewerId: 2 });
    await admit(3);
    watch('c', 'lake-cam', 3);
    expect(announced().at(-1)).toBe('c main asked');
  });

  test('what the edge sends instead is said without beginning the picture anew', async () => {
    await admit();
    instead = 'main';
    watch('a', 'lake-cam', 1, { stream: 'sub' });
    await settle();
    expect(announced()).toEqual(['a sub asked', 'a main only-stream']);
    expect(worker().of('attach')).toHaveLength(1);
    cameraStreams = [{ name: 'main', codec: 'avc1.640028', width: 1920 }];
    changed();
    expect(announced().at(-1)).toBe('a main only-stream');
  });

  test('sound goes to the tile that asked for it', async () => {
    await admit();
    watch('a', 'lake-cam', 1, { audio: true });
    watch('b');
    expect(
      worker()
        .of('attach')
        .map(({ audio }) => audio),
    ).toEqual([true, false]);
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

  test('who was being let in meanwhile is let in nowhere: the answer was for the thread that died', async () => {
    let answer: (session: Session | null) => void = () => undefined;
    sessionAnswer = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    await admit(1);
    const first = worker();
    first.die(new Error('boom'));
    await clock.advance(1000);
    answer(session);
    await settle();
    expect(first).not.toBe(worker());
    expect([first.of('viewer'), worker().of('viewer')]).toEqual([[], []]);
    watch('a', 'lake-cam', 1);
    expect(worker().of('attach')).toEqual([]);
  });

  test('a stopped hub does not start it again, and no timer is left', async () => {
    worker().die(new Error('boom'));
    await live.stop();
    await clock.advance(5000);
    expect(workers).toHaveLength(1);
    expect(clock.timers).toBe(0);
  });
});
