import { type AudioConfig, parseAudioConfig } from './audio-config.ts';

/** How AAC lies in its RTP packets, from the parameters of its description (RFC 3640 section 4.1). */
export interface AacFormat {
  /** Bits of each field of an AU header; 0 for those that are not there. */
  sizeLength: number;
  indexLength: number;
  indexDeltaLength: number;
  ctsDeltaLength: number;
  dtsDeltaLength: number;
  randomAccess: boolean;
  streamStateLength: number;
  auxiliaryLength: number;
  /** Bytes of every access unit where headers have no size; 0 otherwise. */
  constantSize: number;
  /** AudioSpecificConfig as it came, and read. */
  config: Uint8Array;
  audio: AudioConfig;
}

const MAX_FIELD_BITS = 32;
const MAX_CONFIG_BYTES = 256;
/** What the modes stand for (sections 3.3.5 and 3.3.6), should a camera leave the lengths out. */
const MODES: Readonly<Record<string, readonly [size: number, index: number]>> = {
  'aac-hbr': [13, 3],
  'aac-lbr': [6, 2],
};

/**
 * Reads the parameters of an AAC track; null when they have no readable `config`, or are impossible.
 * @param parameters by lower-case name
 */
export function parseAacFormat(parameters: ReadonlyMap<string, string>): AacFormat | null {
  const text = parameters.get('config') ?? '';
  if (text.length > MAX_CONFIG_BYTES * 2 || !/^([0-9a-f]{2})+$/i.test(text)) return null;
  const config = new Uint8Array(Buffer.from(text, 'hex'));
  const audio = parseAudioConfig(config);
  if (audio === null) return null;
  const [size, index] = MODES[(parameters.get('mode') ?? 'aac-hbr').toLowerCase()] ?? [0, 0];
  const number = (name: string, otherwise = 0): number => {
    const value = parameters.get(name);
    if (value === undefined || value === '') return otherwise;
    return /^\d{1,6}$/.test(value) ? Number(value) : Number.NaN;
  };
  const fields = {
    sizeLength: number('sizelength', size),
    indexLength: number('indexlength', index),
    indexDeltaLength: number('indexdeltalength', index),
    ctsDeltaLength: number('ctsdeltalength'),
    dtsDeltaLength: number('dtsdeltalength'),
    streamStateLength: number('streamstateindication'),
    auxiliaryLength: number('auxiliarydatasizelength'),
  };
  if (!Object.values(fields).every((bits) => bits <= MAX_FIELD_BITS)) return null;
  const constantSize = number('constantsize');
  if (!(constantSize <= 65_535) || (fields.sizeLength === 0 && constantSize === 0)) return null;
  return { ...fields, randomAccess: number('randomaccessindication') === 1, constantSize, config, audio };
}

/** RTP ticks from one access unit to the next; they count at the rate of the session description. */
export function ticksPerUnit({ audio }: AacFormat, clockRate: number): number {
  return Math.round((audio.samplesPerUnit * clockRate) / audio.sampleRate);
}
