import type { InitDescription, MediaMessage } from '../../../contract/media-frame.ts';
import type { PlayerClock } from './player-clock.ts';

/** What turns fragments into pictures. */
export const PIPELINE_PATHS = ['mse', 'webcodecs', 'canvas', 'mpeg1', 'webrtc'] as const;
/** One of {@link PIPELINE_PATHS}. */
export type PipelinePath = (typeof PIPELINE_PATHS)[number];

/** Why a pipeline cannot go on; its tile makes it anew, or takes another one. */
export type PipelineFault = 'quota' | 'decode' | 'closed' | 'overflow' | 'unsupported';

/** The elements of a tile; a pipeline paints on one of them. */
export interface Surface {
  video: HTMLVideoElement;
  canvas: HTMLCanvasElement;
}

/** What a decoder is made from: the description and the body of an `init` message. */
export interface StreamInit {
  description: InitDescription;
  body: Uint8Array;
}

/** What a {@link Pipeline} is built from. */
export interface PipelineOptions {
  surface: Surface;
  init: StreamInit;
  clock: PlayerClock;
  /** The picture moves for the first time since `start()`. */
  onFirstFrame(): void;
  onFault(fault: PipelineFault): void;
}

/**
 * Shows the pictures of one stream. It lives from `start()` to `stop()` and is never started again. Fragments come in
 * order, the first one after each init segment with a key frame, none missing.
 */
export interface Pipeline {
  readonly path: PipelinePath;
  /** What it paints on; the tile shows this element while the pipeline lives. */
  readonly element: HTMLVideoElement | HTMLCanvasElement;
  /** Frames painted since `start()`. */
  readonly presentedFrames: number;
  start(): void;
  /**
   * Goes on with another init segment, whose timeline may be anywhere; what came before and was not shown yet is
   * dropped, the last picture stays. A decoder that is kept costs less than a new one, and nothing turns black.
   */
  reopen(init: StreamInit): void;
  /** Lets go of the decoder; the last picture may stay on the element. */
  stop(): void;
  /** A `fragment` message: `moof` and `mdat` with one frame. */
  append(fragment: MediaMessage): void;
  /** Four times a second: stay at the newest frame, give old ones back. */
  tick(): void;
  /** Pictures do not appear although fragments arrive: try again, mildly. */
  nudge(): void;
  /** Edge's time of the picture on the screen; null while there is none or it is not known. */
  shownEdgeAtMs(): number | null;
}
