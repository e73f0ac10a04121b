import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EdgeEvent, Lane } from '../../contract/event.ts';
import { eventNow, FakeEdge } from '../support/fake-edge.ts';
import { HubProcess } from '../support/hub-process.ts';
import { waitFor } from '../support/wait.ts';

const EVENTS: Record<Lane, number> = { alarm: 2000, event: 8000 };
const PER_BATCH = 40;
const IN_FLIGHT = 6;

let hub: HubProcess;
let edge: FakeEdge;

beforeEach(async () => {
  hub = new HubProcess();
  await hub.start();
  edge = new FakeEdge('north');
  await edge.join(hub.admin);
  await edge.connect(hub.addresses);
});
afterEach(async () => {
  await edge.stop();
  await hub.remove();
});

/** One alarm in ten opens an incident of its own: it comes from a device that nothing else is near to. */
function eventOf(lane: Lane, n: number): EdgeEvent {
  if (lane === 'alarm' && n % 10 === 0) return eventNow(`box-${n}`, 'help.pressed', 1, n);
  return lane === 'alarm' ? eventNow(`door-${n}`, 'dust.other', 3, n) : eventNow(`camera-${n % 50}`, 'motion', 4, n);
}

function batchAt(lane: Lane, first: number, count = PER_BATCH): EdgeEvent[] {
  const last = Math.min(EVENTS[lane], first + count - 1);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => eventOf(lane, first + i));
}

/** Sends what is not acknowledged, with everything that goes wrong on the way: repetitions, overlaps, holes, rubbish. */
class PatientSender {
  #round = 0;
  #isStopped = false;
  #timer: NodeJS.Timeout | null = null;

  start(): void {
    this.#send();
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #send(): void {
    for (const lane of ['alarm', 'event'] as const) this.#sendLane(lane);
    if (!this.#isStopped) this.#timer = setTimeout(() => this.#send(), 5);
  }

  #sendLane(lane: Lane): void {
    this.#round++;
    const next = edge.acked[lane] + 1;
    if (next > EVENTS[lane]) return;
    for (let i = 0; i < IN_FLIGHT; i++) {
      const first = next + i * PER_BATCH;
      const events = batchAt(lane, first);
      if (events.length > 0) edge.sendEvents(lane, first, events);
      if (this.#round % 7 === 0 && events.length > 0) edge.sendEvents(lane, first, events);
    }
    if (this.#round % 5 === 0 && next > 10) edge.sendEvents(lane, next - 10, batchAt(lane, next - 10, 30));
    if (this.#round % 11 === 0) edge.sendEvents(lane, next + 1000, [eventOf(lane, 1)]);
    if (this.#round % 13 === 0) edge.sendRaw(lane, '{"epoch":"x","first":');
  }
}

function stored(): { count: number; database: DatabaseSync } {
  const database = new DatabaseSync(hub.database);
  const row = database.prepare('SELECT count(*) AS count FROM events').get() as { count: number };
  return { count: row.count, database };
}

test('a hub killed in the middle of 10,000 events has each acknowledged one exactly once, and links each once', async () => {
  const sender = new PatientSender();
  sender.start();
  const all = EVENTS.alarm + EVENTS.event;
  const ackedSum = (): number => edge.acked.alarm + edge.acked.event;
  await waitFor('a third to be acknowledged', () => ackedSum() > all / 3);
  await hub.kill();
  const ackedAtKill = { ...edge.acked };
  const atKill = stored();
  // The kill lies between the first and the last commit.
  expect(atKill.count).toBeGreaterThan(0);
  expect(atKill.count).toBeLessThan(all);
  // What was acknowledged was on the disk.
  for (const lane of ['alarm', 'event'] as const) {
    const row = atKill.database
      .prepare('SELECT count(*) AS count FROM events WHERE lane = ? AND sequence <= ?')
      .get(lane, ackedAtKill[lane]) as { count: number };
    expect(row.count).toBe(ackedAtKill[lane]);
  }
  atKill.database.close();

  await hub.start();
  await waitFor('everything to be acknowledged', () => ackedSum() === all);
  sender.stop();
  await waitFor('everything to be linked', async () => {
    const incidents = (await hub.admin.get('/api/incidents?limit=200&state=all')).json as unknown[];
    return incidents.length === EVENTS.alarm / 10;
  });
  const counters = await hub.counters();
  expect(counters['ingest.repeated']).toBeGreaterThan(0);
  expect(counters['ingest.gaps']).toBeGreaterThan(0);
  expect(counters['ingest.malformed']).toBeGreaterThan(0);
  expect(await hub.stop()).toBe(0);

  const { database } = stored();
  const rows = (sql: string): unknown[] =>
    database
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }));
  for (const lane of ['alarm', 'event'] as const) {
    expect(
      rows(`SELECT count(*) AS n, count(DISTINCT sequence) AS numbers, min(sequence) AS first, max(sequence) AS last,
            count(DISTINCT event ->> '$.id') AS ids FROM events WHERE lane = '${lane}'`),
    ).toEqual([{ n: EVENTS[lane], numbers: EVENTS[lane], first: 1, last: EVENTS[lane], ids: EVENTS[lane] }]);
  }
  expect(rows(`SELECT count(*) AS n FROM events WHERE event ->> '$.data.n' <> sequence`)).toEqual([{ n: 0 }]);
  // Each alarm that opens an incident did so once.
  expect(rows('SELECT count(*) AS n, count(DISTINCT incident_id) AS incidents FROM incident_events')).toEqual([
    { n: EVENTS.alarm / 10, incidents: EVENTS.alarm / 10 },
  ]);
  expect(rows('SELECT count(*) AS n, max(number) AS last FROM incidents')).toEqual([
    { n: EVENTS.alarm / 10, last: EVENTS.alarm / 10 },
  ]);
  database.close();
});
