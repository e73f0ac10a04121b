import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { decodeG711 } from '../../contract/g711.ts';
import type { VirtualCamera } from '../../demo/camera/virtual-camera.ts';
import type { HubClient } from '../../demo/township/hub-client.ts';
import { launchChromium, moves, type Person, signIn } from '../support/browser.ts';
import { type RunningDemo, startDemo } from '../support/demo.ts';
import { ownCamera, registerOwnCamera } from '../support/own-camera.ts';
import { waitFor } from '../support/wait.ts';

/** Chromium's own microphone beeps once a second. */
const MICROPHONE = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

let demo: RunningDemo;
let browser: Browser;
let folder = '';
let dome: VirtualCamera;
let deviceId = '';
let supervisorApi: HubClient;
/** Of the demo's people only this one may take over. */
const SUPERVISOR = 'demo-script';
const people: Person[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dome-'));
  dome = ownCamera('127.0.1.231', folder, { ptz: true, microphone: true, loudspeaker: true });
  await dome.start();
  [demo, browser] = await Promise.all([startDemo({ firstPauseSeconds: 3600 }), launchChromium(undefined, MICROPHONE)]);
  await demo.complete();
  const technician = await demo.client('technician');
  const grid = (await technician.call('listRegions')).find(({ level }) => level === 'grid');
  const place = { name: 'Dome', regionId: grid?.regionId ?? null };
  ({ deviceId } = await registerOwnCamera(technician, 'qinghe', dome, place, 'onvif'));
  supervisorApi = await demo.client(SUPERVISOR);
  await waitFor('the edge to know what the camera can do', async () => {
    const device = await technician.call('device', { params: { deviceId } });
    const { abilities } = device.edge ?? {};
    return abilities?.ptz === true && abilities.listen && abilities.talk;
  });
});

afterEach(async () => {
  for (const { context } of people.splice(0)) await context.close();
  await waitFor('the camera to be free', async () => (await supervisorApi.call('listPtzControls')).length === 0);
});

afterAll(async () => {
  await browser?.close();
  await demo?.stop();
  await dome?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Somebody in front of the wall with the dome's tile marked. */
async function atTheWall(account: string): Promise<{ page: Page; tile: Locator }> {
  const login = { account, password: demo.password(account) };
  const someone = await signIn(browser, demo.url, login, { language: 'en' });
  people.push(someone);
  const { page } = someone;
  await page.goto(`${demo.url}/wall`);
  // Who may not arrange the wall sees it as somebody else left it.
  if (account !== 'officer') await page.getByTestId('layout-16').click();
  const tile = page.locator(`[data-testid=wall] [data-testid=tile][data-device="${deviceId}"]`);
  await moves(tile);
  await tile.focus();
  return { page, tile };
}

/** Opens the controls and puts the pointer onto a button of the pad. */
async function pointAt(page: Page, tile: Locator, direction: string): Promise<void> {
  if ((await tile.getByTestId('ptz').count()) === 0) await page.keyboard.press('p');
  await tile.locator(`[data-testid=ptz-hold][data-direction=${direction}]`).hover();
}

const head = (): NonNullable<VirtualCamera['ptz']> => {
  if (dome.ptz === null) throw new Error('the dome cannot be turned');
  return dome.ptz;
};
const stands = (): Promise<unknown> => waitFor('the camera to stand still', () => !head().moving, 5000);
const turns = (from: number): Promise<unknown> =>
  waitFor('the camera to turn', () => head().moving && Math.abs(head().position.pan - from) > 0.05);

test('the camera turns while the pad is held, for seconds, and stops when it is let go', async () => {
  const { page, tile } = await atTheWall('operator');
  await pointAt(page, tile, 'right');
  const before = head().position.pan;
  await page.mouse.down();
  // Longer than any single order lasts.
  await waitFor('the camera to turn on and on', () => head().position.pan > before + 0.4);
  const { stops } = head().counts;
  await page.mouse.up();
  await waitFor('the stop', () => head().counts.stops > stops && !head().moving, 5000);
  expect(await tile.getByTestId('ptz-refusal').count()).toBe(0);

  await pointAt(page, tile, 'zoomIn');
  await page.mouse.down();
  await waitFor('the camera to zoom', () => head().position.zoom > 0.02);
  await page.mouse.up();
  await stands();

  await tile.getByTestId('ptz').focus();
  const there = head().position.pan;
  await page.keyboard.down('ArrowLeft');
  await turns(there);
  await page.keyboard.up('ArrowLeft');
  await stands();
  expect(head().position.pan).toBeLessThan(there);
});

test('it stops when the page loses the focus, is closed, or crashes', async () => {
  const first = await atTheWall('operator');
  await pointAt(first.page, first.tile, 'left');
  await first.page.mouse.down();
  await turns(head().position.pan);
  await first.page.evaluate("window.dispatchEvent(new Event('blur'))");
  await stands();
  await first.page.mouse.up();
  await pointAt(first.page, first.tile, 'right');
  await first.page.mouse.down();
  await turns(head().position.pan);
  await first.page.close();
  await stands();

  await waitFor('the camera to be free', async () => (await supervisorApi.call('listPtzControls')).length === 0);
  const second = await atTheWall('operator');
  await pointAt(second.page, second.tile, 'left');
  await second.page.mouse.down();
  await turns(head().position.pan);
  await second.page.goto('chrome://crash').catch(() => undefined);
  await stands();
});

test('one person at a time: the other sees who, and a supervisor may take over', async () => {
  const operator = await atTheWall('operator');
  const supervisor = await atTheWall(SUPERVISOR);
  await pointAt(operator.page, operator.tile, 'right');
  await operator.page.mouse.down();
  await turns(head().position.pan);
  await supervisor.tile.getByTestId('ptz-holder').waitFor();
  expect(await supervisor.tile.getByTestId('ptz-holder').getAttribute('data-account')).toBe('operator');
  await pointAt(supervisor.page, supervisor.tile, 'left');
  const before = head().position.pan;
  await supervisor.page.mouse.down();
  await supervisor.tile.locator('[data-testid=ptz-refusal][data-code=PTZ_BUSY]').waitFor();
  await supervisor.page.mouse.up();
  expect(head().position.pan).toBeGreaterThanOrEqual(before);
  await supervisor.tile.getByTestId('ptz-take-over').click();
  await supervisor.tile.locator(`[data-testid=ptz-holder][data-account=${SUPERVISOR}]`).waitFor();
  await operator.tile.locator(`[data-testid=ptz-holder][data-account=${SUPERVISOR}]`).waitFor();
  await operator.page.mouse.up();
  await stands();
  await pointAt(supervisor.page, supervisor.tile, 'left');
  const there = head().position.pan;
  await supervisor.page.mouse.down();
  await turns(there);
  await supervisor.page.mouse.up();
  await stands();
  const entries = await supervisorApi.call('listAudit');
  const actions = entries.filter(({ subject }) => subject === deviceId).map(({ action }) => action);
  expect(actions).toEqual(expect.arrayContaining(['ptz.control', 'ptz.take-over']));
});

test('a position is remembered, gone to by an operator, and forgotten', async () => {
  const supervisor = await atTheWall(SUPERVISOR);
  // Positions need more room than one of sixteen tiles has.
  await supervisor.page.keyboard.press('Enter');
  await supervisor.page.keyboard.press('p');
  const { tile } = supervisor;
  await tile.getByTestId('ptz-preset-name').fill('大门 Gate');
  await tile.getByTestId('ptz-remember').click();
  await tile.getByTestId('ptz-preset').waitFor();
  const there = head().position;
  await pointAt(supervisor.page, tile, 'down');
  await supervisor.page.mouse.down();
  await waitFor('the camera to turn away', () => Math.abs(head().position.tilt - there.tilt) > 0.05);
  await supervisor.page.mouse.up();
  await stands();
  await tile.getByTestId('ptz-preset').click();
  await waitFor('the camera to be back', () => JSON.stringify(head().position) === JSON.stringify(there));
  await tile.getByTestId('ptz-forget').click();
  await tile.getByTestId('ptz-preset').waitFor({ state: 'detached' });
});

test('a fixed camera has no controls, and neither has a person without the right', async () => {
  const operator = await atTheWall('operator');
  await operator.tile.getByTestId('ptz-toggle').waitFor({ state: 'attached' });
  const gate = operator.page.locator('[data-testid=wall] [data-testid=tile]', { hasText: 'Village gate' });
  await gate.waitFor();
  expect(await gate.getByTestId('ptz-toggle').count()).toBe(0);
  const officer = await atTheWall('officer');
  await officer.tile.getByTestId('listen').waitFor({ state: 'attached' });
  expect(await officer.tile.getByTestId('ptz-toggle').count()).toBe(0);
  expect(await officer.tile.getByTestId('talk').count()).toBe(0);
});

test('the sound of one tile is heard, and only while it is wanted', async () => {
  const { page, tile } = await atTheWall('operator');
  const state = tile.getByTestId('listen-state');
  expect(await state.getAttribute('data-state')).toBe('off');
  await page.keyboard.press('a');
  await tile.locator('[data-testid=listen-state][data-state=playing]').waitFor({ state: 'attached' });
  await waitFor('the chime', async () => Number(await state.getAttribute('data-level')) > 0.01);
  await page.keyboard.press('a');
  await tile.locator('[data-testid=listen-state][data-state=off]').waitFor({ state: 'attached' });
});

test('what is said while the key is held comes out of the loudspeaker, and it is written down', async () => {
  const { page, tile } = await atTheWall('operator');
  const { loudspeaker } = dome;
  if (loudspeaker === null) throw new Error('the dome has no loudspeaker');
  await page.keyboard.down('t');
  await tile.locator('[data-testid=talk][data-phase=open]').waitFor({ state: 'attached' });
  // Two beeps of the browser's microphone.
  await waitFor('sound at the camera', () => loudspeaker.bytes > 16_000);
  const loudest = Math.max(...decodeG711('pcmu', loudspeaker.heard).map(Math.abs));
  expect(loudest).toBeGreaterThan(0.01);
  await page.keyboard.up('t');
  await waitFor('the way to be closed', () => loudspeaker.open === 0);
  await waitFor('the entry', async () => {
    const entries = await supervisorApi.call('listAudit');
    const ends = entries.filter(({ action, subject }) => action === 'talk.end' && subject === deviceId);
    return Number(ends[0]?.details['durationMs']) > 1500;
  });

  const said = loudspeaker.bytes;
  await tile.hover();
  await tile.getByTestId('talk').hover();
  await page.mouse.down();
  await waitFor('sound once more', () => loudspeaker.bytes > said + 1600);
  await page.close();
  await waitFor('the way to be closed with the page', () => loudspeaker.open === 0);
});
