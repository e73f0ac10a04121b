import { buildAvcInit } from '../../protocols/fmp4/init-segment.ts';
import { ParameterSets } from '../../protocols/h264/parameter-sets.ts';
import { codecString, type SequenceParameters } from '../../protocols/h264/sps.ts';
import type { InitSegment, VideoFamily } from './types.ts';

/** What a decoder has to know of a stream, and how its frames are timed. */
export interface VideoDescription {
  init: Omit<InitSegment, 'epoch'>;
  maxReorderFrames: number;
  /** Null where the stream does not say. */
  frameDuration90k: number | null;
}

/** Follows the parameters of one session's pictures. */
export interface VideoFormat {
  /** Takes a parameter set; true when it changes what a decoder needs. */
  addParameterSet(nal: Uint8Array): boolean;
  /** Looks at a picture at which decoding can begin; true when it changes what a decoder needs. */
  addKeyPicture(bytes: Uint8Array): boolean;
  /** Null until a decoder could be set up. */
  describe(): VideoDescription | null;
}

/** @returns the format of a new session */
export function makeVideoFormat(family: VideoFamily): VideoFormat {
  return family === 'h264' ? new AvcFormat() : new AvcFormat();
}

class AvcFormat implements VideoFormat {
  readonly #sets = new ParameterSets();

  addParameterSet(nal: Uint8Array): boolean {
    return this.#sets.add(nal);
  }

  addKeyPicture(): boolean {
    return false;
  }

  describe(): VideoDescription | null {
    const { parameters } = this.#sets;
    if (parameters === null) return null;
    const { sps, pps } = this.#sets.lists();
    const { width, height, sampleAspectRatio, maxReorderFrames } = parameters;
    const bytes = buildAvcInit({ width, height, sampleAspectRatio, sps, pps });
    const codec = codecString(sps[0] ?? new Uint8Array(0));
    return {
      init: { family: 'h264', parameterSets: [...sps, ...pps], bytes, codec, width, height },
      maxReorderFrames: maxReorderFrames ?? 0,
      frameDuration90k: fieldPairDuration90k(parameters),
    };
  }
}

/** H.264 counts in fields: two ticks make a frame. */
function fieldPairDuration90k({ timing }: SequenceParameters): number | null {
  return timing === null ? null : plausibleDuration90k((2 * 90_000 * timing.numUnitsInTick) / timing.timeScale);
}

function plausibleDuration90k(duration90k: number): number | null {
  return duration90k >= 300 && duration90k <= 450_000 ? Math.round(duration90k) : null;
}
