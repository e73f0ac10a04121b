import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HubStorage } from '../../hub/storage/hub-storage.ts';
import { silentLog } from '../../platform/log.ts';

/** An empty hub database in a temporary folder. */
export interface TemporaryStorage {
  storage: HubStorage;
  file: string;
  /** Closes it and removes the folder. */
  remove(): Promise<void>;
}

/** Opens an empty hub database in a temporary folder. */
export async function temporaryStorage(): Promise<TemporaryStorage> {
  const folder = mkdtempSync(join(tmpdir(), 'hub-'));
  const file = join(folder, 'hub.db');
  const storage = new HubStorage({ file, log: silentLog });
  await storage.start();
  return {
    storage,
    file,
    remove: async () => {
      await storage.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
