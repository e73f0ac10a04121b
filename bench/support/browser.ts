import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { Wall } from '../../contract/api/centre.ts';
import { messageOf } from '../../contract/errors.ts';
import { PACKAGE_ROOT } from '../../platform/version.ts';
import { launchChromium } from '../../tests/support/browser.ts';
import { CannotRun } from '../figure.ts';
import type { Path } from './path.ts';

/** A Chromium as the tests start it. @throws CannotRun when there is none, or no dashboard to show */
export async function openBrowser(): Promise<{ browser: Browser; version: string; stop(): Promise<void> }> {
  if (!existsSync(join(PACKAGE_ROOT, 'dashboard', 'dist', 'index.html'))) {
    throw new CannotRun('the dashboard is not built: npm run build');
  }
  try {
    const browser = await launchChromium();
    return { browser, version: `Chromium ${browser.version()}`, stop: () => browser.close() };
  } catch (cause) {
    throw new CannotRun(`Chromium does not start: ${messageOf(cause)}`, { cause });
  }
}

/** A page of the dashboard, signed in as the first administrator. */
export async function openDashboard(browser: Browser, path: Path, size = { width: 1600, height: 900 }): Promise<Page> {
  const { admin, addresses } = path.whole.hub;
  const context = await browser.newContext({ locale: 'en-GB', viewport: size });
  const [name = '', value = ''] = (admin.cookie ?? '').split('=');
  await context.addCookies([{ name, value, url: addresses.url }]);
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  return page;
}

/** Arranges the first wall. */
export async function arrange(path: Path, layout: Wall['layout'], deviceIds: readonly string[]): Promise<void> {
  const { admin } = path.whole.hub;
  const [wall] = (await admin.get('/api/walls')).json as Wall[];
  if (wall === undefined) throw new CannotRun('the hub has no wall');
  const { wallId, ...rest } = wall;
  const tiles = Array.from({ length: Number(layout) }, (_, n) => deviceIds[n] ?? null);
  const answer = await admin.send('PUT', `/api/walls/${wallId}`, { ...rest, layout, tiles, autoFill: false });
  if (answer.status !== 200) throw new Error(`the wall was not arranged: ${answer.text}`);
}
