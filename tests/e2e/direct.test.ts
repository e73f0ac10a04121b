import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium, moves, type Person, signIn } from '../support/browser.ts';
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
/** Frames painted by what comes straight from the edge. */
const directFrames = (): Promise<number> =>
  page.evaluate(
    "Math.max(...[...document.querySelectorAll('[data-testid=tile] video')].filter((v) => v.srcObject).map((v) => v.getVideoPlaybackQuality().totalVideoFrames))",
  );

test('the enlarged tile takes its picture straight from the edge, and the small one through the hub again', async () => {
  await moves(first());
  await first().dblclick();
  await waitFor('the direct path', async () => (await path()) === 'webrtc' || undefined, 30_000);
  const before = await directFrames();
  await waitFor('30 more frames', async () => (await directFrames()) >= before + 30 || undefined, 30_000);
  await page.keyboard.press('Escape');
  await waitFor('the path through the hub', async () => (await path()) !== 'webrtc' || undefined, 30_000);
  await moves(first());
});

test('when the edge dies the tile goes on by itself, through the hub', async () => {
  await first().dblclick();
  await waitFor('the direct path', async () => (await path()) === 'webrtc' || undefined, 30_000);
  process.kill(childPid(demo.program.pid, 'edge') ?? 0, 'SIGKILL');
  await waitFor('the path through the hub', async () => (await path()) !== 'webrtc' || undefined, 30_000);
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
