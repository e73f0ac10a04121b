import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { VirtualCamera } from '../../demo/camera/virtual-camera.ts';
import { framesOf, launchChromium, moves, type Person, signIn } from '../support/browser.ts';
import { childPid } from '../support/child-process.ts';
import { type RunningDemo, startDemo } from '../support/demo.ts';
import { ownCamera, registerOwnCamera } from '../support/own-camera.ts';
import { waitFor } from '../support/wait.ts';

const CAMERAS = 10;
/** More than a player has in store. */
const FRAMES = 50;
const HEALED_WITHIN_MS = 60_000;

let demo: RunningDemo;
let browser: Browser;
let folder = '';
let camera: VirtualCamera;
let operator: Person;
let page: Page;
let pages = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'healing-'));
  camera = ownCamera('127.0.1.221', folder);
  await camera.start();
  [demo, browser] = await Promise.all([startDemo({ firstPauseSeconds: 3600 }), launchChromium()]);
  await demo.complete();
  const technician = await demo.client('technician');
  const grid = (await technician.call('listRegions')).find(({ level }) => level === 'grid');
  await registerOwnCamera(technician, 'qinghe', camera, { name: 'Comes and goes', regionId: grid?.regionId ?? null });
  const login = { account: 'operator', password: demo.password('operator') };
  operator = await signIn(browser, demo.url, login, { language: 'en' });
  page = operator.page;
  await page.goto(`${demo.url}/wall`);
  await page.getByTestId('layout-16').click();
  page.on('framenavigated', () => pages++);
});

afterAll(async () => {
  await browser?.close();
  await demo?.stop();
  await camera?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const tiles = (): Locator => page.getByTestId('wall').getByTestId('tile');

/** Frames that each tile has painted, by the camera it shows. */
async function painted(): Promise<Map<string, number>> {
  const entries = await Promise.all(
    (await tiles().all()).map(async (tile) => [await tile.getAttribute('data-device'), await framesOf(tile)] as const),
  );
  return new Map(entries.map(([device, frames]) => [device ?? '', frames]));
}

/** Waits until every tile of the wall is live and has painted, and says how long that took. */
async function everyTileMoves(after: string): Promise<void> {
  const startMs = performance.now();
  await waitFor('every tile to be there', async () => (await tiles().count()) === CAMERAS, HEALED_WITHIN_MS, 200);
  const before = await painted();
  await waitFor(
    `every tile to move ${after}`,
    async () => {
      const now = await painted();
      const still = [...now].filter(([device, frames]) => frames < (before.get(device) ?? 0) + FRAMES);
      const notLive = await page.locator('[data-testid=wall] [data-testid=tile]:not([data-state=live])').count();
      if (still.length + notLive > 0) throw new Error(`${notLive} not live; still: ${JSON.stringify(still)}`);
      return true;
    },
    HEALED_WITHIN_MS,
    200,
  );
  console.info(`every tile moves ${after}: ${Math.round(performance.now() - startMs)} ms`);
}

/**
 * Ends a process of the demo without a warning; resolves when its successor exists. That is a second later, when no
 * picture that had arrived before is left to be painted.
 */
async function kill(name: 'hub' | 'edge'): Promise<void> {
  const pid = childPid(demo.program.pid, name);
  expect(pid, name).not.toBeNull();
  process.kill(pid ?? 0, 'SIGKILL');
  await waitFor('its successor', () => {
    const now = childPid(demo.program.pid, name);
    return now !== null && now !== pid;
  });
}

async function stillSignedIn(): Promise<void> {
  const status = await page.evaluate("fetch('/api/session').then((answer) => answer.status)");
  expect(status).toBe(200);
  expect(await page.getByTestId('sign-in-account').count()).toBe(0);
  expect(pages).toBe(0);
}

test('at first every tile moves', () => everyTileMoves('at first'));

test('after a kill of the hub every tile moves again, without a reload and without signing in', async () => {
  await kill('hub');
  await everyTileMoves('after the hub was killed');
  await stillSignedIn();
  await page.getByTestId('connection-banner').waitFor({ state: 'detached' });
});

test('after a kill of the edge every tile moves again', async () => {
  await kill('edge');
  await everyTileMoves('after the edge was killed');
  await stillSignedIn();
});

test('after a kill of both at once every tile moves again', async () => {
  const edge = childPid(demo.program.pid, 'edge') ?? 0;
  process.kill(edge, 'SIGKILL');
  await kill('hub');
  await everyTileMoves('after hub and edge were killed');
  await stillSignedIn();
});

test('a camera that stops is said to be away on its tile alone, and moves again when it is back', async () => {
  const device = (await (await demo.client('operator')).call('listDevices')).find(
    ({ name }) => name === 'Comes and goes',
  );
  const tile = page.locator(`[data-testid=wall] [data-testid=tile][data-device="${device?.deviceId}"]`);
  await camera.stop();
  await expect.poll(() => tile.getAttribute('data-state'), { timeout: HEALED_WITHIN_MS }).not.toBe('live');
  await expect.poll(() => tile.getAttribute('data-reason'), { timeout: HEALED_WITHIN_MS }).toMatch(/camera|no-signal/);
  expect(await tile.getByTestId('tile-message').textContent()).not.toBe('');
  const live = page.locator('[data-testid=wall] [data-testid=tile][data-state=live]');
  expect(await live.count()).toBe(CAMERAS - 1);
  await camera.start();
  await moves(tile, 25);
  await everyTileMoves('after the camera came back');
});

test('the page reported no fault and asked no other host', () => {
  expect(operator.faults).toEqual([]);
  expect(operator.outside).toEqual([]);
});
