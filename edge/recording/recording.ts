import { join } from 'node:path';
import type { RecordingInfo } from '../../contract/device.ts';
import { messageOf, type SharpEyesError } from '../../contract/errors.ts';
import type { RecordingGap, RecordingTimeline } from '../../contract/footage.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { MediaConsumer } from '../media/types.ts';
import { adoptFiles, streamFolder } from './adopt.ts';
import { removeBeyondQuota } from './retention.ts';
import type { SegmentDisk } from './segment-disk.ts';
import { keyOf, type SegmentStore, type StoredSegment, type StreamRef } from './segment-store.ts';
import { type DiskFault, StreamRecorder } from './stream-recorder.ts';
import { buildTimeline } from './timeline.ts';

/** The part of a media stream that recording uses. */
export interface RecordableStream {
  subscribe(consumer: MediaConsumer, options: { withLastGop?: boolean }): () => void;
}

/** What {@link Recording} is built from. */
export interface RecordingOptions {
  folder: string;
  disk: SegmentDisk;
  store: SegmentStore;
  clock: Clock;
  log: Log;
  config: { quotaBytes: number; reserveBytes: number; segmentSeconds: number };
  freeBytes(folder: string): Promise<number>;
  /** The disk stopped or began to take recordings again. */
  onFault(fault: DiskFault | null, message: string): void;
  onGap(ref: StreamRef, gap: RecordingGap): void;
  /** What `info()` says of a stream changed. */
  onChange(): void;
}

interface Recorded {
  ref: StreamRef;
  recorder: StreamRecorder;
  unsubscribe: () => void;
  oldestAtMs: number | null;
}

const CHECK_MS = 5000;
/** So long without a new failure, and the disk counts as healthy again. */
const HEALTHY_AFTER_MS = 30_000;

/** Records streams to the disk of this edge and answers what is there. */
export class Recording {
  readonly #options: RecordingOptions;
  readonly #streams = new Map<string, Recorded>();
  #nextWriter = 1;
  #quotaBytes: number;
  #freeBytes: number | null = null;
  #fault: DiskFault | null = null;
  #told: DiskFault | null = null;
  #hasTakenOver = false;
  #healthySinceMs = 0;
  #timer: TimerHandle | null = null;
  #checking: Promise<void> | null = null;

  constructor(options: RecordingOptions) {
    this.#options = options;
    this.#quotaBytes = options.config.quotaBytes;
  }

  /**
   * Repairs what a crash left behind. The disk and the index's database are started before. A disk that is not there
   * does not hold up the rest of the edge: it is told, and tried again.
   */
  async start(): Promise<void> {
    const { store, clock, disk } = this.#options;
    await store.load();
    disk.onWriterFailed((writer, error) => {
      for (const { recorder } of this.#streams.values()) recorder.writerFailed(writer, error);
    });
    try {
      await this.#takeOver();
    } catch (error) {
      this.#stopWriting('disk-failed', `the recordings cannot be read: ${messageOf(error)}`);
    }
    this.#timer = clock.every(CHECK_MS, () => this.#check());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#checking;
    await Promise.all([...this.#streams.values()].map(({ ref }) => this.stopRecording(ref)));
  }

  /**
   * Records a stream until {@link stopRecording}.
   * @param resumed it was recorded before this process started, so that the time between is a gap
   */
  async record(ref: StreamRef, stream: RecordableStream, resumed: boolean): Promise<void> {
    await this.stopRecording(ref);
    const { store, onGap, onChange, folder, config } = this.#options;
    const recorder = new StreamRecorder({
      ...this.#options,
      ref,
      folder: join(folder, streamFolder(ref)),
      segmentMs: config.segmentSeconds * 1000,
      nextWriter: () => this.#nextWriter++,
      onDiskError: (error) => this.#onDiskError(error),
      onGap: (gap) => onGap(ref, gap),
      onChange,
    });
    recorder.begin(resumed ? await store.accountedUntilMs(ref) : null);
    if (this.#fault !== null) recorder.pause(this.#fault);
    const recorded: Recorded = { ref, recorder, unsubscribe: () => undefined, oldestAtMs: await store.oldestAtMs(ref) };
    this.#streams.set(keyOf(ref), recorded);
    recorded.unsubscribe = stream.subscribe(recorder, { withLastGop: false });
  }

  /** Ends recording of a stream; what was recorded stays until retention removes it. */
  async stopRecording(ref: StreamRef): Promise<void> {
    const recorded = this.#streams.get(keyOf(ref));
    if (recorded === undefined) return;
    this.#streams.delete(keyOf(ref));
    recorded.unsubscribe();
    await recorded.recorder.end();
  }

  /** State of a stream's recording; null when it is not recorded. */
  info(ref: StreamRef): RecordingInfo | null {
    const recorded = this.#streams.get(keyOf(ref));
    if (recorded === undefined) return null;
    return {
      ...recorded.recorder.info(),
      oldestAtMs: recorded.oldestAtMs ?? recorded.recorder.openRange()?.fromMs ?? null,
    };
  }

  /** Free bytes on the recordings' disk when last looked; null when unknown. */
  get freeBytes(): number | null {
    return this.#freeBytes;
  }

  /** What is recorded of a stream in [fromMs, toMs), and what is missing with its cause. */
  async timeline(ref: StreamRef, fromMs: number, toMs: number): Promise<RecordingTimeline> {
    const { store } = this.#options;
    const recorder = this.#streams.get(keyOf(ref))?.recorder;
    await recorder?.indexed();
    return buildTimeline({
      ref,
      fromMs,
      toMs,
      segments: (await store.between(ref, fromMs, toMs)).map(({ record }) => record),
      gaps: await store.gaps(ref, fromMs, toMs),
      openRange: recorder?.openRange() ?? null,
      openGap: recorder?.openGap() ?? null,
    });
  }

  /**
   * Finished segments that overlap [fromMs, toMs). When the interval reaches into the segment that is being written, that
   * one is finished first (at its next key frame, so that nothing is lost).
   */
  async segmentsBetween(ref: StreamRef, fromMs: number, toMs: number): Promise<StoredSegment[]> {
    const recorder = this.#streams.get(keyOf(ref))?.recorder;
    const open = recorder?.openRange() ?? null;
    if (recorder !== undefined && open !== null && toMs > open.fromMs) await recorder.cut();
    return this.#options.store.between(ref, fromMs, toMs);
  }

  #onDiskError(error: SharpEyesError): void {
    this.#stopWriting(error.code === 'STORAGE_FULL' ? 'disk-full' : 'disk-failed', error.message);
  }

  #stopWriting(fault: DiskFault, message: string): void {
    if (this.#fault !== null) return;
    this.#fault = fault;
    this.#options.log.error({ fault }, `recording has stopped: ${message}`);
    for (const { recorder } of this.#streams.values()) recorder.pause(fault);
    if (this.#told === null) this.#options.onFault(fault, message);
    this.#told = fault;
  }

  #check(): void {
    this.#checking ??= this.#checkOnce()
      .catch((error) => this.#options.log.error({}, `the recordings' disk cannot be looked after: ${messageOf(error)}`))
      .finally(() => {
        this.#checking = null;
      });
  }

  /** Before the first look at the files nothing may be written: the chain goes on behind what lies there. */
  async #takeOver(): Promise<void> {
    await adoptFiles(this.#options);
    await this.#fitQuota();
    this.#hasTakenOver = true;
  }

  async #checkOnce(): Promise<void> {
    const { folder, clock, config, disk, store, log, onFault } = this.#options;
    if (!this.#hasTakenOver) await this.#takeOver();
    await removeBeyondQuota({ disk, store, log, quotaBytes: this.#quotaBytes });
    for (const recorded of this.#streams.values()) recorded.oldestAtMs = await store.oldestAtMs(recorded.ref);
    const free = await this.#options.freeBytes(folder);
    this.#freeBytes = free;
    if (free < config.reserveBytes) {
      this.#stopWriting('disk-full', `${free} bytes are free, ${config.reserveBytes} are kept for events`);
    } else if (this.#fault !== null) {
      this.#fault = null;
      this.#healthySinceMs = clock.monotonicMs();
      log.info({ free }, 'recording tries again');
      for (const { recorder } of this.#streams.values()) recorder.resume();
    } else if (this.#told !== null && clock.monotonicMs() - this.#healthySinceMs >= HEALTHY_AFTER_MS) {
      this.#told = null;
      onFault(null, 'recording works again');
    }
  }

  /**
   * A quota larger than the disk would end in a full disk instead of in removing the oldest. It is cut once, at start:
   * later, somebody else fills the disk, and then nothing of ours may be deleted for it.
   */
  async #fitQuota(): Promise<void> {
    const { folder, config, store, log } = this.#options;
    const free = await this.#options.freeBytes(folder);
    this.#freeBytes = free;
    const room = store.totalBytes + free - config.reserveBytes;
    if (room >= config.quotaBytes) return;
    this.#quotaBytes = Math.max(0, Math.floor(room * 0.95));
    log.warn(
      { quotaBytes: config.quotaBytes, used: this.#quotaBytes },
      'the quota is larger than the disk and was cut',
    );
  }
}
