import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { moves } from './browser.ts';

/** Waits until at least `count` tiles of the wall show moving pictures. */
export async function wallMoves(page: Page, count: number): Promise<void> {
  const tiles = page.getByTestId('wall').getByTestId('tile');
  await expect.poll(() => tiles.count(), { timeout: 60_000 }).toBeGreaterThanOrEqual(count);
  for (let index = 0; index < count; index++) await moves(tiles.nth(index));
}
