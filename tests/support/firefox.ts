import { existsSync } from 'node:fs';
import puppeteer, { type Browser } from 'puppeteer-core';

const FIREFOX = ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find((file) => existsSync(file));

/** Whether a Firefox is installed; tests that need it skip, saying so, when not. */
export const hasFirefox = FIREFOX !== undefined;
if (!hasFirefox) console.warn('Firefox is not installed (Debian: firefox-esr): its tests are skipped');

/** A real Firefox, driven by WebDriver BiDi. */
export function launchFirefox(): Promise<Browser> {
  if (FIREFOX === undefined) throw new Error('Firefox is missing');
  return puppeteer.launch({ browser: 'firefox', executablePath: FIREFOX, headless: true });
}
