import { ticksPerUnit } from '../../protocols/aac/format.ts';
import { g711Samples } from '../../protocols/g711/depacketizer.ts';
import type { AudioTrack } from './tracks.ts';
import type { AudioInit } from './types.ts';

/** What is needed to understand a track's sound. */
export function audioInitOf({ codec, clockRate, channels, aac }: AudioTrack): AudioInit {
  return { codec, clockRate, channels, config: aac?.config ?? new Uint8Array(0) };
}

/** Samples of one channel in an access unit of `bytes` bytes. */
export function samplesOf({ aac, clockRate, channels }: AudioTrack, bytes: number): number {
  return aac === null ? g711Samples(bytes, channels) : ticksPerUnit(aac, clockRate);
}
