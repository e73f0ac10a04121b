import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { CannotRun, figureOf, type Measuring } from '../figure.ts';
import { percentile } from '../percentile.ts';
import { arrange, openBrowser, openDashboard } from '../support/browser.ts';
import { NUMBERED_FPS, NUMBERED_FRAMES, numberedClip } from '../support/numbered-clip.ts';
import { cameraUrls, Path, startSource } from '../support/path.ts';
import { ffmpegVersion, sleep } from '../support/processes.ts';
import { withRunning } from '../support/running.ts';

const OPENINGS = 20;
/** Longer than the hub and the edge keep a stream going that nobody watches: the tile starts from nothing. */
const CLOSED_MS = 6_000;
const GOP_MS = 2_000;
const WATCH_MS = 5_000;
const FIRST_WITHIN_MS = 15_000;
const FRAME_MS = 1000 / NUMBERED_FPS;
const PROBE = join(import.meta.dirname, '..', 'support', 'page', 'picture-probe.js');
const ABOUT = { bench: 'latency', unit: 'ms', better: 'lower' } as const;

/** What the page noted about one opening of the tile. */
interface Noted {
  openedAt: number | null;
  firstAt: number | null;
  path: string | null;
  shown: { number: number; at: number }[];
  unread: number;
}

/** How soon a tile shows a picture, and how old its pictures are three seconds later. */
export async function pictures({ say, note }: Measuring): Promise<void> {
  await ffmpegVersion();
  await withRunning(async (running) => {
    const source = running.keep(await startSource(await numberedClip(), NUMBERED_FPS, ['--together']));
    const path = running.keep(new Path());
    await path.start();
    // A camera that is recorded, as cameras are: the edge has its last group of pictures.
    await path.addCameras(cameraUrls([source], 1), { record: true });
    await arrange(path, '1', path.deviceIds);
    const chromium = running.keep(await openBrowser());
    const page = await openDashboard(chromium.browser, path);
    await page.addInitScript({ path: PROBE });
    await page.goto(`${path.whole.hub.addresses.url}/wall`);
    await firstPicture(page);
    const [first, glass]: [number[], number[]] = [[], []];
    for (let n = 0; n < OPENINGS; n++) {
      await page.getByTestId('nav-footage').click();
      await sleep(CLOSED_MS + Math.random() * GOP_MS);
      await page.getByTestId('nav-wall').click();
      const noted = await watched(page);
      const ages = agesOf(noted, source.startedAtMs);
      if (ages.length < ((WATCH_MS - 3000) / FRAME_MS) * 0.5) {
        throw new CannotRun(
          `only ${ages.length} pictures with a number in two seconds (${noted.unread} unreadable, ${noted.path})`,
        );
      }
      first.push((noted.firstAt ?? Number.NaN) - (noted.openedAt ?? Number.NaN));
      glass.push(...ages);
      note(
        `latency picture: first after ${first.at(-1)} ms, then ${Math.round(percentile(ages, 0.5))} ms old (p95 ${Math.round(percentile(ages, 0.95))}), ${noted.path}`,
      );
    }
    say(percentileFigure('first_picture_p95_ms', 500, first, chromium.version));
    say(percentileFigure('glass_p95_ms', 400, glass, chromium.version));
  });
}

function percentileFigure(figure: string, goal: number, values: readonly number[], peer: string) {
  const about = figureOf({ ...ABOUT, figure, goal, peer }, values);
  return { ...about, value: Number(percentile(values, 0.95).toPrecision(4)) };
}

async function read(page: Page): Promise<Noted> {
  return (await page.evaluate('window.benchPictures.read()')) as Noted;
}

/** The dashboard is loaded and has shown the camera once. */
async function firstPicture(page: Page): Promise<void> {
  const tile = page.locator('[data-testid=wall] [data-testid=tile][data-state=live]');
  await tile.waitFor();
}

/** Waits until the tile has been watched long enough since it was opened. */
async function watched(page: Page): Promise<Noted> {
  const end = performance.now() + FIRST_WITHIN_MS;
  for (;;) {
    await sleep(200);
    const noted = await read(page);
    if (noted.openedAt === null) throw new CannotRun('the page did not notice that the wall was opened');
    if (noted.firstAt !== null && Date.now() - noted.openedAt >= WATCH_MS) return noted;
    if (performance.now() > end) throw new CannotRun('no picture came');
  }
}

/** Milliseconds from the moment when a picture left the camera until it was shown. */
function agesOf({ shown }: Noted, startedAtMs: number): number[] {
  return shown.map(({ number, at }) => {
    const newest = Math.floor((at - startedAtMs) / FRAME_MS);
    const behind = (((newest - number) % NUMBERED_FRAMES) + NUMBERED_FRAMES) % NUMBERED_FRAMES;
    return at - startedAtMs - (newest - behind) * FRAME_MS;
  });
}
