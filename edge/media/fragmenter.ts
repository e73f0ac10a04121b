import type { Clock } from '../../platform/clock.ts';
import { buildFragment, FRAGMENT_HEADER_BYTES } from '../../protocols/fmp4/fragment.ts';
import type { AccessUnit, AccessUnitSink } from '../../protocols/rtp/depacketizer.ts';
import { Slab } from './slab.ts';
import { Timeline } from './timeline.ts';
import type { InitSegment, MediaFragment, VideoFamily } from './types.ts';
import { makeVideoFormat, type VideoFormat } from './video-format.ts';

/**
 * Turns the access units of a stream's sessions into init segments and fragments. The init segment is made at the
 * key frame that needs it: by then the sets sent inside the stream, which are the true ones, have been seen.
 */
export class Fragmenter implements AccessUnitSink {
  readonly #clock: Clock;
  readonly #deliver: (fragment: MediaFragment) => void;
  /** Of the pictures; sound and metadata are placed on it too. */
  readonly timeline: Timeline;
  readonly #slab = new Slab();
  readonly #allocate = (length: number): Uint8Array => this.#slab.take(length);
  #format: VideoFormat = makeVideoFormat('h264');
  #formatChanged = false;
  #sessionBegins = true;
  #clockRate = 90_000;
  #init: InitSegment | null = null;
  #epoch = 0;
  #sequence = 0;
  /** Frames that came before anything to decode them with. */
  dropped = 0;

  constructor(clock: Clock, deliver: (fragment: MediaFragment) => void) {
    this.#clock = clock;
    this.timeline = new Timeline(clock);
    this.#deliver = deliver;
  }

  /** The segment that the next fragment belongs to, unless its key frame brings a new one. */
  get init(): InitSegment | null {
    return this.#init;
  }

  /** A new session begins. @param clockRate of its RTP timestamps */
  beginSession(family: VideoFamily, clockRate: number): void {
    this.#clockRate = clockRate;
    this.#format = makeVideoFormat(family);
    this.#formatChanged = true;
    this.#sessionBegins = true;
  }

  onParameterSet(nal: Uint8Array): void {
    if (this.#format.addParameterSet(nal)) this.#formatChanged = true;
  }

  onAccessUnit(unit: AccessUnit): void {
    if (unit.key) {
      if (this.#format.addKeyPicture(unit.bytes)) this.#formatChanged = true;
      if (this.#formatChanged) this.#newInit();
    }
    const init = this.#init;
    if (init === null || this.#formatChanged) {
      this.dropped += 1;
      return;
    }
    const { decodeTime90k, compositionOffset90k, duration90k } = this.timeline.place(unit.timestamp, unit.key);
    this.#sequence += 1;
    const { key, bytes: sample } = unit;
    const fields = { sequence: this.#sequence, key, decodeTime90k, compositionOffset90k, duration90k };
    this.#deliver({
      init,
      sequence: this.#sequence,
      key,
      bytes: buildFragment(fields, sample, this.#allocate),
      sampleAt: FRAGMENT_HEADER_BYTES,
      decodeTime90k,
      compositionOffset90k,
      duration90k,
      edgeAtMs: this.#clock.nowMs(),
    });
  }

  #newInit(): void {
    const description = this.#format.describe();
    if (description === null) return;
    this.#formatChanged = false;
    // Cameras that send several sets before each key frame change nothing by it.
    if (!this.#sessionBegins && this.#init !== null && isSame(description.init, this.#init)) return;
    // Seconds keep it growing over restarts of the program, and within the 32 bits that the wire format has.
    this.#epoch = Math.max(this.#epoch + 1, Math.floor(this.#clock.nowMs() / 1000));
    this.#init = { ...description.init, epoch: this.#epoch };
    const { maxReorderFrames, frameDuration90k } = description;
    if (this.#sessionBegins) this.timeline.begin(this.#clockRate, maxReorderFrames, frameDuration90k);
    else this.timeline.reshape(maxReorderFrames, frameDuration90k);
    this.#sessionBegins = false;
  }
}

/** Whether a decoder that was set up by one can go on with the other. */
function isSame(a: Omit<InitSegment, 'epoch'>, b: InitSegment): boolean {
  return a.codec === b.codec && Buffer.compare(a.bytes, b.bytes) === 0;
}
