import type { Clock } from '../../platform/clock.ts';
import { buildFragment, FRAGMENT_HEADER_BYTES } from '../../protocols/fmp4/fragment.ts';
import { buildAvcInit } from '../../protocols/fmp4/init-segment.ts';
import { ParameterSets } from '../../protocols/h264/parameter-sets.ts';
import { codecString, type SequenceParameters } from '../../protocols/h264/sps.ts';
import type { AccessUnit, AccessUnitSink } from '../../protocols/rtp/depacketizer.ts';
import { Timeline } from './timeline.ts';
import type { InitSegment, MediaFragment } from './types.ts';

/**
 * Turns the access units of a stream's sessions into init segments and fragments. The init segment is made at the
 * key frame that needs it: by then the sets sent inside the stream, which are the true ones, have been seen.
 */
export class Fragmenter implements AccessUnitSink {
  readonly #clock: Clock;
  readonly #timeline: Timeline;
  readonly #deliver: (fragment: MediaFragment) => void;
  #sets = new ParameterSets();
  #setsChanged = false;
  #clockRate = 90_000;
  #init: InitSegment | null = null;
  #epoch = 0;
  #sequence = 0;
  /** Frames that came before anything to decode them with. */
  dropped = 0;

  constructor(clock: Clock, deliver: (fragment: MediaFragment) => void) {
    this.#clock = clock;
    this.#timeline = new Timeline(clock);
    this.#deliver = deliver;
  }

  /** The segment that the next fragment belongs to, unless its key frame brings a new one. */
  get init(): InitSegment | null {
    return this.#init;
  }

  /** A new session begins. @param clockRate of its RTP timestamps */
  beginSession(clockRate: number): void {
    this.#clockRate = clockRate;
    this.#sets = new ParameterSets();
    this.#setsChanged = true;
  }

  onParameterSet(nal: Uint8Array): void {
    if (this.#sets.add(nal)) this.#setsChanged = true;
  }

  onAccessUnit(unit: AccessUnit): void {
    if (this.#setsChanged && unit.key) this.#newInit();
    const init = this.#init;
    if (init === null || this.#setsChanged) {
      this.dropped += 1;
      return;
    }
    const times = this.#timeline.place(unit.timestamp, unit.key);
    this.#sequence += 1;
    const bytes = buildFragment({ sequence: this.#sequence, key: unit.key, ...times }, unit.bytes);
    this.#deliver({
      init,
      sequence: this.#sequence,
      key: unit.key,
      bytes,
      sampleAt: FRAGMENT_HEADER_BYTES,
      ...times,
      edgeAtMs: this.#clock.nowMs(),
    });
  }

  #newInit(): void {
    const parameters = this.#sets.parameters;
    if (parameters === null) return;
    const { sps, pps } = this.#sets.lists();
    const { width, height, sampleAspectRatio } = parameters;
    const bytes = buildAvcInit({ width, height, sampleAspectRatio, sps, pps });
    // Seconds keep it growing over restarts of the program, and within the 32 bits that the wire format has.
    this.#epoch = Math.max(this.#epoch + 1, Math.floor(this.#clock.nowMs() / 1000));
    this.#init = {
      family: 'h264',
      parameterSets: [...sps, ...pps],
      epoch: this.#epoch,
      bytes,
      codec: codecString(sps[0] ?? new Uint8Array(0)),
      width,
      height,
    };
    this.#setsChanged = false;
    this.#timeline.begin(this.#clockRate, parameters.maxReorderFrames ?? 0, frameDuration90k(parameters));
  }
}

function frameDuration90k({ timing }: SequenceParameters): number | null {
  if (timing === null || timing.timeScale === 0 || timing.numUnitsInTick === 0) return null;
  const duration = Math.round((2 * 90_000 * timing.numUnitsInTick) / timing.timeScale);
  return duration >= 300 && duration <= 450_000 ? duration : null;
}
