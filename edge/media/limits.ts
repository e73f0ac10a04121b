import type { BackoffOptions } from '../../platform/backoff.ts';

/** How long nobody signs in again at a camera that refused the password. */
export const REFUSED_PASSWORD_WAIT_MS = 1_800_000;

/** Bounds and times of one stream; all configurable. */
export interface MediaLimits {
  connectTimeoutMs: number;
  /** For each RTSP request. */
  responseTimeoutMs: number;
  /** Without a picture for so long the stream counts as dead, whatever else comes. */
  silenceMs: number;
  /** Time between receiver reports. */
  reportPeriodMs: number;
  backoff: BackoffOptions;
  /** Added to the wait after a refusal that will not pass by itself (no such stream, a codec nobody can use). */
  refusedWaitMs: number;
  /** The same after a refused password: cameras lock accounts after a few wrong ones, for half an hour. */
  refusedPasswordWaitMs: number;
  /** A larger frame is dropped. */
  frameBytes: number;
  /** Bounds of the group of pictures that is kept for new viewers; a longer group is not kept at all. */
  gopBytes: number;
  gopFrames: number;
  consumers: number;
}

/** What applies where the configuration says nothing. */
export const DEFAULT_MEDIA_LIMITS: MediaLimits = {
  connectTimeoutMs: 3_000,
  responseTimeoutMs: 8_000,
  silenceMs: 8_000,
  reportPeriodMs: 5_000,
  // A camera that comes back is to be seen within ten seconds; dials at once are bounded elsewhere.
  backoff: { firstMs: 1_000, maxMs: 5_000 },
  refusedWaitMs: 60_000,
  refusedPasswordWaitMs: REFUSED_PASSWORD_WAIT_MS,
  frameBytes: 8_388_608,
  gopBytes: 16_777_216,
  gopFrames: 1_500,
  consumers: 256,
};
