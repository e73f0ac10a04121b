import type { BrowserMedia } from './capabilities.ts';
import { canDecode, mediaSourceClass } from './source-feed.ts';

/** Read once: moving through the dashboard changes the address. */
const FORCED = new URLSearchParams(location.search).get('player');

/** What the address asked for as `?player=…` when the page was loaded; null when it asked for nothing. */
export function forcedPlayer(): string | null {
  return FORCED;
}

/** The browser that this page runs in. */
export function browserMedia(): BrowserMedia {
  return { hasMediaSource: mediaSourceClass() !== null, canDecode, forced: FORCED };
}
