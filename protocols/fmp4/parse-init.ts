import { SharpEyesError } from '../../contract/errors.ts';
import { u16, u32 } from '../big-endian.ts';
import { type AvcConfiguration, parseAvcC } from '../h264/avcc.ts';
import { type Box, boxes, child, descend } from './box-reader.ts';

/** What an init segment says about its video track. */
export interface InitDescription {
  trackId: number;
  timescale: number;
  /** Coded size from the sample entry. */
  width: number;
  height: number;
  /** RFC 6381 name. */
  codec: string;
  avc: AvcConfiguration;
  /** Bytes of the whole init segment: behind it the first fragment begins. */
  bytes: number;
}

const SAMPLE_ENTRY_BYTES = 78;

/**
 * Reads `moov` of a file or init segment with an H.264 track.
 * @throws SharpEyesError MEDIA_MALFORMED when there is none or it is damaged
 */
export function parseInit(bytes: Uint8Array): InitDescription {
  const moov = firstOf(bytes, 'moov');
  const trak = moov === null ? null : avcTrack(bytes, moov);
  if (moov === null || trak === null) throw malformed('There is no init segment with an H.264 track.');
  const tkhd = child(bytes, trak, 'tkhd');
  const mdhd = descend(bytes, trak, ['mdia', 'mdhd']);
  const entry = avcEntry(bytes, trak);
  const avcC = entry === null ? null : child(bytes, entry, 'avcC', SAMPLE_ENTRY_BYTES);
  if (tkhd === null || mdhd === null || entry === null || avcC === null) throw malformed('The track is incomplete.');
  const avc = parseAvcC(bytes.subarray(avcC.bodyStart, avcC.end));
  const profile = Buffer.of(avc.profile, avc.compatibility, avc.level).toString('hex').toUpperCase();
  return {
    trackId: u32(bytes, tkhd.bodyStart + (bytes[tkhd.bodyStart] === 1 ? 20 : 12)),
    timescale: u32(bytes, mdhd.bodyStart + (bytes[mdhd.bodyStart] === 1 ? 20 : 12)),
    width: u16(bytes, entry.bodyStart + 24),
    height: u16(bytes, entry.bodyStart + 26),
    codec: `avc1.${profile}`,
    avc,
    bytes: moov.end,
  };
}

function firstOf(bytes: Uint8Array, type: string): Box | null {
  for (const found of boxes(bytes)) if (found.type === type) return found;
  return null;
}

function avcTrack(bytes: Uint8Array, moov: Box): Box | null {
  for (const found of boxes(bytes, moov.bodyStart, moov.end)) {
    if (found.type === 'trak' && avcEntry(bytes, found) !== null) return found;
  }
  return null;
}

function avcEntry(bytes: Uint8Array, trak: Box): Box | null {
  const stsd = descend(bytes, trak, ['mdia', 'minf', 'stbl', 'stsd']);
  if (stsd === null) return null;
  const entry = child(bytes, stsd, 'avc1', 8) ?? child(bytes, stsd, 'avc3', 8);
  return entry !== null && entry.end - entry.bodyStart >= SAMPLE_ENTRY_BYTES ? entry : null;
}

function malformed(message: string): SharpEyesError {
  return new SharpEyesError('MEDIA_MALFORMED', message);
}
