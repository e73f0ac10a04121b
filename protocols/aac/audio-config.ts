import { SharpEyesError } from '../../contract/errors.ts';
import { BitReader } from '../nal/bit-reader.ts';

/** Rates by `samplingFrequencyIndex` (ISO/IEC 14496-3 table 1.18). */
const RATES = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];
const EXPLICIT_RATE = 15;
/** Channels by `channelConfiguration` (table 1.19); 0 means that the stream itself says. */
const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 8];
const ESCAPE_TYPE = 31;
const SBR = 5;
const PARAMETRIC_STEREO = 29;
const MAX_RATE = 192_000;

/** What an AudioSpecificConfig says (ISO/IEC 14496-3 section 1.6.2.1). */
export interface AudioConfig {
  /** 2 is AAC-LC. */
  objectType: number;
  /** Samples per second of the core codec; doubled by spectral band replication. */
  sampleRate: number;
  /** Rate that comes out where band replication is announced, else the core's. */
  outputRate: number;
  /** 0 when the stream itself says. */
  channels: number;
  /** Samples per access unit at `sampleRate`: 1024, or 960. */
  samplesPerUnit: number;
}

/** Reads an AudioSpecificConfig of the AAC family; null when it ends early or is impossible. */
export function parseAudioConfig(bytes: Uint8Array): AudioConfig | null {
  try {
    return readConfig(new BitReader(bytes));
  } catch (error) {
    if (error instanceof SharpEyesError) return null;
    throw error;
  }
}

function readConfig(r: BitReader): AudioConfig | null {
  let objectType = readObjectType(r);
  const sampleRate = readRate(r);
  const channels = CHANNELS[r.bits(4)];
  let outputRate = sampleRate;
  if (objectType === SBR || objectType === PARAMETRIC_STEREO) {
    outputRate = readRate(r);
    objectType = readObjectType(r);
  }
  if (sampleRate < 1 || sampleRate > MAX_RATE || outputRate < 1 || outputRate > MAX_RATE) return null;
  if (channels === undefined || objectType === 0) return null;
  return { objectType, sampleRate, outputRate, channels, samplesPerUnit: r.flag() ? 960 : 1024 };
}

function readObjectType(r: BitReader): number {
  const type = r.bits(5);
  return type === ESCAPE_TYPE ? 32 + r.bits(6) : type;
}

function readRate(r: BitReader): number {
  const index = r.bits(4);
  return index === EXPLICIT_RATE ? r.bits(24) : (RATES[index] ?? 0);
}

/**
 * The AudioSpecificConfig of AAC-LC with 1024 samples per access unit.
 * @throws SharpEyesError MEDIA_MALFORMED for a number of channels that has no code
 */
export function buildAudioConfig(config: { sampleRate: number; channels: number }): Uint8Array {
  const channelCode = CHANNELS.indexOf(config.channels, 1);
  if (channelCode === -1) {
    throw new SharpEyesError('MEDIA_MALFORMED', `AAC has no code for ${config.channels} channels.`);
  }
  const index = RATES.indexOf(config.sampleRate);
  if (index !== -1) return Uint8Array.of((2 << 3) | (index >>> 1), ((index & 1) << 7) | (channelCode << 3));
  // Five bits of type, four of the escape, 24 of the rate, four of channels, three of zeros.
  const bits = (2n << 35n) | (15n << 31n) | (BigInt(config.sampleRate & 0xff_ffff) << 7n) | (BigInt(channelCode) << 3n);
  return Uint8Array.from([32n, 24n, 16n, 8n, 0n], (shift) => Number((bits >> shift) & 0xffn));
}
