import { buildAvcInit, buildHevcInit, buildJpegInit, JPEG_CODEC } from '../../protocols/fmp4/init-segment.ts';
import { ParameterSets } from '../../protocols/h264/parameter-sets.ts';
import { codecString } from '../../protocols/h264/sps.ts';
import { H265ParameterSets } from '../../protocols/h265/parameter-sets.ts';
import { hevcCodecString } from '../../protocols/h265/profile-tier-level.ts';
import { jpegSize } from '../../protocols/mjpeg/parse-jpeg.ts';
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
  switch (family) {
    case 'h264':
      return new AvcFormat();
    case 'h265':
      return new HevcFormat();
    case 'mjpeg':
      return new JpegFormat();
  }
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
    const { width, height, sampleAspectRatio, maxReorderFrames, timing } = parameters;
    const bytes = buildAvcInit({ width, height, sampleAspectRatio, sps, pps });
    const codec = codecString(sps[0] ?? new Uint8Array(0));
    return {
      init: { family: 'h264', parameterSets: [...sps, ...pps], bytes, codec, width, height },
      maxReorderFrames: maxReorderFrames ?? 0,
      // It counts fields: two make a frame.
      frameDuration90k: duration90k(timing, 2),
    };
  }
}

class HevcFormat implements VideoFormat {
  readonly #sets = new H265ParameterSets();

  addParameterSet(nal: Uint8Array): boolean {
    return this.#sets.add(nal);
  }

  addKeyPicture(): boolean {
    return false;
  }

  describe(): VideoDescription | null {
    const { parameters } = this.#sets;
    if (parameters === null) return null;
    const { vps, sps, pps } = this.#sets.lists();
    const { width, height, sampleAspectRatio, maxReorderFrames, timing, ptl } = parameters;
    const bytes = buildHevcInit({ width, height, sampleAspectRatio, vps, sps, pps });
    const codec = hevcCodecString(ptl);
    return {
      init: { family: 'h265', parameterSets: [...vps, ...sps, ...pps], bytes, codec, width, height },
      maxReorderFrames,
      frameDuration90k: duration90k(timing, 1),
    };
  }
}

/** Every picture says its own size and is decoded alone. */
class JpegFormat implements VideoFormat {
  #size: { width: number; height: number } | null = null;

  addParameterSet(): boolean {
    return false;
  }

  addKeyPicture(bytes: Uint8Array): boolean {
    const size = jpegSize(bytes);
    if (size === null || (size.width === this.#size?.width && size.height === this.#size.height)) return false;
    this.#size = size;
    return true;
  }

  describe(): VideoDescription | null {
    if (this.#size === null) return null;
    const bytes = buildJpegInit(this.#size);
    return {
      init: { family: 'mjpeg', parameterSets: [], bytes, codec: JPEG_CODEC, ...this.#size },
      maxReorderFrames: 0,
      frameDuration90k: null,
    };
  }
}

function duration90k(timing: { numUnitsInTick: number; timeScale: number } | null, ticks: number): number | null {
  if (timing === null || timing.timeScale === 0) return null;
  const duration = Math.round((ticks * 90_000 * timing.numUnitsInTick) / timing.timeScale);
  return duration >= 300 && duration <= 450_000 ? duration : null;
}
