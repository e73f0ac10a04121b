import type { Page } from 'playwright-core';

/** Fills the name and place of a device form: the first grid of the demo. */
export async function fillPlace(page: Page, name: string): Promise<void> {
  await page.getByTestId('place-name').fill(name);
  const region = page.getByTestId('place-region');
  const options = await region.locator('option').allTextContents();
  await region.selectOption({ index: options.findIndex((text) => text.includes('Grid 1')) });
  await page.getByTestId('place-latitude').fill('29.6125');
  await page.getByTestId('place-longitude').fill('119.0432');
}

/** Walks the wizard from the sign-in step to the end. */
export async function finishWizard(
  page: Page,
  login: { username: string; password: string },
  name: string,
): Promise<void> {
  await page.getByTestId('wizard-username').fill(login.username);
  await page.getByTestId('wizard-password').fill(login.password);
  await page.getByTestId('wizard-probe').click();
  await page.getByTestId('probe-result').waitFor();
  await page.getByTestId('wizard-to-place').click();
  await fillPlace(page, name);
  await page.getByTestId('wizard-to-service').click();
  await page.getByTestId('wizard-register').click();
  await page.getByTestId('wizard-done').waitFor();
}
