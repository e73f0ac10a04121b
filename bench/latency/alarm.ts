import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { CannotRun, figureOf, type Measuring } from '../figure.ts';
import { percentile } from '../percentile.ts';
import { sendAlarm } from '../support/alarm-sender.ts';
import { openBrowser, openDashboard } from '../support/browser.ts';
import { closeIncident } from '../support/incidents.ts';
import { Path } from '../support/path.ts';
import { type BenchProcess, sleep, startScript } from '../support/processes.ts';
import { type Running, withRunning } from '../support/running.ts';

const BOXES = 20;
const ALARMS = 200;
const ALARMS_LOADED = 150;
const SENSORS = 50;
const LOAD_PER_SECOND = 5_000;
/** What counts as that load. */
const ENOUGH = 0.95;
const LOAD_SETTLE_MS = 10_000;
const VISIBLE_WITHIN_MS = 20_000;
const PROFILE = { box: 'generic/dc09-help-box', sensor: 'generic/mqtt-smoke-gas' };
const PASSWORD = 'of a sensor of the benchmark';
const PROBE = join(import.meta.dirname, '..', 'support', 'page', 'incident-probe.js');
const ABOUT = { bench: 'latency', unit: 'ms', better: 'lower' } as const;

/** From an alarm box's packet until the incident stands on the wall. */
export async function alarmIdle({ say }: Measuring): Promise<void> {
  await withRunning(async (running) => {
    const wall = await openWall(running);
    const delays = await raise(wall, ALARMS);
    say(p99('alarm_idle_p99_ms', 250, delays, wall.version));
  });
}

/** The same while sensors report 5,000 events per second. */
export async function alarmLoaded({ say, note }: Measuring): Promise<void> {
  await withRunning(async (running) => {
    const wall = await openWall(running);
    const senders = await startLoad(running, wall.path);
    await sleep(LOAD_SETTLE_MS);
    const before = { ...(await loadCounts(senders, wall.path)), atMs: performance.now() };
    const delays = await raise(wall, ALARMS_LOADED);
    const after = { ...(await loadCounts(senders, wall.path)), atMs: performance.now() };
    const perSecond = (count: (of: LoadCounts) => number): number =>
      Math.round(((count(after) - count(before)) / (after.atMs - before.atMs)) * 1000);
    const [atEdge, atHub] = [perSecond(({ acknowledged }) => acknowledged), perSecond(({ committed }) => committed)];
    const value = Math.round(percentile(delays, 0.99));
    note(
      `latency alarm_loaded: ${atEdge} events/s acknowledged by the edge, ${atHub} committed by the hub; p99 ${value} ms`,
    );
    if (Math.min(atEdge, atHub) < LOAD_PER_SECOND * ENOUGH) {
      throw new CannotRun(
        `the load is to be ${LOAD_PER_SECOND} events/s; the edge took ${atEdge} and the hub ${atHub} here (p99 of alarms meanwhile: ${value} ms)`,
      );
    }
    say(p99('alarm_loaded_p99_ms', 1000, delays, wall.version));
  });
}

interface OpenWall {
  path: Path;
  page: Page;
  accounts: readonly string[];
  version: string;
}

async function openWall(running: Running): Promise<OpenWall> {
  const path = running.keep(new Path());
  await path.start();
  const accounts = Array.from({ length: BOXES }, (_, n) => String(5000 + n));
  for (const account of accounts) {
    const kind = { driver: 'sia-dc09', type: 'alarm-box', profileId: PROFILE.box } as const;
    await path.whole.register({ name: `Box ${account}`, ...kind, connection: { account } });
  }
  const chromium = running.keep(await openBrowser());
  const page = await openDashboard(chromium.browser, path);
  await page.addInitScript({ path: PROBE });
  await page.goto(`${path.whole.hub.addresses.url}/wall`);
  await page.getByTestId('nav-wall').waitFor();
  await sleep(2000);
  return { path, page, accounts, version: chromium.version };
}

/** One alarm after the other; each incident is closed before the next. */
async function raise({ path, page, accounts }: OpenWall, alarms: number): Promise<number[]> {
  const delays: number[] = [];
  const known = new Set(Object.keys(await seen(page)));
  for (let n = 0; n < alarms; n++) {
    const account = accounts[n % accounts.length] ?? '';
    const sentAtMs = await sendAlarm(path.whole.ports.dc09, account);
    const [incidentId, shownAtMs] = await newIncident(page, known);
    known.add(incidentId);
    delays.push(shownAtMs - sentAtMs);
    await sendAlarm(path.whole.ports.dc09, account, true);
    await closeIncident(path, incidentId);
    await page.keyboard.press('Escape');
    await page.getByTestId('incident-popup').waitFor({ state: 'detached' });
    await sleep(20 + Math.random() * 100);
  }
  return delays;
}

async function seen(page: Page): Promise<Record<string, number>> {
  return (await page.evaluate('window.benchIncidents.read()')) as Record<string, number>;
}

async function newIncident(page: Page, known: ReadonlySet<string>): Promise<[string, number]> {
  const end = performance.now() + VISIBLE_WITHIN_MS;
  for (;;) {
    const found = Object.entries(await seen(page)).find(([id]) => !known.has(id));
    if (found !== undefined) return found;
    if (performance.now() > end) throw new CannotRun('an alarm did not come onto the wall within 20 s');
    await sleep(25);
  }
}

async function startLoad(running: Running, path: Path): Promise<BenchProcess> {
  const logins: { username: string; topic: string; password: string }[] = [];
  for (let n = 0; n < SENSORS; n++) {
    const kind = { driver: 'mqtt-device', type: 'sensor', profileId: PROFILE.sensor, connection: {} } as const;
    const { mqtt } = await path.whole.register({ name: `Sensor ${n}`, ...kind, password: PASSWORD });
    if (mqtt !== null) logins.push({ ...mqtt, password: PASSWORD });
  }
  const senders = running.keep(
    startScript('event-senders.ts', [String(path.whole.ports.mqtt), String(LOAD_PER_SECOND)]),
  );
  senders.tell(JSON.stringify(logins));
  return senders;
}

interface LoadCounts {
  acknowledged: number;
  committed: number;
}

async function loadCounts(senders: BenchProcess, path: Path): Promise<LoadCounts> {
  senders.tell('counts');
  const { acknowledged } = JSON.parse(await senders.line()) as { acknowledged: number };
  const counters = await path.whole.hub.counters();
  return { acknowledged, committed: counters['ingest.events'] ?? 0 };
}

function p99(figure: string, goal: number, delays: readonly number[], peer: string) {
  const about = figureOf({ ...ABOUT, figure, goal, peer }, delays);
  return { ...about, value: Number(percentile(delays, 0.99).toPrecision(4)) };
}
