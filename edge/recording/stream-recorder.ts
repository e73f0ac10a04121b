import { join } from 'node:path';
import type { RecordingInfo } from '../../contract/device.ts';
import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import type { RecordingGap, SegmentRecord } from '../../contract/footage.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { InitSegment, MediaConsumer, MediaFragment, StreamReason, StreamState } from '../media/types.ts';
import type { SegmentDisk, WriterId } from './segment-disk.ts';
import type { SegmentStore, StreamRef } from './segment-store.ts';
import { WallClockWatch } from './wall-clock-watch.ts';

/** Why nothing is written although it should be. */
export type DiskFault = 'disk-full' | 'disk-failed';

/** What a {@link StreamRecorder} is built from. */
export interface StreamRecorderOptions {
  ref: StreamRef;
  /** Folder of this stream's files. */
  folder: string;
  disk: SegmentDisk;
  store: SegmentStore;
  clock: Clock;
  log: Log;
  segmentMs: number;
  nextWriter(): WriterId;
  /** Writing failed; the recorder has stopped and waits for {@link StreamRecorder.resume}. */
  onDiskError(error: SharpEyesError): void;
  onGap(gap: RecordingGap): void;
  /** `info()` would say something new. */
  onChange(): void;
}

interface OpenSegment {
  writer: WriterId;
  path: string;
  init: InitSegment;
  /** Of the frame that was least delayed on its way, less its place in the segment: delays only ever add. */
  startAtMs: number;
  firstDecode90k: number;
  endDecode90k: number;
  frames: number;
}

const FLUSH_MS = 500;
const FLUSH_BYTES = 256 * 1024;
/** Bytes waiting for the disk beyond which it counts as too slow. */
const QUEUED_BYTES = 64 * 1024 * 1024;
const GAP_MS = 1000;
const CUT_TIMEOUT_MS = 8000;
const CONNECT_GRACE_MS = 15_000;

/**
 * Records one stream: init segment, then the fragments as they come, cut at key frames; each finished file is linked
 * into the stream's hash chain. Whatever is missing for more than a second is written into the gap ledger.
 */
export class StreamRecorder implements MediaConsumer {
  readonly #options: StreamRecorderOptions;
  readonly #wallClock: WallClockWatch;
  #segment: OpenSegment | null = null;
  #batch: Uint8Array[] = [];
  #batchBytes = 0;
  #flushTimer: TimerHandle | null = null;
  #fault: DiskFault | null = null;
  #ended = false;
  /** Until the first picture or the end of the grace. */
  #beginning: { atMs: number; accountedUntilMs: number | null } | null = null;
  #beginTimer: TimerHandle | null = null;
  #coveredUntilMs: number | null = null;
  #cause: RecordingGap['cause'] = 'camera-lost';
  #cutAtNextKey = false;
  #clockStepped = false;
  #lastNumber = -1;
  #unfinished: { path: string; startAtMs: number }[] = [];
  #closedWaiters: (() => void)[] = [];
  #tail: Promise<void> = Promise.resolve();
  #state: RecordingInfo['state'] = 'stopped';
  #sinceMs: number;

  constructor(options: StreamRecorderOptions) {
    this.#options = options;
    this.#wallClock = new WallClockWatch(options.clock);
    this.#sinceMs = options.clock.nowMs();
  }

  /**
   * Begins to expect pictures. `accountedUntilMs`: edge time up to which an earlier run recorded or kept a ledger; what
   * lies between it and now is a gap. Null when recording begins only now.
   */
  begin(accountedUntilMs: number | null): void {
    const { clock } = this.#options;
    this.#beginning = { atMs: clock.nowMs(), accountedUntilMs };
    this.#beginTimer = clock.after(CONNECT_GRACE_MS, () => this.#beginIsOver());
  }

  /** No picture came in good time: what is missing from now on is not the edge's doing. */
  #beginIsOver(): void {
    const beginning = this.#beginning;
    this.#beginTimer?.cancel();
    this.#beginning = null;
    if (beginning === null) return;
    const { atMs, accountedUntilMs } = beginning;
    if (accountedUntilMs !== null) this.#noteGap(accountedUntilMs, atMs, 'edge-stopped');
    this.#coveredUntilMs = atMs;
  }

  /** The first picture. Connecting takes a moment: that belongs to the stop before, or, for a new device, to nothing. */
  #beginWithPicture(): void {
    const beginning = this.#beginning;
    this.#beginTimer?.cancel();
    this.#beginning = null;
    if (beginning === null) return;
    this.#coveredUntilMs = beginning.accountedUntilMs;
    this.#cause = 'edge-stopped';
  }

  /** Finishes the open segment and resolves when it is in the index. The caller has ended the subscription. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#beginIsOver();
    this.#finish();
    const { clock } = this.#options;
    if (this.#coveredUntilMs !== null) this.#noteGap(this.#coveredUntilMs, clock.nowMs(), this.#cause);
    await this.#tail;
  }

  onInit(): void {
    // Every fragment names its init segment.
  }

  onFragment(fragment: MediaFragment): void {
    if (this.#fault !== null || this.#ended) return;
    if (this.#options.disk.queuedBytes > QUEUED_BYTES) return this.#tooSlow();
    if (this.#wallClock.stepped()) {
      this.#cutAtNextKey = true;
      this.#clockStepped = true;
    }
    if (!this.#continues(fragment)) {
      this.#finish();
      if (!fragment.key) return;
      this.#beginWithPicture();
      this.#open(fragment);
    }
    this.#add(fragment);
  }

  onState(state: StreamState, reason: StreamReason): void {
    if (reason === 'refused-credentials') {
      this.#beginIsOver();
      this.#cause = 'refused-credentials';
    }
    if (state !== 'live') this.#finish();
  }

  /** Gives up the open file and writes nothing until {@link resume}. */
  pause(fault: DiskFault): void {
    this.#beginIsOver();
    if (this.#fault === null) this.#abandon();
    this.#fault = fault;
    this.#cause = fault;
    this.#setState('failed');
  }

  /** The disk works again: what lies half-written is repaired first. */
  resume(): void {
    if (this.#fault === null) return;
    this.#fault = null;
    this.#setState('stopped');
    this.#recover();
  }

  /** Finishes the open segment at the next key frame, so that nothing is lost; resolves when it is in the index. */
  async cut(): Promise<void> {
    if (this.#segment !== null) {
      this.#cutAtNextKey = true;
      await new Promise<void>((resolve) => {
        const timer = this.#options.clock.after(CUT_TIMEOUT_MS, () => this.#finish());
        this.#closedWaiters.push(() => {
          timer.cancel();
          resolve();
        });
      });
    }
    await this.#tail;
  }

  info(): Omit<RecordingInfo, 'oldestAtMs'> {
    const reason = this.#state === 'recording' ? 'ok' : (this.#fault ?? 'no-stream');
    return { state: this.#state, reason, sinceMs: this.#sinceMs };
  }

  /** Resolves when everything finished so far is in the index. */
  indexed(): Promise<void> {
    return this.#tail;
  }

  /** What is being written now. */
  openRange(): { fromMs: number; toMs: number } | null {
    const segment = this.#segment;
    return segment === null ? null : { fromMs: segment.startAtMs, toMs: endOf(segment) };
  }

  /** The gap that is open now; null while pictures come. */
  openGap(): RecordingGap | null {
    const toMs = this.#options.clock.nowMs();
    const beginning = this.#beginning;
    const fromMs = beginning === null ? this.#coveredUntilMs : beginning.accountedUntilMs;
    const cause = beginning === null ? this.#cause : 'edge-stopped';
    return fromMs === null || toMs - fromMs <= 2 * GAP_MS ? null : { fromMs, toMs, cause };
  }

  #continues(fragment: MediaFragment): boolean {
    const segment = this.#segment;
    if (segment === null || fragment.init !== segment.init) return false;
    if (!fragment.key) return true;
    const lengthMs = (fragment.decodeTime90k - segment.firstDecode90k) / 90;
    return !this.#cutAtNextKey && lengthMs < this.#options.segmentMs - 1;
  }

  #open(fragment: MediaFragment): void {
    const { disk, store, folder, ref, nextWriter } = this.#options;
    const { init, edgeAtMs, decodeTime90k } = fragment;
    const startAtMs = Math.round(edgeAtMs);
    // Never below the number in the chain, and never twice: the file before may still be on its way into the index.
    this.#lastNumber = Math.max(store.nextSequence(ref), this.#lastNumber + 1);
    const path = join(folder, `${String(this.#lastNumber).padStart(9, '0')}-${startAtMs}.mp4`);
    if (this.#clockStepped) this.#cause = 'clock-step';
    this.#clockStepped = false;
    const writer = nextWriter();
    this.#segment = {
      writer,
      path,
      init,
      startAtMs,
      firstDecode90k: decodeTime90k,
      endDecode90k: decodeTime90k,
      frames: 0,
    };
    this.#cutAtNextKey = false;
    disk.open(writer, path, init.bytes).catch((error) => this.#failed(error, writer));
    this.#setState('recording');
  }

  #add(fragment: MediaFragment): void {
    const segment = this.#segment;
    if (segment === null) return;
    const offsetMs = (fragment.decodeTime90k - segment.firstDecode90k) / 90;
    if (!this.#clockStepped) segment.startAtMs = Math.min(segment.startAtMs, fragment.edgeAtMs - offsetMs);
    const atMs = segment.startAtMs + offsetMs;
    if (this.#coveredUntilMs !== null) this.#noteGap(this.#coveredUntilMs, atMs, this.#cause);
    this.#cause = 'camera-lost';
    segment.endDecode90k = fragment.decodeTime90k + fragment.duration90k;
    segment.frames += 1;
    this.#coveredUntilMs = endOf(segment);
    this.#batch.push(fragment.bytes);
    this.#batchBytes += fragment.bytes.length;
    if (this.#batchBytes >= FLUSH_BYTES) this.#flush();
    else this.#flushTimer ??= this.#options.clock.after(FLUSH_MS, () => this.#flush());
  }

  #flush(): void {
    this.#flushTimer?.cancel();
    this.#flushTimer = null;
    if (this.#segment === null || this.#batch.length === 0) return;
    const joined = new Uint8Array(this.#batchBytes);
    let at = 0;
    for (const part of this.#batch) {
      joined.set(part, at);
      at += part.length;
    }
    this.#batch = [];
    this.#batchBytes = 0;
    this.#options.disk.append(this.#segment.writer, joined);
  }

  /** Closes the open segment and links it, after the ones before it. */
  #finish(): void {
    const segment = this.#segment;
    if (segment === null) return;
    this.#flush();
    this.#segment = null;
    this.#setState('stopped');
    const { disk, ref } = this.#options;
    const closed = disk.close(segment.writer);
    // Looked at below, possibly only after the segments before it.
    closed.catch(() => undefined);
    this.#then(async () => {
      const { bytes, sha256 } = await closed;
      const endAtMs = Math.round(endOf(segment));
      const { path, frames } = segment;
      const startAtMs = Math.round(segment.startAtMs);
      await this.#link({ ...ref, startAtMs, endAtMs, bytes, frames, sha256, path });
    }, segment);
    for (const done of this.#closedWaiters.splice(0)) this.#tail.then(done, done);
  }

  #abandon(): void {
    const segment = this.#segment;
    this.#flushTimer?.cancel();
    this.#flushTimer = null;
    this.#batch = [];
    this.#batchBytes = 0;
    if (segment === null) return;
    this.#segment = null;
    this.#options.disk.abandon(segment.writer);
    this.#unfinished.push(segment);
    for (const done of this.#closedWaiters.splice(0)) done();
  }

  /** What was abandoned is cut behind its last whole frame and linked like any other segment. */
  #recover(): void {
    for (const file of this.#unfinished.splice(0)) {
      this.#then(async () => {
        const repaired = await this.#options.disk.repair(file.path);
        if (repaired === null) return;
        const { durationMs, ...facts } = repaired;
        const startAtMs = Math.round(file.startAtMs);
        const endAtMs = Math.round(file.startAtMs + durationMs);
        await this.#link({ ...this.#options.ref, startAtMs, endAtMs, ...facts, path: file.path });
      }, file);
    }
  }

  async #link(segment: Omit<SegmentRecord, 'sequence' | 'previous' | 'hash'> & { path: string }): Promise<void> {
    await this.#options.store.add(segment);
    this.#options.onChange();
  }

  #then(step: () => Promise<void>, file: { path: string; startAtMs: number }): void {
    this.#tail = this.#tail.then(step).catch((error) => {
      if (isMissing(error)) return;
      this.#unfinished.push(file);
      this.#failed(error, null);
    });
  }

  /** @param writer which file; null for one that was finished already */
  #failed(error: unknown, writer: WriterId | null): void {
    if (this.#ended) return;
    if (writer !== null && this.#segment?.writer !== writer) return;
    this.#abandon();
    this.#options.onDiskError(
      error instanceof SharpEyesError ? error : new SharpEyesError('STORAGE_FAILED', messageOf(error)),
    );
  }

  /** The disk lost a file that was being written. */
  writerFailed(writer: WriterId, error: SharpEyesError): void {
    this.#failed(error, writer);
  }

  #tooSlow(): void {
    if (this.#segment === null) return;
    this.#options.log.warn({ ...this.#options.ref }, 'the disk does not keep up; pictures are not recorded');
    this.#finish();
    this.#cause = 'disk-failed';
  }

  #noteGap(fromMs: number, toMs: number, cause: RecordingGap['cause']): void {
    if (toMs - fromMs <= GAP_MS) return;
    const gap = { fromMs: Math.round(fromMs), toMs: Math.round(toMs), cause };
    const { store, ref, log, onGap } = this.#options;
    store.addGap(ref, gap).catch((error) => log.error({ ...ref, ...gap }, `gap not noted: ${messageOf(error)}`));
    onGap(gap);
  }

  #setState(state: RecordingInfo['state']): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#sinceMs = this.#options.clock.nowMs();
    this.#options.onChange();
  }
}

function endOf(segment: OpenSegment): number {
  return segment.startAtMs + (segment.endDecode90k - segment.firstDecode90k) / 90;
}

function isMissing(error: unknown): boolean {
  return error instanceof SharpEyesError && error.context['code'] === 'ENOENT';
}
