import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Wall } from '../../contract/api/centre.ts';
import { launchChromium, moves, type Person, signIn } from '../support/browser.ts';
import { type RunningDemo, startDemo } from '../support/demo.ts';
import { type GstRtspServer, hasGstRtspServer, startGstRtspServer } from '../support/gst-rtsp-server.ts';
import { WholePath } from '../support/whole-path/whole-path.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
});

describe('which picture of a camera is shown', () => {
  let demo: RunningDemo;
  let operator: Person;
  let tile: Locator;

  beforeAll(async () => {
    demo = await startDemo({ firstPauseSeconds: 3600 });
    await demo.complete();
    const login = { account: 'operator', password: demo.password('operator') };
    operator = await signIn(browser, demo.url, login, { language: 'zh' });
    await operator.page.goto(`${demo.url}/wall`);
    tile = operator.page.getByTestId('wall').getByTestId('tile').first();
  });

  afterAll(async () => {
    await operator?.context.close();
    await demo?.stop();
  });

  const shows = (stream: string, why: string) =>
    expect
      .poll(async () => `${await tile.getAttribute('data-stream')} ${await tile.getAttribute('data-why')}`, {
        timeout: 30_000,
      })
      .toBe(`${stream} ${why}`);

  test('a small tile gets the small one, in the player of the browser', async () => {
    await moves(tile);
    await shows('sub', 'tile-size');
    expect(await tile.getAttribute('data-path')).toBe('mse');
    expect(await tile.getByTestId('tile-badge').count()).toBe(0);
  });

  test('the enlarged tile gets the large one, decoded by the page, and the facts say so in the language of the page', async () => {
    await tile.dblclick();
    await shows('main', 'tile-size');
    await expect.poll(() => tile.getAttribute('data-path'), { timeout: 30_000 }).toBe('webcodecs');
    await moves(tile);
    await operator.page.keyboard.press('i');
    const facts = tile.getByTestId('tile-facts');
    await expect.poll(() => facts.textContent()).toContain('WebCodecs');
    expect(await facts.textContent()).toContain('主码流');
    expect(await facts.textContent()).toMatch(/1280 × 720/);
  });

  test('one chosen by hand stays, until the choice is given back', async () => {
    const choose = (value: string) => tile.getByTestId('tile-stream').locator(`[data-value=${value}]`).click();
    await choose('sub');
    await shows('sub', 'asked');
    await moves(tile);
    await choose('auto');
    await shows('main', 'tile-size');
    await moves(tile);
  });

  test('back on the wall it is small again', async () => {
    await operator.page.keyboard.press('Escape');
    await shows('sub', 'tile-size');
    await expect.poll(() => tile.getAttribute('data-path'), { timeout: 30_000 }).toBe('mse');
    await moves(tile);
    expect(operator.faults).toEqual([]);
  });

  test('a decoder of the browser that fails gives way to its player by itself', async () => {
    await operator.page.addInitScript(BROKEN_DECODER);
    await operator.page.reload();
    await moves(tile);
    await tile.dblclick();
    await shows('main', 'tile-size');
    await expect.poll(() => tile.getAttribute('data-path'), { timeout: 30_000 }).toBe('mse');
    await moves(tile);
    expect(operator.faults).toEqual([]);
  });
});

/** A decoder that fails with every frame. */
const BROKEN_DECODER = `window.VideoDecoder = class {
  state = 'configured';
  decodeQueueSize = 0;
  constructor({ error }) { this.error = error; }
  configure() {}
  reset() {}
  decode() { this.error(new DOMException('broken')); }
  close() { this.state = 'closed'; }
}`;

describe.skipIf(!hasGstRtspServer)('a camera that sends JPEG pictures', () => {
  const path = new WholePath();
  let source: GstRtspServer | undefined;

  beforeAll(async () => {
    const size = { width: 640, height: 360 };
    source = await startGstRtspServer({ frames: Number.POSITIVE_INFINITY, fps: 10, ...size, codec: 'jpeg' });
    await path.start();
  });

  afterAll(async () => {
    await path.remove();
    await source?.stop();
  });

  test('is drawn on a canvas', async () => {
    const kind = { driver: 'rtsp', type: 'camera', profileId: null } as const;
    const { device } = await path.register({ name: 'JPEG', ...kind, connection: { url: source?.url ?? '' } });
    const { admin, addresses } = path.hub;
    const [wall] = (await admin.get('/api/walls')).json as [Wall];
    const { wallId, ...rest } = wall;
    const body = { ...rest, layout: '4', tiles: [device.deviceId, null, null, null], autoFill: false };
    expect((await admin.send('PUT', `/api/walls/${wallId}`, body)).status).toBe(200);
    const context = await browser.newContext({ locale: 'en-GB' });
    const [name = '', value = ''] = (admin.cookie ?? '').split('=');
    await context.addCookies([{ name, value, url: addresses.url }]);
    const page = await context.newPage();
    await page.goto(`${addresses.url}/wall`);
    const tile = page.getByTestId('wall').getByTestId('tile');
    await moves(tile, 20);
    expect(await tile.getAttribute('data-path')).toBe('canvas');
    await page.keyboard.press('i');
    await expect.poll(() => tile.getByTestId('tile-facts').textContent()).toContain('640 × 360');
    await context.close();
  });
});
