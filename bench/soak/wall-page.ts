import { readFileSync } from 'node:fs';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { launchChromium, signIn } from '../../tests/support/browser.ts';

/** One tile as the page shows it. */
export interface TileSight {
  device: string;
  state: string;
  frames: number;
}

/** What the page costs. */
export interface PageMemory {
  heapBytes: number;
  rendererBytes: number;
}

/** A wall in a real Chromium, with the views of its memory that its debugging protocol gives. */
export class WallInBrowser {
  readonly #browser: Browser;
  readonly #page: Page;
  readonly #ofPage: CDPSession;
  readonly #ofBrowser: CDPSession;
  /** Faults that the page reported, and loads of another document. */
  readonly faults: string[];
  reloads = 0;

  private constructor(browser: Browser, page: Page, sessions: [CDPSession, CDPSession], faults: string[]) {
    this.#browser = browser;
    this.#page = page;
    [this.#ofPage, this.#ofBrowser] = sessions;
    this.faults = faults;
    page.on('framenavigated', () => this.reloads++);
  }

  /** Signs in and shows the wall with so many tiles. */
  static async open(url: string, login: { account: string; password: string }, tiles: number): Promise<WallInBrowser> {
    const browser = await launchChromium();
    const { page, context, faults } = await signIn(browser, url, login, { language: 'en', width: 1920, height: 1080 });
    await page.goto(`${url}/wall`);
    await page.getByTestId(`layout-${tiles}`).click();
    const sessions = await Promise.all([context.newCDPSession(page), browser.newBrowserCDPSession()]);
    return new WallInBrowser(browser, page, sessions, faults);
  }

  close(): Promise<void> {
    return this.#browser.close();
  }

  tiles(): Promise<TileSight[]> {
    return this.#page.evaluate<TileSight[]>(
      `[...document.querySelectorAll('[data-testid=wall] [data-testid=tile]')].map(({ dataset }) =>
        ({ device: dataset.device, state: dataset.state, frames: Number(dataset.frames ?? 0) }))`,
    );
  }

  /** After a collection: JavaScript's heap, and resident memory of all renderers. */
  async memory(): Promise<PageMemory> {
    // The debugger keeps what the browser logs about lost connections; nobody would without it.
    await this.#ofPage.send('Runtime.discardConsoleEntries');
    await this.#ofPage.send('HeapProfiler.collectGarbage');
    const { usedSize } = await this.#ofPage.send('Runtime.getHeapUsage');
    const { processInfo } = await this.#ofBrowser.send('SystemInfo.getProcessInfo');
    const renderers = processInfo.filter(({ type }) => type === 'renderer');
    return { heapBytes: usedSize, rendererBytes: renderers.reduce((sum, { id }) => sum + residentBytes(id), 0) };
  }
}

function residentBytes(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    // A spare renderer that ended meanwhile.
    return 0;
  }
}
