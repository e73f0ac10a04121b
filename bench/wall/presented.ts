import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { CannotRun, figureOf, type Measuring } from '../figure.ts';
import { arrange, openBrowser, openDashboard } from '../support/browser.ts';
import { cameraUrls, Path, startSource } from '../support/path.ts';
import { ffmpegVersion, sleep } from '../support/processes.ts';
import { withRunning } from '../support/running.ts';
import { SUB_FPS, subClip } from '../support/sub-clip.ts';

const TILES = 36;
const RUNS = 5;
const WARM_UP_MS = 8_000;
const WINDOW_MS = 8_000;
const SIZE = { width: 1920, height: 1080 };
const PROBE = join(import.meta.dirname, '..', 'support', 'page', 'presented.js');

interface Presented {
  videos: number;
  perSecond: number;
}

/** Frames that a wall of 36 tiles presents, over those of 36 plain videos with the same background load. */
export async function presentedRatio({ say, note }: Measuring): Promise<void> {
  await ffmpegVersion();
  const clip = await subClip();
  await withRunning(async (running) => {
    const source = running.keep(await startSource(clip.h264, SUB_FPS));
    const path = running.keep(new Path());
    await path.start();
    await path.addCameras(cameraUrls([source], TILES));
    await arrange(path, '36', path.deviceIds);
    const { browser, version } = running.keep(await openBrowser());
    const ratios: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const ours = await wallOnce(browser, path);
      const plain = await plainOnce(browser, path, clip.mp4);
      note(`wall presented: ${Math.round(ours)} frames/s on the wall, ${Math.round(plain)} by plain videos`);
      if (plain === 0) throw new CannotRun('plain videos do not play in this Chromium');
      ratios.push(ours / plain);
    }
    const about = { bench: 'wall', figure: 'presented_ratio', unit: 'ratio', goal: 0.95, better: 'higher' } as const;
    say(figureOf({ ...about, peer: `plain <video>, ${version}` }, ratios));
  });
}

async function wallOnce(browser: Browser, path: Path): Promise<number> {
  const page = await openDashboard(browser, path, SIZE);
  try {
    await page.addInitScript({ path: PROBE });
    await page.goto(`${path.whole.hub.addresses.url}/wall`);
    const live = page.locator('[data-testid=wall] [data-testid=tile][data-state=live]');
    await live.nth(TILES - 1).waitFor({ timeout: 60_000 });
    return await presented(page);
  } finally {
    await page.context().close();
  }
}

async function plainOnce(browser: Browser, path: Path, mp4: string): Promise<number> {
  const audience = await path.watch();
  const context = await browser.newContext({ viewport: SIZE });
  try {
    const page = await context.newPage();
    await page.addInitScript({ path: PROBE });
    await page.goto('data:text/html,<!doctype html><title>plain</title>');
    const base64 = readFileSync(mp4).toString('base64');
    await page.evaluate(`window.benchPlain(${JSON.stringify(base64)}, ${TILES})`);
    return await presented(page);
  } finally {
    await context.close();
    await audience.process.stop();
  }
}

async function presented(page: Page): Promise<number> {
  await sleep(WARM_UP_MS);
  const { videos, perSecond } = (await page.evaluate(`window.benchPresented(${WINDOW_MS})`)) as Presented;
  if (videos !== TILES) throw new CannotRun(`the page has ${videos} videos instead of ${TILES}`);
  return perSecond;
}
