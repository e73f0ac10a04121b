import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Device } from '../../contract/api/devices.ts';
import type { IncidentSummary } from '../../contract/incident.ts';
import { eventNow, FakeEdge } from '../support/fake-edge.ts';
import { HubProcess } from '../support/hub-process.ts';
import { TestViewer } from '../support/test-viewer.ts';
import { waitFor } from '../support/wait.ts';

/** Samples of each measurement, at least. */
const SAMPLES = 100;
const ALARM_EVERY_MS = 30;
const FRAGMENT_BYTES = 32 * 1024;
const FRAGMENT_EVERY_MS = 10;
/** Statuses that the other edge sends at once; the hub greets each with an acknowledgement. */
const BURST = 150;
const BURST_EVERY_MS = 20;

let hub: HubProcess;
let north: FakeEdge;
let south: FakeEdge;
let dashboard: Socket;
let camera = '';
const viewers: TestViewer[] = [];

async function registerCamera(): Promise<string> {
  const nowhere = { latitude: null, longitude: null, bearingDeg: null, viewDistanceM: null, viewAngleDeg: null };
  const answer = await hub.admin.send('POST', '/api/devices', {
    ...{ edgeId: 'north', candidateId: null, driver: 'rtsp', type: 'camera', profileId: null, record: false },
    connection: { url: 'rtsp://127.0.0.1/none' },
    placement: { name: 'Gate', regionId: 'county', ...nowhere, links: [] },
  });
  return (answer.json as { device: Device }).device.deviceId;
}

async function viewer(): Promise<TestViewer> {
  const headers = { cookie: hub.admin.cookie ?? '', origin: hub.addresses.url };
  const opened = new TestViewer(hub.addresses.livePort, headers);
  viewers.push(opened);
  await opened.opened();
  opened.watch('tile', camera);
  await waitFor('the stream to be ordered', () => north.leases.has(`${camera}.main`));
  return opened;
}

beforeAll(async () => {
  hub = new HubProcess();
  await hub.start();
  [north, south] = [new FakeEdge('north'), new FakeEdge('south')];
  for (const edge of [north, south]) {
    await edge.join(hub.admin);
    await edge.connect(hub.addresses);
  }
  camera = await registerCamera();
  const extraHeaders = { cookie: hub.admin.cookie ?? '', origin: hub.addresses.url };
  dashboard = io(hub.addresses.url, { extraHeaders, transports: ['websocket'], reconnection: false });
  await waitFor('the dashboard to be connected', () => dashboard.connected);
});

afterAll(async () => {
  dashboard?.close();
  for (const open of viewers) open.close();
  await Promise.all([north?.stop(), south?.stop()]);
  await hub?.remove();
});

/** Milliseconds, sorted, and what of them matters. */
class Latencies {
  readonly #samples: number[] = [];

  add(ms: number): void {
    this.#samples.push(ms);
  }

  get count(): number {
    return this.#samples.length;
  }

  quantile(share: number): number {
    const sorted = this.#samples.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  }

  toString(): string {
    const [median, p99, most] = [0.5, 0.99, 1].map((share) => this.quantile(share).toFixed(1));
    return `median ${median} ms, p99 ${p99} ms, most ${most} ms (${this.count} samples)`;
  }
}

interface Measured {
  /** From the edge's sending to the hub's acknowledgement at the edge. */
  acks: Latencies;
  /** From the edge's sending to the incident at a dashboard. */
  incidents: Latencies;
  /** From the edge's sending to the healthy viewer. */
  fragments: Latencies;
}

/** Sends fragments without a pause and knows when each left. */
class Stream {
  readonly sentAtMs = new Map<number, number>();
  #next = 0;
  #timer: NodeJS.Timeout;

  constructor(key: string) {
    this.#timer = setInterval(() => {
      this.sentAtMs.set(this.#next, performance.now());
      north.sendFragment(key, this.#next, this.#next % 25 === 0, FRAGMENT_BYTES);
      this.#next++;
    }, FRAGMENT_EVERY_MS);
  }

  get next(): number {
    return this.#next;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** Alarms sent so far. */
let alarms = 0;

/** Sends an alarm every few milliseconds, whether or not the ones before have arrived, until there are `enough`. */
async function measure(stream: Stream, good: TestViewer, enough: () => boolean): Promise<Measured> {
  const measured: Measured = { acks: new Latencies(), incidents: new Latencies(), fragments: new Latencies() };
  const [unacknowledged, unseen] = [new Map<number, number>(), new Map<string, number>()];
  const onAck = (): void => {
    for (const [number, sentAtMs] of unacknowledged) {
      if (number > north.acked.alarm) continue;
      unacknowledged.delete(number);
      measured.acks.add(performance.now() - sentAtMs);
    }
  };
  const onIncident = ({ deviceName }: IncidentSummary): void => {
    const sentAtMs = unseen.get(deviceName);
    if (sentAtMs !== undefined) measured.incidents.add(performance.now() - sentAtMs);
    unseen.delete(deviceName);
  };
  north.events.on('message', onAck);
  dashboard.on('incident', onIncident);
  good.onMedia = ({ type, sequence }) => {
    const sentAtMs = stream.sentAtMs.get(sequence);
    if (type === 'fragment' && sentAtMs !== undefined) measured.fragments.add(performance.now() - sentAtMs);
  };
  let sent = 0;
  const timer = setInterval(() => {
    const number = ++alarms;
    sent++;
    unacknowledged.set(number, performance.now());
    unseen.set(`box-${number}`, performance.now());
    north.sendEvents('alarm', number, [eventNow(`box-${number}`, 'help.pressed', 1, number)]);
  }, ALARM_EVERY_MS);
  await waitFor('the samples', () => sent >= SAMPLES && measured.fragments.count >= SAMPLES && enough(), 60_000);
  clearInterval(timer);
  await waitFor('every acknowledgement and every incident', () => unacknowledged.size + unseen.size === 0);
  north.events.off('message', onAck);
  dashboard.off('incident', onIncident);
  good.onMedia = () => undefined;
  return measured;
}

/** Keeps the hub answering the other edge. */
function keepGreeting(): () => void {
  const timer = setInterval(() => {
    if (!south.isConnected) return;
    for (let n = 0; n < BURST; n++) south.sendStatus(true, 0);
  }, BURST_EVERY_MS);
  return () => clearInterval(timer);
}

const counter = async (name: string): Promise<number> => (await hub.counters())[name] ?? 0;

test('a stalled viewer and a stalled subscriber delay no event and no other viewer', async () => {
  const good = await viewer();
  const stream = new Stream(`${camera}.main`);
  const stopGreeting = keepGreeting();
  await waitFor('pictures', () => good.sequences().length > 50);
  // The first round only warms the programs up.
  await measure(stream, good, () => true);
  const before = await measure(stream, good, () => true);

  const stalled = await viewer();
  await waitFor('its pictures', () => stalled.sequences().length > 0);
  stalled.stall();
  await waitFor('the stalled viewer to skip', async () => (await counter('live.skipped')) > 0);
  south.events.options.reconnectPeriod = 0;
  (south.events.stream as unknown as { _handle: { readStop(): void } })._handle.readStop();
  // Until the hub has given up on the subscriber: that it really stood in the way is known only then.
  let isDropped = false;
  south.events.once('close', () => {
    isDropped = true;
  });
  let polls = Promise.resolve();
  const watch = setInterval(() => {
    polls = polls.then(async () => {
      isDropped ||= (await counter('broker.connections')) === 1;
    });
  }, 200);
  const during = await measure(stream, good, () => isDropped);
  clearInterval(watch);
  await polls;
  stopGreeting();
  stream.stop();
  await waitFor('the last fragment', () => good.sequences().at(-1) === stream.next - 1);

  for (const what of ['acks', 'incidents', 'fragments'] as const) {
    console.info(`${what} before: ${before[what]}`);
    console.info(`${what} during: ${during[what]}`);
    expect(during[what].count).toBeGreaterThanOrEqual(SAMPLES);
    expect(during[what].quantile(0.5), what).toBeLessThanOrEqual(before[what].quantile(0.5) * 5 + 50);
    // Far below what the broker grants a subscriber before it drops it: nobody waited for that.
    expect(during[what].quantile(0.99), what).toBeLessThanOrEqual(before[what].quantile(0.99) * 5 + 500);
  }
  expect(await counter('live.skipped')).toBeGreaterThan(0);
  expect(good.skipped).toBe(0);
  expect(good.sequences()).toEqual(Array.from({ length: stream.next }, (_, n) => n));
  expect(north.acked.alarm).toBe(alarms);
});
