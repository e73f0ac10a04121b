import type { Browser as Chromium } from 'playwright-core';
import type { Browser as Firefox, Page as FirefoxPage } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Wall } from '../../contract/api/centre.ts';
import { launchChromium, moves } from '../support/browser.ts';
import { hasFfmpeg } from '../support/ffmpeg.ts';
import { hasFirefox, launchFirefox } from '../support/firefox.ts';
import { type GstRtspServer, hasGstRtspServer, startGstRtspServer } from '../support/gst-rtsp-server.ts';
import { waitFor } from '../support/wait.ts';
import { WholePath } from '../support/whole-path/whole-path.ts';

const TILE = '[data-testid=wall] [data-testid=tile]';
const SIZE = { width: 640, height: 360 };

describe.skipIf(!hasFirefox || !hasGstRtspServer || !hasFfmpeg)('an H.265 camera without a small stream', () => {
  const path = new WholePath();
  let source: GstRtspServer | undefined;
  let firefox: Firefox | undefined;
  let chromium: Chromium | undefined;

  beforeAll(async () => {
    source = await startGstRtspServer({ frames: Number.POSITIVE_INFINITY, fps: 15, ...SIZE, codec: 'h265' });
    await path.start();
    const kind = { driver: 'rtsp', type: 'camera', profileId: null } as const;
    const { device } = await path.register({ name: 'H.265', ...kind, connection: { url: source.url } });
    await oneTile(device.deviceId);
  });

  afterAll(async () => {
    await firefox?.close();
    await chromium?.close();
    await path.remove();
    await source?.stop();
  });

  async function oneTile(deviceId: string): Promise<void> {
    const { admin } = path.hub;
    const [wall] = (await admin.get('/api/walls')).json as [Wall];
    const { wallId, ...rest } = wall;
    const body = { ...rest, layout: '1', tiles: [deviceId], autoFill: false };
    expect((await admin.send('PUT', `/api/walls/${wallId}`, body)).status).toBe(200);
  }

  const cookie = (): { name: string; value: string } => {
    const [name = '', value = ''] = (path.hub.admin.cookie ?? '').split('=');
    return { name, value };
  };

  /** What the tile in Firefox says of itself. */
  const tileOf = async (page: FirefoxPage): Promise<Record<string, string | undefined>> =>
    (await page.evaluate(`({ ...document.querySelector('${TILE}')?.dataset })`)) as never;

  test('plays untouched in Firefox', async () => {
    firefox = await launchFirefox();
    const page = await firefox.newPage();
    const { url } = path.hub.addresses;
    await page.goto(url);
    await page.setCookie({ ...cookie(), domain: new URL(url).hostname });
    await page.goto(`${url}/wall`);
    const tile = await waitFor(
      'pictures that move',
      async () => {
        const data = await tileOf(page);
        return data['state'] === 'live' && Number(data['frames']) > 30 ? data : undefined;
      },
      90_000,
      250,
    );
    expect(tile).toMatchObject({ path: 'mse', stream: 'main' });
    expect(tile['why']).not.toBe('transcoded');
    await page.keyboard.press('i');
    const facts = `${TILE} [data-testid=tile-facts]`;
    await page.waitForSelector(facts);
    expect(await page.evaluate(`document.querySelector('${facts}').textContent`)).toMatch(/H\.265.*640 × 360/);
  });

  test('moves again in Firefox after the hub was killed and started', async () => {
    const [page] = (await firefox?.pages())?.filter((each) => each.url().endsWith('/wall')) ?? [];
    if (page === undefined) throw new Error('the wall is not open');
    await path.hub.kill();
    const before = Number((await tileOf(page))['frames']);
    await path.hub.start();
    await waitFor(
      'pictures that move again',
      async () => {
        const { state, frames } = await tileOf(page);
        return (state === 'live' && Number(frames) > before + 30) || undefined;
      },
      60_000,
      250,
    );
  });

  test('reaches Chromium, which has no decoder for it, in H.264', async () => {
    chromium = await launchChromium();
    const context = await chromium.newContext({ locale: 'en-GB' });
    const { url } = path.hub.addresses;
    await context.addCookies([{ ...cookie(), url }]);
    const page = await context.newPage();
    await page.goto(`${url}/wall`);
    const tile = page.locator(TILE);
    await moves(tile, 20);
    expect(await tile.getAttribute('data-why')).toBe('transcoded');
    await page.keyboard.press('i');
    await expect.poll(() => tile.getByTestId('tile-facts').textContent()).toMatch(/H\.264/);
    const badge = tile.getByTestId('tile-badge');
    expect(await badge.getAttribute('title')).toMatch(/is converted/);
  });
});
