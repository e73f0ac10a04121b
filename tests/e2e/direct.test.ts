import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { framesOf, launchChromium, moves, type Person, signIn } from '../support/browser.ts';
import { childPid } from '../support/child-process.ts';
import { type RunningDemo, startDemo } from '../support/demo.ts';
import { waitFor } from '../support/wait.ts';

/**
 * A browser keeps loopback out of WebRTC and hides its address behind a multicast name, unless it is told otherwise. The
 * last three stand for what the browser's driver switches off, because a second list replaces the first.
 */
const FLAGS = [
  '--allow-loopback-in-peer-connection',
  '--disable-features=WebRtcHideLocalIpsWithMdns,MediaRouter,DialMediaRouteProvider,OptimizationHints',
];

let demo: RunningDemo;
let browser: Browser;
let operator: Person;
let page: Page;

beforeAll(async () => {
  [demo, browser] = await Promise.all([
    startDemo({ firstPauseSeconds: 3600, direct: true }),
    launchChromium(undefined, FLAGS),
  ]);
  await demo.complete();
  const login = { account: 'operator', password: demo.password('operator') };
  operator = await signIn(browser, demo.url, login, { language: 'en' });
  page = operator.page;
  await page.goto(`${demo.url}/wall`);
});

afterAll(async () => {
  await browser?.close();
  await demo?.stop();
});

const first = (): Locator => page.getByTestId('wall').getByTestId('tile').first();
const path = (): Promise<string | null> => first().getAttribute('data-path');
const direct = (): Promise<unknown> =>
  waitFor('the direct path', async () => (await path()) === 'webrtc' || undefined, 30_000);
const throughHub = (): Promise<unknown> =>
  waitFor('the path through the hub', async () => (await path()) !== 'webrtc' || undefined, 30_000);
/** Lines of the facts of the first tile, top to bottom. */
const facts = (): Promise<string[]> => first().getByTestId('tile-facts').locator('dd').allInnerTexts();

test('the enlarged tile takes its picture straight from the edge, and the small one through the hub again', async () => {
  await moves(first());
  const tiles = await page.getByTestId('wall').getByTestId('tile').count();
  expect(await page.locator('[data-testid=wall] video').count()).toBe(tiles);
  await first().dblclick();
  await direct();
  const before = await framesOf(first());
  // Long enough for the way through the hub to be missed, if somebody still waited for it.
  await moves(first(), 100);
  await page.evaluate(`
    window.seen = [];
    const tile = document.querySelector('[data-testid=wall] [data-testid=tile]');
    new MutationObserver(() => window.seen.push(tile.dataset.state))
      .observe(tile, { attributes: true, attributeFilter: ['data-state'] });`);
  await page.keyboard.press('Escape');
  await throughHub();
  await moves(first());
  expect(await framesOf(first())).toBeGreaterThan(before + 100);
  // Nobody missed a signal in between.
  const seen = await page.evaluate('window.seen');
  expect(seen).not.toContain('stalled');
  expect(seen).not.toContain('failed');
  expect(await page.locator('[data-testid=wall] video').count()).toBe(tiles);
});

test('its facts are those of the direct path, and those of the hub afterwards', async () => {
  await page.keyboard.press('i');
  await first().dblclick();
  await direct();
  await waitFor('facts of the direct path', async () => {
    const [codec, size, fps, rate, delay, way, picture, trouble] = await facts();
    return (
      way === 'direct · WebRTC' &&
      codec === 'H.264' &&
      size === '1280 × 720' &&
      Number(fps) > 10 &&
      /^[\d.]+ [kM]bit\/s$/.test(rate ?? '') &&
      /^\d+ ms in the jitter buffer$/.test(delay ?? '') &&
      picture === 'main stream: it fits the size of the tile.' &&
      /^lost packets: \d+$/.test(trouble ?? '')
    );
  });
  await page.keyboard.press('Escape');
  await throughHub();
  await waitFor('facts of the way through the hub', async () => {
    const [codec, , fps, , delay, way] = await facts();
    return (
      codec?.startsWith('H.264 (avc1') && Number(fps) > 5 && /^\d+ ms$/.test(delay ?? '') && way !== 'direct · WebRTC'
    );
  });
  await page.keyboard.press('i');
});

test('when the edge dies the tile goes on by itself, through the hub', async () => {
  await first().dblclick();
  await direct();
  process.kill(childPid(demo.program.pid, 'edge') ?? 0, 'SIGKILL');
  await throughHub();
  await moves(first());
  expect(operator.faults).toEqual([]);
});

test('a browser in another network never notices that there is such a path', async () => {
  const stranger = await launchChromium();
  try {
    const login = { account: 'operator', password: demo.password('operator') };
    const person = await signIn(stranger, demo.url, login, { language: 'en' });
    // Only over a relay, and there is none: nothing of the attempt reaches any network.
    await person.context.addInitScript(`
      const Real = RTCPeerConnection;
      window.RTCPeerConnection = class extends Real {
        constructor() { super({ iceServers: [], iceTransportPolicy: 'relay' }); window.tried = true; }
      };`);
    await person.page.goto(`${demo.url}/wall`);
    const tile = person.page.getByTestId('wall').getByTestId('tile').first();
    await moves(tile);
    await tile.dblclick();
    await waitFor('an attempt', async () => (await person.page.evaluate('window.tried')) === true || undefined, 10_000);
    await moves(tile, 60);
    expect(await tile.getAttribute('data-path')).not.toBe('webrtc');
    expect(person.faults).toEqual([]);
  } finally {
    await stranger.close();
  }
});
