import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import { waitFor } from './wait.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((file) => existsSync(file));
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Languages of the dashboard. */
export type Language = 'en' | 'zh';

/** A real Chromium; `home` is its user's home, where it finds its certificate store; `more` are further flags. */
export function launchChromium(home?: string, more: readonly string[] = []): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error('Chromium is missing: npm test installs it');
  const env = home === undefined ? {} : { env: { ...process.env, HOME: home } };
  return chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, ...more], ...env });
}

/** A person in front of a browser of their own. */
export interface Person {
  page: Page;
  context: BrowserContext;
  /** Faults that the page reported. */
  faults: string[];
  /** Requests that left for another host. */
  outside: string[];
}

/** Opens the dashboard in a language and a window size and signs in. */
export async function signIn(
  browser: Browser,
  url: string,
  login: { account: string; password: string },
  options: { language: Language; width?: number; height?: number },
): Promise<Person> {
  const { language, width = 1600, height = 900 } = options;
  const locale = language === 'zh' ? 'zh-CN' : 'en-GB';
  const context = await browser.newContext({ locale, viewport: { width, height }, acceptDownloads: true });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const person: Person = { page, context, faults: [], outside: [] };
  const host = new URL(url).hostname;
  page.on('pageerror', (error) => person.faults.push(String(error)));
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (hostname !== host && protocol.startsWith('http')) person.outside.push(request.url());
  });
  await page.goto(url);
  await page.getByTestId('sign-in-account').fill(login.account);
  await page.getByTestId('sign-in-password').fill(login.password);
  await page.getByTestId('sign-in-submit').click();
  await page.getByTestId('sign-in-submit').waitFor({ state: 'detached' });
  return person;
}

/** Number of frames that a tile has painted. */
export async function framesOf(tile: Locator): Promise<number> {
  return Number((await tile.getAttribute('data-frames')) ?? '0');
}

/** Waits until a tile has painted more frames than it has now: the picture moves. */
export async function moves(tile: Locator, frames = 10): Promise<void> {
  await tile.waitFor();
  const before = await framesOf(tile);
  await waitFor(
    `a moving picture (${await tile.getAttribute('data-device')})`,
    async () => (await framesOf(tile)) >= before + frames || undefined,
    60_000,
    200,
  );
}
