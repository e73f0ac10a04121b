import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordingGap } from '../../../contract/footage.ts';
import { Recording, type RecordingOptions } from '../../../edge/recording/recording.ts';
import { ThreadSegmentDisk } from '../../../edge/recording/segment-disk.ts';
import { RECORDING_MIGRATIONS, SegmentStore } from '../../../edge/recording/segment-store.ts';
import { freeBytes } from '../../../platform/files.ts';
import { silentLog } from '../../../platform/log.ts';
import { SqliteDatabase } from '../../../platform/sqlite/database.ts';
import { FakeClock } from '../fake-clock.ts';

/** Recording with its real disk thread and index; only the clock and the camera are made up. */
export interface RecordingRig {
  recording: Recording;
  store: SegmentStore;
  disk: ThreadSegmentDisk;
  clock: FakeClock;
  folder: string;
  gaps: RecordingGap[];
  faults: (string | null)[];
  stop(): Promise<void>;
  /** As if the process was killed: nothing is finished or noted. */
  crash(): Promise<void>;
}

export async function recordingRig(
  data: string,
  clock: FakeClock = new FakeClock(),
  options: { config?: Partial<RecordingOptions['config']>; folder?: string; free?: () => Promise<number> } = {},
): Promise<RecordingRig> {
  mkdirSync(data, { recursive: true });
  const folder = options.folder ?? join(data, 'recordings');
  const database = new SqliteDatabase({
    file: join(data, 'recording.sqlite'),
    migrations: RECORDING_MIGRATIONS,
    log: silentLog,
  });
  await database.start();
  const disk = new ThreadSegmentDisk();
  disk.start();
  const store = new SegmentStore(database);
  const gaps: RecordingGap[] = [];
  const faults: (string | null)[] = [];
  const recording = new Recording({
    folder,
    disk,
    store,
    clock,
    log: silentLog,
    config: { quotaBytes: 1e9, reserveBytes: 0, segmentSeconds: 10, ...options.config },
    freeBytes: options.free ?? freeBytes,
    onFault: (fault) => faults.push(fault),
    onGap: (_ref, gap) => gaps.push(gap),
    onChange: () => undefined,
  });
  await recording.start();
  const stop = async (): Promise<void> => {
    await recording.stop();
    await disk.stop();
    await database.stop();
  };
  const crash = async (): Promise<void> => {
    await disk.stop();
    await database.stop();
  };
  return { recording, store, disk, clock, folder, gaps, faults, stop, crash };
}
