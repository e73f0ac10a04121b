import type { BrowserMedia } from './capabilities.ts';
import { canDecode, mediaSourceClass } from './source-feed.ts';

/** The browser that this page runs in. */
export function browserMedia(): BrowserMedia {
  return { hasMediaSource: mediaSourceClass() !== null, canDecode, search: location.search };
}
