import type { AudioTrack } from './tracks.ts';
import type { AudioInit } from './types.ts';

/** Samples of one AAC access unit; the short frames of 960 are used by no camera. */
const AAC_SAMPLES = 1024;

/** What is needed to understand a track's sound. */
export function audioInitOf({ codec, clockRate, channels, fmtp }: AudioTrack): AudioInit {
  const config = codec === 'aac' ? new Uint8Array(Buffer.from(fmtp.get('config') ?? '', 'hex')) : new Uint8Array(0);
  return { codec, clockRate, channels, config };
}

/** Samples of one channel in an access unit. */
export function samplesOf({ codec, channels }: AudioInit, bytes: Uint8Array): number {
  return codec === 'aac' ? AAC_SAMPLES : Math.floor(bytes.length / channels);
}
