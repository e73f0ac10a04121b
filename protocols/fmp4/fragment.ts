import { putU32, putU64 } from '../big-endian.ts';
import { TRACK_ID } from './init-segment.ts';

/** Bytes before the sample in every fragment that {@link buildFragment} makes: `moof` and the header of `mdat`. */
export const FRAGMENT_HEADER_BYTES = 112;

const MOOF_BYTES = 104;
const SEQUENCE_AT = 20;
const DECODE_TIME_AT = 60;
const DURATION_AT = 88;
const SIZE_AT = 92;
const FLAGS_AT = 96;
const COMPOSITION_AT = 100;
const MDAT_SIZE_AT = 104;
/** sample_depends_on 2: nothing. */
const KEY_FLAGS = 0x0200_0000;
/** sample_depends_on 1, and not a sync sample. */
const DELTA_FLAGS = 0x0101_0000;

/** Times in 90 kHz. */
export interface FragmentFields {
  sequence: number;
  key: boolean;
  decodeTime90k: number;
  duration90k: number;
  /** Presentation minus decode time; may be negative (trun version 1). */
  compositionOffset90k: number;
}

const TEMPLATE = makeTemplate();

/**
 * One `moof` and `mdat` with a single sample (ISO/IEC 14496-12 section 8.8). The layout is fixed, so a frame costs
 * one copy of its bytes and a dozen stores.
 * @param allocate gives the memory; every byte of it is written
 */
export function buildFragment(
  fields: FragmentFields,
  sample: Uint8Array,
  allocate: (length: number) => Uint8Array = unzeroed,
): Uint8Array {
  const bytes = allocate(FRAGMENT_HEADER_BYTES + sample.length);
  bytes.set(TEMPLATE);
  putU32(bytes, SEQUENCE_AT, fields.sequence);
  putU64(bytes, DECODE_TIME_AT, fields.decodeTime90k);
  putU32(bytes, DURATION_AT, fields.duration90k);
  putU32(bytes, SIZE_AT, sample.length);
  putU32(bytes, FLAGS_AT, fields.key ? KEY_FLAGS : DELTA_FLAGS);
  putU32(bytes, COMPOSITION_AT, fields.compositionOffset90k);
  putU32(bytes, MDAT_SIZE_AT, 8 + sample.length);
  bytes.set(sample, FRAGMENT_HEADER_BYTES);
  return bytes;
}

function unzeroed(length: number): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
}

function makeTemplate(): Uint8Array {
  const bytes = new Uint8Array(FRAGMENT_HEADER_BYTES);
  const put = (at: number, size: number, type: string, ...words: readonly number[]): void => {
    putU32(bytes, at, size);
    for (let i = 0; i < 4; i += 1) bytes[at + 4 + i] = type.charCodeAt(i);
    for (const [i, word] of words.entries()) putU32(bytes, at + 8 + i * 4, word);
  };
  put(0, MOOF_BYTES, 'moof');
  put(8, 16, 'mfhd', 0, 0);
  put(24, MOOF_BYTES - 24, 'traf');
  put(32, 16, 'tfhd', 0x02_0000, TRACK_ID); // default-base-is-moof
  put(48, 20, 'tfdt', 0x0100_0000, 0, 0);
  // One sample with duration, size, flags and composition offset; its data begins behind mdat's header.
  put(68, 36, 'trun', 0x0100_0f01, 1, FRAGMENT_HEADER_BYTES);
  put(MOOF_BYTES, 8, 'mdat');
  return bytes;
}
