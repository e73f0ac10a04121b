import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium, signIn } from '../support/browser.ts';
import { ADMIN_PASSWORD, type RunningHub, startHub } from '../support/hub.ts';
import { waitFor } from '../support/wait.ts';

let hub: RunningHub;
let browser: Browser;

beforeAll(async () => {
  hub = await startHub((config) => ({
    ...config,
    republish: { ...config.republish, enabled: true, port: 0 },
  }));
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await hub?.stop();
});

test.each(['en', 'zh'] as const)(
  'a password for another program is made, shown once, and taken back (%s)',
  async (language) => {
    const { page, faults } = await signIn(
      browser,
      hub.ready.url,
      { account: 'admin', password: ADMIN_PASSWORD },
      { language },
    );
    await page.getByTestId('account-menu').click();
    await page.getByTestId('open-readers').click();
    await page.getByTestId('reader-name').fill('school');
    await page.getByTestId('reader-create').click();
    const user = (await page.getByTestId('reader-user').textContent()) ?? '';
    const password = (await page.getByTestId('reader-password').textContent()) ?? '';
    expect(user).toMatch(/^admin-[a-z0-9]{5}$/);
    expect(password).toMatch(/^([a-z0-9]{4}-){3}[a-z0-9]{4}$/);
    await page.getByTestId('reader-done').click();
    await page.locator(`[data-testid=reader][data-reader=${user}]`).waitFor();
    expect(await page.getByTestId('readers-dialog').textContent()).not.toContain(password);
    await page.locator(`[data-reader=${user}]`).getByTestId('reader-remove').click();
    await waitFor('it to be gone', async () => (await page.locator(`[data-reader=${user}]`).count()) === 0);
    expect(faults).toEqual([]);
    await page.context().close();
  },
);
