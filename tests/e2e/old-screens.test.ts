import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium, moves, type Person, signIn } from '../support/browser.ts';
import { type RunningDemo, startDemo } from '../support/demo.ts';
import { hasFfmpeg } from '../support/ffmpeg.ts';
import { waitFor } from '../support/wait.ts';

/** Of the hub's configuration as it comes: limits.mpeg1Streams. */
const MPEG1_STREAMS = 4;

let demo: RunningDemo;
let browser: Browser;

beforeAll(async () => {
  [demo, browser] = await Promise.all([startDemo({ firstPauseSeconds: 600, h265: true }), launchChromium()]);
  await demo.complete();
});
afterAll(async () => {
  await browser?.close();
  await demo?.stop();
});

async function wall(query: string): Promise<Person> {
  const login = { account: 'operator', password: demo.password('operator') };
  const person = await signIn(browser, `${demo.url}/${query}`, login, { language: 'en' });
  await person.page.goto(`${demo.url}/wall${query}`);
  await person.page.getByTestId('layout-16').click();
  return person;
}

describe('a browser that cannot decode everything', () => {
  test('shows a camera with an H.265 main stream by its small one', async () => {
    const api = await demo.client('operator');
    const device = await waitFor('the H.265 camera', async () =>
      (await api.call('listDevices')).find(({ name }) => name.includes('Field Entrance')),
    );
    expect(device.edge?.streams.map(({ name, codec }) => [name, codec?.slice(0, 4)])).toContainEqual(['sub', 'H264']);
    const { page, faults } = await wall('?player=h264');
    await moves(page.locator(`[data-testid=wall] [data-testid=tile][data-device="${device.deviceId}"]`), 20);
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test.skipIf(!hasFfmpeg)(
    'shows MPEG-1 on a canvas when it has nothing else; beyond the bound tiles say why',
    async () => {
      const { page, faults, outside } = await wall('?player=mpeg1');
      const tiles = page.locator('[data-testid=wall] [data-testid=tile][data-device]');
      const counted = async (): Promise<number[]> =>
        Promise.all((await tiles.all()).map(async (tile) => Number(await tile.getAttribute('data-frames'))));
      const moving = await waitFor(
        'pictures that move',
        async () => {
          const before = await counted();
          await page.waitForTimeout(1000);
          const after = await counted();
          const count = after.filter((frames, i) => frames >= (before[i] ?? 0) + 5).length;
          return count >= MPEG1_STREAMS ? count : undefined;
        },
        90_000,
        500,
      );
      expect(moving).toBe(MPEG1_STREAMS);
      expect(await page.locator('[data-testid=wall] [data-path=mpeg1]').count()).toBe(MPEG1_STREAMS);
      const busy = page.locator('[data-testid=wall] [data-reason=transcoder-busy]');
      await waitFor('the other tiles to say why not', async () => (await busy.count()) > 0);
      expect(faults).toEqual([]);
      expect(outside).toEqual([]);
    },
  );
});
