import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitFor } from '../support/wait.ts';
import { ListKeepingBox, ListKeepingSensor, numberOf, reportName } from '../support/whole-path/senders.ts';
import { WholePath } from '../support/whole-path/whole-path.ts';

const SENSORS = 8;
const PER_SENSOR = 1200;
const BOX_REPORTS = 400;
const ALL = SENSORS * PER_SENSOR + BOX_REPORTS;
const ACCOUNT = '4711';
const PASSWORD = 'of a sensor of the test';

let path: WholePath;
let sensors: ListKeepingSensor[];
let box: ListKeepingBox;

beforeEach(async () => {
  path = new WholePath();
  await path.start();
  const registered = [];
  for (let i = 0; i < SENSORS; i++) {
    const profileId = 'generic/mqtt-smoke-gas';
    const kind = { driver: 'mqtt-device', type: 'sensor', profileId, connection: {} } as const;
    registered.push((await path.register({ name: `Sensor ${i}`, ...kind, password: PASSWORD })).mqtt);
  }
  const kind = { driver: 'sia-dc09', type: 'alarm-box', profileId: 'generic/dc09-alarm-box' } as const;
  await path.register({ name: 'Box', ...kind, connection: { account: ACCOUNT } });
  sensors = registered.map((mqtt, i) => {
    const numbers = Array.from({ length: PER_SENSOR }, (_, k) => i * PER_SENSOR + k);
    return new ListKeepingSensor(path.ports.mqtt, mqtt ?? { username: '', topic: '' }, PASSWORD, numbers);
  });
  box = new ListKeepingBox(path.ports.dc09, ACCOUNT, BOX_REPORTS);
});

afterEach(async () => {
  box?.stop();
  await Promise.all((sensors ?? []).map((sensor) => sensor.stop()));
  await path.remove();
});

interface Told {
  deviceAtMs: number | null;
  area: string | null;
  source: string | null;
}

const REPORTED = `WHERE EVENT ->> '$.kind' IN ('gas', 'test')`;
const TOLD = `SELECT EVENT ->> '$.deviceAtMs' AS deviceAtMs, EVENT ->> '$.data.area' AS area,
  EVENT ->> '$.source' AS source FROM`;

/** What the report was that an event came from. */
function nameOf({ deviceAtMs, area, source }: Told): string {
  return source !== null ? reportName(area ?? '', source) : String(numberOf(deviceAtMs ?? 0));
}

function acknowledged(): Set<string> {
  return new Set([...sensors.flatMap((sensor) => [...sensor.acknowledged].map(String)), ...box.acknowledged]);
}

function atHub(): string[] {
  return path.hubRows<Told>(`${TOLD} events ${REPORTED}`.replaceAll('EVENT', 'event')).map(nameOf);
}

function inOutbox(): string[] {
  return path.outboxRows<Told>(`${TOLD} event ${REPORTED}`.replaceAll('EVENT', 'json')).map(nameOf);
}

/** Waits for the middle: the hub has committed some, and the senders are far from done. */
async function theMiddle(): Promise<void> {
  await waitFor('a quarter to be acknowledged and some to be at the hub', () => {
    return acknowledged().size > ALL / 4 && atHub().length > 500;
  });
}

/** After the last restart: everything is acknowledged, drained, and there exactly once. */
async function everythingOnce(): Promise<void> {
  await waitFor('every report to be acknowledged', () => acknowledged().size === ALL, 90_000, 200);
  await waitFor('the outbox to be empty', () => inOutbox().length === 0, 90_000, 200);
  const there = atHub();
  const distinct = new Set(there);
  expect([...acknowledged()].filter((name) => !distinct.has(name))).toEqual([]);
  const seen = new Set<string>();
  expect(there.filter((name) => seen.has(name) || !seen.add(name))).toEqual([]);
  expect(there).toHaveLength(ALL);
  const ids = path.hubRows<{ n: number; ids: number }>(
    `SELECT count(*) AS n, count(DISTINCT event ->> '$.id') AS ids FROM events`,
  );
  expect(ids[0]?.n).toBe(ids[0]?.ids);
}

test('kill -9 of the hub among 10,000 events: what a device was told is taken is there exactly once', async () => {
  await theMiddle();
  await path.hub.kill();
  const stored = new Set(atHub());
  // The kill lies between the first and the last commit.
  expect(stored.size).toBeGreaterThan(0);
  const atKill = acknowledged().size;
  expect(stored.size).toBeLessThan(ALL);
  expect(sensors.every((sensor) => !sensor.isDone)).toBe(true);
  // The edge goes on taking reports while the hub is away.
  await waitFor('reports to be acknowledged without a hub', () => acknowledged().size > atKill + 300);
  expect(inOutbox().length).toBeGreaterThan(300);
  await path.hub.start();
  await everythingOnce();
});

test('kill -9 of the edge among 10,000 events: what a device was told is taken is there exactly once', async () => {
  await theMiddle();
  await path.killEdge();
  expect(sensors.every((sensor) => !sensor.isDone && sensor.sent > 0)).toBe(true);
  // What was acknowledged lies on a disk: the hub's or the edge's.
  const kept = new Set([...atHub(), ...inOutbox()]);
  expect([...acknowledged()].filter((name) => !kept.has(name))).toEqual([]);
  expect(kept.size).toBeGreaterThan(ALL / 4);
  expect(kept.size).toBeLessThan(ALL);
  const unacknowledged = [...kept].filter((name) => !acknowledged().has(name)).length;
  console.info(`${unacknowledged} reports lay on a disk whose acknowledgement the edge's death swallowed`);
  await path.startEdge();
  await everythingOnce();
});
