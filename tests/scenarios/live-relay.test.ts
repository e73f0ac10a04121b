import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Device } from '../../contract/api/devices.ts';
import { eventNow, FakeEdge } from '../support/fake-edge.ts';
import { HubClient } from '../support/hub.ts';
import { HubProcess } from '../support/hub-process.ts';
import { TestViewer } from '../support/test-viewer.ts';
import { waitFor } from '../support/wait.ts';

const BIG = 64 * 1024;

let hub: HubProcess;
let edge: FakeEdge;
let cameras: string[];
const viewers: TestViewer[] = [];

async function camera(name: string): Promise<string> {
  const nowhere = { latitude: null, longitude: null, bearingDeg: null, viewDistanceM: null, viewAngleDeg: null };
  const body = {
    ...{ edgeId: 'north', candidateId: null, driver: 'rtsp', type: 'camera', profileId: null, record: false },
    connection: { url: 'rtsp://127.0.0.1/none' },
    placement: { name, regionId: 'county', ...nowhere, links: [] },
  };
  const answer = await hub.admin.send('POST', '/api/devices', body);
  if (answer.status !== 200) throw new Error(`the camera was not registered: ${answer.text}`);
  return (answer.json as { device: Device }).device.deviceId;
}

async function viewer(client: HubClient = hub.admin): Promise<TestViewer> {
  const headers = { cookie: client.cookie ?? '', origin: hub.addresses.url };
  const opened = new TestViewer(hub.addresses.livePort, headers);
  viewers.push(opened);
  return opened.opened();
}

/** Sends a stream until it is stopped: a group of ten, one fragment each few milliseconds. */
class Sending {
  next = 0;
  #timer: NodeJS.Timeout;

  constructor(key: string, bytes: number, everyMs = 4) {
    this.#timer = setInterval(() => {
      if (edge.isConnected) edge.sendFragment(key, this.next, this.next++ % 10 === 0, bytes);
    }, everyMs);
  }

  stop(): number {
    clearInterval(this.#timer);
    return this.next - 1;
  }
}

const contiguous = (numbers: readonly number[]): boolean =>
  numbers.every((n, i) => i === 0 || n === (numbers[i - 1] ?? 0) + 1);

beforeEach(async () => {
  hub = new HubProcess();
  await hub.start();
  edge = new FakeEdge('north');
  await edge.join(hub.admin);
  await edge.connect(hub.addresses);
  cameras = [await camera('Gate'), await camera('Yard')];
});
afterEach(async () => {
  for (const open of viewers.splice(0)) open.close();
  await edge.stop();
  await hub.remove();
});

const keyOf = (index: number, stream = 'main'): string => `${cameras[index]}.${stream}`;
const watching = async (who: TestViewer, tile: string, index = 0): Promise<void> => {
  who.watch(tile, cameras[index] ?? '');
  await waitFor('the stream to be ordered', () => edge.leases.has(keyOf(index)));
};

describe('live pictures', () => {
  test('the edge sends only while somebody watches; a further viewer gets init and the last group at once', async () => {
    const first = await viewer();
    expect(edge.leases.size).toBe(0);
    await watching(first, 'a');
    expect(first.reason('a')).toBe('starting');
    for (let n = 0; n < 15; n++) edge.sendFragment(keyOf(0), n, n % 10 === 0, 1000);
    await waitFor('the pictures', () => first.sequences().length === 15);
    expect(first.media[0]).toMatchObject({ type: 'init', description: expect.stringContaining('avc1.64001f') });
    await waitFor('the tile to be live', () => first.reason('a') === 'live');

    const second = await viewer();
    second.watch('b', cameras[0] ?? '');
    await waitFor('the last group of pictures', () => second.sequences().length === 5);
    expect(second.media.map(({ type }) => type)).toEqual(['init', ...Array(5).fill('fragment')]);
    expect(second.sequences()).toEqual([10, 11, 12, 13, 14]);
    expect(second.messages[0]).toMatchObject({ type: 'watching', tile: 'b', handle: edge.leases.get(keyOf(0)) });
    expect(edge.orders.filter(({ name }) => name === 'live.start')).toHaveLength(1);

    first.unwatch('a');
    second.close();
    await waitFor('the edge to be told to stop', () => edge.leases.size === 0, 30_000);
  });

  test('a stalled viewer skips, is told so, and delays neither the other viewer nor an event', async () => {
    const [good, stalled] = [await viewer(), await viewer()];
    await watching(good, 'a');
    await watching(stalled, 'a');
    edge.sendEvents('alarm', 1, [eventNow('box-1', 'help.pressed', 1, 1)]);
    await waitFor('an event before', () => edge.acked.alarm === 1);

    stalled.stall();
    const sending = new Sending(keyOf(0), BIG);
    const skipped = async (): Promise<number> => (await hub.counters())['live.skipped'] ?? 0;
    await waitFor('the stalled viewer to skip', async () => (await skipped()) > 20);
    edge.sendEvents('alarm', 2, [eventNow('box-2', 'help.pressed', 1, 2)]);
    await waitFor('the event to be committed meanwhile', () => edge.acked.alarm === 2);
    const before = good.sequences().length;
    await waitFor('the good viewer to go on', () => good.sequences().length > before + 50);
    expect(await skipped()).toBeGreaterThan(20);
    expect(stalled.isClosed).toBe(false);

    stalled.resume();
    await waitFor('the stalled viewer to hear what it skipped', () => stalled.skipped > 0);
    const last = sending.stop();
    await waitFor('the good viewer to have everything', () => good.sequences().at(-1) === last);
    expect(good.sequences()).toEqual(Array.from({ length: last + 1 }, (_, n) => n));
    expect(good.skipped).toBe(0);
    // After what it skipped the stalled viewer goes on with a key frame.
    const numbers = stalled.sequences();
    const resumed = numbers.findIndex((n, i) => i > 0 && n !== (numbers[i - 1] ?? 0) + 1);
    expect(resumed).toBeGreaterThan(0);
    expect((numbers[resumed] ?? 1) % 10).toBe(0);
  });

  test('an edge that stops reading its own messages does not delay those of another', async () => {
    const south = new FakeEdge('south');
    await south.join(hub.admin);
    await south.connect(hub.addresses);
    try {
      south.events.options.reconnectPeriod = 0;
      const socket = south.events.stream as unknown as { _handle: { readStop(): void } };
      socket._handle.readStop();
      const sendOne = async (): Promise<void> => {
        const n = edge.acked.event + 1;
        edge.sendEvents('event', n, [eventNow('camera-1', 'motion', 4, n)]);
        await waitFor('the event of the other edge', () => edge.acked.event === n);
      };
      // Each status is greeted with an acknowledgement that nobody reads, until the hub gives up on the reader.
      const connections = async (): Promise<number> => (await hub.counters())['broker.connections'] ?? 0;
      for (let round = 0; round < 200 && (await connections()) === 2; round++) {
        for (let i = 0; i < 2000; i++) south.sendStatus(true, 0);
        await sendOne();
      }
      expect(await connections()).toBe(1);
      await sendOne();
    } finally {
      await south.stop();
    }
  });

  test('pictures with a handle that is not the stream’s are dropped and counted', async () => {
    const good = await viewer();
    await watching(good, 'a');
    const south = new FakeEdge('south');
    await south.join(hub.admin);
    await south.connect(hub.addresses);
    const handle = edge.leases.get(keyOf(0)) ?? 0;
    south.sendForged(keyOf(0), handle, 100);
    edge.sendForged(keyOf(1), handle, 101);
    edge.sendForged(keyOf(0), handle + 1, 102);
    await waitFor('three to be dropped', async () => (await hub.counters())['live.foreign'] === 3);
    edge.sendFragment(keyOf(0), 0, true, 100);
    await waitFor('the right one', () => good.sequences().length === 1);
    expect(good.sequences()).toEqual([0]);
    await south.stop();
  });

  test('when the edge restarts its stream the viewer gets the new init first', async () => {
    const good = await viewer();
    await watching(good, 'a');
    edge.sendFragment(keyOf(0), 0, true, 100);
    edge.sendInit(keyOf(0), 2);
    edge.sendFragment(keyOf(0), 0, true, 100, 2);
    await waitFor('both', () => good.sequences().length === 2);
    expect(good.media.map(({ type, epoch }) => [type, epoch])).toEqual([
      ['init', 1],
      ['fragment', 1],
      ['init', 2],
      ['fragment', 2],
    ]);
  });
});

describe('who may watch', () => {
  test('a stranger, a page of another site and a wrong path are refused', async () => {
    const { livePort, url } = hub.addresses;
    const cookie = hub.admin.cookie ?? '';
    const refused = async (headers: Record<string, string>): Promise<number | null> => {
      const open = new TestViewer(livePort, headers);
      await waitFor('the refusal', () => open.isClosed);
      return open.status;
    };
    expect(await refused({ origin: url })).toBe(401);
    expect(await refused({ origin: url, cookie: 'sharp_eyes_session=x' })).toBe(401);
    expect(await refused({ origin: 'http://evil.example', cookie })).toBe(403);
  });

  test('a camera outside the area and an unknown one give the reason; signing out ends the connection', async () => {
    const made = await hub.admin.send('POST', '/api/regions', {
      ...{ parentId: 'county', level: 'township', name: 'Town', code: null },
    });
    const { regionId } = made.json as { regionId: string };
    const wanted = { account: 'op', displayName: 'Op', role: 'operator', areas: [regionId] };
    const { password } = (await hub.admin.send('POST', '/api/accounts', wanted)).json as { password: string };
    const client = new HubClient(hub.addresses.url);
    await client.signIn('op', password);
    await client.send('PUT', '/api/session/password', { current: password, next: 'a password of my own' });
    const op = await viewer(client);
    op.watch('a', cameras[0] ?? '');
    op.watch('b', 'no-such-camera');
    await waitFor('the reasons', () => op.reason('a') === 'no-permission' && op.reason('b') === 'unknown-device');
    expect(edge.leases.size).toBe(0);
    await client.send('DELETE', '/api/session');
    await waitFor('the end', () => op.isClosed);
  });
});

describe('healing', () => {
  test('tiles say that the edge is away, and go on by themselves when it is back', async () => {
    const good = await viewer();
    await watching(good, 'a');
    const sending = new Sending(keyOf(0), 500, 20);
    await waitFor('pictures', () => good.reason('a') === 'live');
    await edge.stop();
    await waitFor('the tile to say so', () => good.reason('a') === 'edge-offline');
    edge.leases.clear();
    await edge.connect(hub.addresses);
    await waitFor('the tile to be live again', () => good.reason('a') === 'live');
    sending.stop();
  });

  test('a stream without pictures has no signal', async () => {
    const good = await viewer();
    await watching(good, 'a');
    edge.sendFragment(keyOf(0), 0, true, 100);
    await waitFor('live', () => good.reason('a') === 'live');
    await waitFor('no signal', () => good.reason('a') === 'no-signal');
    edge.sendFragment(keyOf(0), 1, true, 100);
    await waitFor('live again', () => good.reason('a') === 'live');
  });

  test('pictures whose beginning got lost are ordered anew', async () => {
    const good = await viewer();
    edge.answers['live.start'] = ({ deviceId, stream, handle }) => {
      const key = `${deviceId}.${stream}`;
      // The first time the init segment gets lost on the way.
      if (edge.orders.filter(({ name }) => name === 'live.start').length > 1) {
        edge.leases.set(key, Number(handle));
        edge.sendInit(key);
      } else edge.leases.set(key, Number(handle));
      return { stream };
    };
    await watching(good, 'a');
    const sending = new Sending(keyOf(0), 500, 20);
    await waitFor('live', () => good.reason('a') === 'live');
    sending.stop();
    expect(good.media[0]?.type).toBe('init');
  });

  test('after a kill of the hub viewers and edge find each other again', async () => {
    const before = await viewer();
    await watching(before, 'a');
    await hub.kill();
    await waitFor('the viewer to be cut off', () => before.isClosed);
    await hub.start();
    await waitFor('the edge to be back', () => edge.isConnected);
    const after = await viewer();
    const old = edge.leases.get(keyOf(0));
    after.watch('a', cameras[0] ?? '');
    await waitFor('a new handle', () => edge.leases.get(keyOf(0)) !== old);
    edge.sendFragment(keyOf(0), 0, true, 100);
    await waitFor('pictures', () => contiguous(after.sequences()) && after.sequences().length === 1);
  });
});
