import { i32, putU32, putU64, u32, u64 } from '../big-endian.ts';
import { type Box, boxes, child } from './box-reader.ts';

/** One sample and where its bytes lie. Times in the track's timescale. */
export interface Sample {
  start: number;
  end: number;
  duration: number;
  compositionOffset: number;
  /** A sync sample: decoding can begin here. */
  key: boolean;
}

/** One `moof` with the `mdat` behind it. */
export interface Fragment {
  /** Where `moof` begins. */
  start: number;
  /** Where its `mdat` ends. */
  end: number;
  sequence: number;
  decodeTime: number;
  samples: readonly Sample[];
}

const MAX_SAMPLES = 65_536;
const NOT_SYNC = 0x0001_0000;

interface Defaults {
  duration: number;
  size: number;
  flags: number;
  /** Position that a run's data offset counts from. */
  base: number;
}

/**
 * The whole fragments in `bytes`, in order, with the first track's samples. Other boxes are passed over. Ends at the
 * first fragment that is damaged or cut off: `end` of the last one handed out is how far a crashed file is good.
 */
export function* fragments(bytes: Uint8Array, from = 0): Generator<Fragment, void, undefined> {
  let moof: Box | null = null;
  for (const found of boxes(bytes, from)) {
    if (found.type === 'moof') {
      if (moof !== null) return;
      moof = found;
    } else if (found.type === 'mdat' && moof !== null) {
      const fragment = readFragment(bytes, moof, found);
      if (fragment === null) return;
      yield fragment;
      moof = null;
    }
  }
}

function readFragment(bytes: Uint8Array, moof: Box, mdat: Box): Fragment | null {
  const mfhd = child(bytes, moof, 'mfhd');
  const traf = child(bytes, moof, 'traf');
  const tfhd = traf === null ? null : child(bytes, traf, 'tfhd');
  const tfdt = traf === null ? null : child(bytes, traf, 'tfdt');
  if (mfhd === null || traf === null || tfhd === null || tfdt === null) return null;
  const defaults = readDefaults(bytes, tfhd, moof);
  const samples: Sample[] = [];
  let dataAt = mdat.bodyStart;
  for (const found of boxes(bytes, traf.bodyStart, traf.end)) {
    if (found.type !== 'trun') continue;
    const next = readRun(bytes, found, { defaults, dataAt, mdat }, samples);
    if (next === null) return null;
    dataAt = next;
  }
  const decodeTime = bytes[tfdt.bodyStart] === 1 ? u64(bytes, tfdt.bodyStart + 4) : u32(bytes, tfdt.bodyStart + 4);
  return { start: moof.start, end: mdat.end, sequence: u32(bytes, mfhd.bodyStart + 4), decodeTime, samples };
}

function readDefaults(bytes: Uint8Array, tfhd: Box, moof: Box): Defaults {
  const flags = u32(bytes, tfhd.bodyStart) & 0xff_ffff;
  let at = tfhd.bodyStart + 8;
  const take = (bit: number, size: number): number | null => {
    if ((flags & bit) === 0 || at + size > tfhd.end) return null;
    at += size;
    return size === 8 ? u64(bytes, at - 8) : u32(bytes, at - 4);
  };
  const base = take(1, 8) ?? moof.start;
  take(2, 4); // sample_description_index
  return { base, duration: take(8, 4) ?? 0, size: take(0x10, 4) ?? 0, flags: take(0x20, 4) ?? 0 };
}

/**
 * Appends a run's samples; returns where its data ends, or null when something does not fit. Samples without bytes need
 * no room, so a few bytes could name thousands: there are never more samples than `mdat` has bytes, its header included.
 */
function readRun(
  bytes: Uint8Array,
  trun: Box,
  where: { defaults: Defaults; dataAt: number; mdat: Box },
  samples: Sample[],
): number | null {
  const { defaults, mdat } = where;
  const flags = u32(bytes, trun.bodyStart) & 0xff_ffff;
  const count = u32(bytes, trun.bodyStart + 4);
  const has = (bit: number): number => ((flags & bit) === 0 ? 0 : 4);
  const entryBytes = has(0x100) + has(0x200) + has(0x400) + has(0x800);
  const listAt = trun.bodyStart + 8 + has(1) + has(4);
  const most = Math.min(MAX_SAMPLES, mdat.end - mdat.start);
  if (listAt + count * entryBytes > trun.end || samples.length + count > most) return null;
  let dataAt = has(1) === 0 ? where.dataAt : defaults.base + i32(bytes, trun.bodyStart + 8);
  for (let i = 0; i < count; i += 1) {
    let at = listAt + i * entryBytes;
    const take = (bit: number, otherwise: number): number => {
      if (has(bit) === 0) return otherwise;
      at += 4;
      return u32(bytes, at - 4);
    };
    const duration = take(0x100, defaults.duration);
    const size = take(0x200, defaults.size);
    const first = i === 0 && has(4) !== 0 ? u32(bytes, listAt - 4) : defaults.flags;
    const sampleFlags = take(0x400, first);
    const end = dataAt + size;
    if (dataAt < mdat.bodyStart || end > mdat.end) return null;
    const compositionOffset = take(0x800, 0) | 0;
    samples.push({ start: dataAt, end, duration, compositionOffset, key: (sampleFlags & NOT_SYNC) === 0 });
    dataAt = end;
  }
  return dataAt;
}

/**
 * Writes `decodeTime` into the `tfdt` of the first fragment in `bytes`, in place, so that a clip can begin at 0.
 * False when there is none, or when its version 0 has no room for the value.
 */
export function setDecodeTime(bytes: Uint8Array, decodeTime: number): boolean {
  for (const moof of boxes(bytes)) {
    if (moof.type !== 'moof') continue;
    const traf = child(bytes, moof, 'traf');
    const tfdt = traf === null ? null : child(bytes, traf, 'tfdt');
    if (tfdt === null) return false;
    const long = bytes[tfdt.bodyStart] === 1;
    if (tfdt.end - tfdt.bodyStart < (long ? 12 : 8) || decodeTime < 0) return false;
    if (long) putU64(bytes, tfdt.bodyStart + 4, decodeTime);
    else if (decodeTime <= 0xffff_ffff) putU32(bytes, tfdt.bodyStart + 4, decodeTime);
    else return false;
    return true;
  }
  return false;
}

/** A copy of a fragment with another decode time; see {@link setDecodeTime}. Null when that is not possible. */
export function withDecodeTime(fragment: Uint8Array, decodeTime: number): Uint8Array | null {
  const copy = new Uint8Array(fragment);
  return setDecodeTime(copy, decodeTime) ? copy : null;
}
