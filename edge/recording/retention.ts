import type { Log } from '../../platform/log.ts';
import type { SegmentDisk } from './segment-disk.ts';
import type { SegmentStore } from './segment-store.ts';

const AT_A_TIME = 32;

/**
 * Removes the oldest segments of all streams until the rest fits the quota. Files go first and entries after: what dies
 * in between is an entry without a file, which the next start notices.
 */
export async function removeBeyondQuota(parts: {
  disk: SegmentDisk;
  store: SegmentStore;
  log: Log;
  quotaBytes: number;
}): Promise<number> {
  const { disk, store, log, quotaBytes } = parts;
  let removed = 0;
  while (store.totalBytes > quotaBytes) {
    let excess = store.totalBytes - quotaBytes;
    const doomed = (await store.oldest(AT_A_TIME)).filter(({ record }) => {
      const isNeeded = excess > 0;
      excess -= record.bytes;
      return isNeeded;
    });
    if (doomed.length === 0) break;
    await disk.remove(doomed.map(({ path }) => path));
    await store.forget(doomed);
    removed += doomed.length;
  }
  if (removed > 0) log.debug({ segments: removed }, 'oldest footage removed: the quota is reached');
  return removed;
}
