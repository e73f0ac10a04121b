import { spawn } from 'node:child_process';
import { SharpEyesError } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import { FilterProcess } from '../../platform/ffmpeg/filter-process.ts';
import type { Log } from '../../platform/log.ts';
import { FlvReader, type FlvVideo } from '../../protocols/flv/parse.ts';
import { buildAvcInit } from '../../protocols/fmp4/init-segment.ts';
import { parseAvcC } from '../../protocols/h264/avcc.ts';
import { codecString, parseSps } from '../../protocols/h264/sps.ts';
import type { InitSegment, MediaFragment } from '../media/types.ts';
import { encoderWords } from './encoder-words.ts';
import { type FrameTimes, FrameTimesQueue } from './frame-times.ts';
import { isSkippedLeading } from './skipped-leading.ts';

/** What an {@link Encoder} is built from. */
export interface EncoderOptions {
  /** Path of ffmpeg. */
  program: string;
  /** Of the pictures that come in; others need another encoder. */
  init: InitSegment;
  maxWidth: number;
  kbitPer720p: number;
  clock: Clock;
  log: Log;
  /** What the pictures that follow are decoded with; without an epoch. */
  onInit(init: Omit<InitSegment, 'epoch'>): void;
  onPicture(picture: { key: boolean; bytes: Uint8Array; times: FrameTimes }): void;
  /** It ended, whatever the reason. */
  onEnd(): void;
}

/** Fragments that wait for the encoder beyond this are skipped up to the next key frame. */
const QUEUE_BYTES = 2_097_152;
const MAX_FRAME_BYTES = 4_194_304;
const HANG_MS = 10_000;

/** One run of ffmpeg: pictures of one init segment in, H.264 with the same times out. */
export class Encoder {
  readonly #options: EncoderOptions;
  readonly #process: FilterProcess;
  readonly #times = new FrameTimesQueue();
  readonly #reader = new FlvReader((video) => this.#take(video), { maxTagBytes: MAX_FRAME_BYTES });
  #waitsForKey = true;
  /** No key frame has come since the one that it began with. */
  #isFirstGroup = false;
  /** Pictures that it did not take in time. */
  skipped = 0;

  constructor(options: EncoderOptions) {
    this.#options = options;
    const { program, init, clock, log, onEnd } = options;
    const words = encoderWords({ ...options, width: init.width, height: init.height });
    this.#process = new FilterProcess({
      spawn: () => spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true }),
      ...{ clock, log, hangMs: HANG_MS, onEnd },
      onOutput: (chunk) => this.#reader.push(chunk),
    });
  }

  start(): void {
    this.#process.start();
    this.#process.write(this.#options.init.bytes);
  }

  /** A picture to encode; it may be skipped. */
  feed(fragment: MediaFragment): void {
    const isFull = this.#process.queuedBytes > QUEUE_BYTES;
    if (isFull || (this.#waitsForKey && !fragment.key)) {
      this.#waitsForKey = true;
      this.skipped += 1;
      return;
    }
    if (fragment.key) this.#isFirstGroup = this.#waitsForKey;
    this.#waitsForKey = false;
    // The decoder would leave it out, and its time, earlier than any that comes out, be taken for the first one's.
    if (this.#isFirstGroup && isSkippedLeading(fragment)) return;
    const { decodeTime90k, compositionOffset90k, duration90k, edgeAtMs } = fragment;
    this.#times.push({ pts90k: decodeTime90k + compositionOffset90k, duration90k, edgeAtMs });
    this.#process.write(fragment.bytes);
  }

  /** Ends the process at once, and waits until it is gone. */
  stop(): Promise<void> {
    return this.#process.stop();
  }

  #take(video: FlvVideo): void {
    if (video.kind === 'configuration') {
      this.#options.onInit(initOf(video.record));
      return;
    }
    const times = this.#times.take(video.decodeTimeMs);
    if (times !== null) this.#options.onPicture({ key: video.key, bytes: video.bytes, times });
  }
}

function initOf(record: Uint8Array): Omit<InitSegment, 'epoch'> {
  const { sps, pps, lengthSize } = parseAvcC(record.slice());
  const [first] = sps;
  if (first === undefined || lengthSize !== 4) {
    throw new SharpEyesError('MEDIA_MALFORMED', 'The encoder gave no usable decoder configuration.');
  }
  const { width, height, sampleAspectRatio } = parseSps(first);
  return {
    ...{ family: 'h264', parameterSets: [...sps, ...pps], codec: codecString(first), width, height },
    bytes: buildAvcInit({ width, height, sampleAspectRatio, sps, pps }),
  };
}
