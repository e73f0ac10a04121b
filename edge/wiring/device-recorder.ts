import type { RecordingInfo } from '../../contract/device.ts';
import type { DeviceRecorder } from '../devices/device-registry.ts';
import type { StreamPool, UsedStream } from '../devices/stream-pool.ts';
import type { Recording } from '../recording/recording.ts';

/** Which streams of a recorded device go to the disk. */
export type RecordedStreams = 'main' | 'sub' | 'both';

/** Brings the streams of devices to recording and keeps them pulled meanwhile. */
export class PoolRecorder implements DeviceRecorder {
  readonly #pool: StreamPool;
  readonly #recording: Recording;
  readonly #wanted: readonly ('main' | 'sub')[];
  readonly #used = new Map<string, UsedStream[]>();

  constructor(pool: StreamPool, recording: Recording, streams: RecordedStreams) {
    this.#pool = pool;
    this.#recording = recording;
    this.#wanted = streams === 'both' ? ['main', 'sub'] : [streams];
  }

  async begin(deviceId: string, resumed: boolean): Promise<void> {
    await this.end(deviceId);
    const used: UsedStream[] = [];
    this.#used.set(deviceId, used);
    for (const wanted of this.#wanted) {
      const opened = this.#pool.open(deviceId, wanted);
      // `main` stands in for a missing `sub`; it is not recorded twice.
      if (used.some(({ stream }) => stream === opened.stream)) {
        opened.release();
        continue;
      }
      used.push(opened);
      await this.#recording.record({ deviceId, stream: opened.stream }, opened, resumed);
    }
  }

  async end(deviceId: string): Promise<void> {
    const used = this.#used.get(deviceId) ?? [];
    this.#used.delete(deviceId);
    for (const { stream, release } of used) {
      await this.#recording.stopRecording({ deviceId, stream });
      release();
    }
  }

  info(deviceId: string): RecordingInfo | null {
    const [first] = this.#used.get(deviceId) ?? [];
    return first === undefined ? null : this.#recording.info({ deviceId, stream: first.stream });
  }
}
