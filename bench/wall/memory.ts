import type { Browser, Page } from 'playwright-core';
import { CannotRun, figureOf, type Measuring, median } from '../figure.ts';
import { sendAlarm } from '../support/alarm-sender.ts';
import { arrange, openBrowser, openDashboard } from '../support/browser.ts';
import { closeIncidents } from '../support/incidents.ts';
import { cameraUrls, Path, startSource } from '../support/path.ts';
import { ffmpegVersion, rssMb, sleep } from '../support/processes.ts';
import { withRunning } from '../support/running.ts';
import { SUB_FPS, subClip } from '../support/sub-clip.ts';

const TILES = 16;
const MINUTES = 30;
const MINUTE_MS = 60_000;
/** Of the whole time, before memory is looked at. */
const WARM_UP = 0.1;
/** Of the looks: the first of them are compared with the last. */
const COMPARED = 0.2;
const LOOK_EVERY_MS = 10_000;
const ALARM_EVERY_LOOKS = 2;
const ACCOUNT = '6001';

/** How much a page with 16 live tiles grows while incidents come and go. */
export async function memoryGrowth({ say, note, minutes }: Measuring): Promise<void> {
  await ffmpegVersion();
  if (minutes < MINUTES)
    note(`wall memory_growth_pct: ${minutes} of ${MINUTES} minutes, as asked: no proof of the goal`);
  const clip = await subClip();
  await withRunning(async (running) => {
    const source = running.keep(await startSource(clip.h264, SUB_FPS));
    const path = running.keep(new Path());
    await path.start();
    await path.addCameras(cameraUrls([source], TILES));
    const kind = { driver: 'sia-dc09', type: 'alarm-box', profileId: 'generic/dc09-help-box' } as const;
    await path.whole.register({ name: 'Box', ...kind, connection: { account: ACCOUNT } });
    await arrange(path, '16', path.deviceIds);
    const { browser, version } = running.keep(await openBrowser());
    const page = await openDashboard(browser, path);
    await page.goto(`${path.whole.hub.addresses.url}/wall`);
    const live = page.locator('[data-testid=wall] [data-testid=tile][data-state=live]');
    await live.nth(TILES - 1).waitFor({ timeout: 60_000 });
    const looks = await memoryLooks(browser, page, path, minutes);
    const compared = Math.max(2, Math.floor(looks.length * COMPARED));
    const [first, last] = [middle(looks.slice(0, compared)), middle(looks.slice(-compared))];
    note(`wall memory: ${Math.round(first)} MB at first, ${Math.round(last)} MB at last`);
    if (looks.length < 4) throw new CannotRun('too few minutes to compare anything');
    const about = { bench: 'wall', figure: 'memory_growth_pct', unit: '%', goal: 5, better: 'lower' } as const;
    say(figureOf({ ...about, peer: `${version}, ${minutes} minutes` }, [(last / first - 1) * 100]));
  });
}

function middle(values: readonly number[]): number {
  return median([...values].sort((a, b) => a - b));
}

async function memoryLooks(browser: Browser, page: Page, path: Path, minutes: number): Promise<number[]> {
  const session = await page.context().newCDPSession(page);
  const looks: number[] = [];
  const startedAt = performance.now();
  for (let look = 0; performance.now() - startedAt < minutes * MINUTE_MS; look++) {
    if (look % ALARM_EVERY_LOOKS === 0) await incident(page, path);
    await sleep(LOOK_EVERY_MS);
    // What is only waiting to be collected is no growth.
    await session.send('HeapProfiler.collectGarbage');
    const isWarm = performance.now() - startedAt >= minutes * MINUTE_MS * WARM_UP;
    if (isWarm) looks.push(await pageMb(browser));
  }
  return looks;
}

async function incident(page: Page, path: Path): Promise<void> {
  await sendAlarm(path.whole.ports.dc09, ACCOUNT);
  const popup = page.getByTestId('incident-popup');
  await popup.waitFor();
  await sleep(5000);
  await sendAlarm(path.whole.ports.dc09, ACCOUNT, true);
  await closeIncidents(path);
  await page.keyboard.press('Escape');
  await popup.waitFor({ state: 'detached' });
}

/** Resident memory of the processes that show pages. */
async function pageMb(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.reduce((sum, { type, id }) => sum + (type === 'renderer' ? rssMb(id) : 0), 0);
}
