import { SharpEyesError } from '../../contract/errors.ts';
import { u16, u32 } from '../big-endian.ts';
import { type AvcConfiguration, parseAvcC } from '../h264/avcc.ts';
import { type HevcConfiguration, parseHvcC } from '../h265/hvcc.ts';
import { hevcCodecString } from '../h265/profile-tier-level.ts';
import { type Box, boxes, child, descend } from './box-reader.ts';
import { objectTypeOf } from './elementary-stream.ts';
import { JPEG_CODEC } from './init-segment.ts';

/** What an init segment says about its video track. */
export type InitDescription = {
  trackId: number;
  timescale: number;
  /** Coded size from the sample entry. */
  width: number;
  height: number;
  /** RFC 6381 name. */
  codec: string;
  /** Bytes of the whole init segment: behind it the first fragment begins. */
  bytes: number;
} & CodecDescription;

type CodecDescription =
  | { family: 'h264'; avc: AvcConfiguration }
  | { family: 'h265'; hevc: HevcConfiguration }
  | { family: 'mjpeg' };

const SAMPLE_ENTRY_BYTES = 78;
const OBJECT_TYPE_JPEG = 0x6c;

/**
 * Reads `moov` of a file or init segment with an H.264, H.265 or JPEG track.
 * @throws SharpEyesError MEDIA_MALFORMED when there is none or it is damaged
 */
export function parseInit(bytes: Uint8Array): InitDescription {
  const moov = firstOf(bytes, 'moov');
  if (moov === null) throw malformed('There is no init segment.');
  for (const trak of boxes(bytes, moov.bodyStart, moov.end)) {
    const entry = trak.type === 'trak' ? videoEntry(bytes, trak) : null;
    if (entry === null) continue;
    const tkhd = child(bytes, trak, 'tkhd');
    const mdhd = descend(bytes, trak, ['mdia', 'mdhd']);
    if (tkhd === null || mdhd === null) throw malformed('The track is incomplete.');
    return {
      trackId: u32(bytes, tkhd.bodyStart + (bytes[tkhd.bodyStart] === 1 ? 20 : 12)),
      timescale: u32(bytes, mdhd.bodyStart + (bytes[mdhd.bodyStart] === 1 ? 20 : 12)),
      width: u16(bytes, entry.bodyStart + 24),
      height: u16(bytes, entry.bodyStart + 26),
      bytes: moov.end,
      ...codecOf(bytes, entry),
    };
  }
  throw malformed('There is no init segment with a video track that we know.');
}

function firstOf(bytes: Uint8Array, type: string): Box | null {
  for (const found of boxes(bytes)) if (found.type === type) return found;
  return null;
}

const CONFIGURATION_OF: Readonly<Record<string, string>> = {
  avc1: 'avcC',
  avc3: 'avcC',
  hvc1: 'hvcC',
  hev1: 'hvcC',
  mp4v: 'esds',
};

/** The first sample entry of a codec that we know. */
function videoEntry(bytes: Uint8Array, trak: Box): Box | null {
  const stsd = descend(bytes, trak, ['mdia', 'minf', 'stbl', 'stsd']);
  if (stsd === null) return null;
  for (const entry of boxes(bytes, stsd.bodyStart + 8, stsd.end)) {
    const known = Object.hasOwn(CONFIGURATION_OF, entry.type);
    if (known && entry.end - entry.bodyStart >= SAMPLE_ENTRY_BYTES) return entry;
  }
  return null;
}

function codecOf(bytes: Uint8Array, entry: Box): { codec: string } & CodecDescription {
  const found = child(bytes, entry, CONFIGURATION_OF[entry.type] ?? '', SAMPLE_ENTRY_BYTES);
  if (found === null) throw malformed('The track is incomplete.');
  const configuration = bytes.subarray(found.bodyStart, found.end);
  if (found.type === 'avcC') {
    const avc = parseAvcC(configuration);
    const profile = Buffer.of(avc.profile, avc.compatibility, avc.level).toString('hex').toUpperCase();
    return { family: 'h264', codec: `avc1.${profile}`, avc };
  }
  if (found.type === 'hvcC') {
    const hevc = parseHvcC(configuration);
    return { family: 'h265', codec: hevcCodecString(hevc.ptl), hevc };
  }
  if (objectTypeOf(configuration.subarray(4)) === OBJECT_TYPE_JPEG) return { family: 'mjpeg', codec: JPEG_CODEC };
  throw malformed('The track is in a codec that we do not know.');
}

function malformed(message: string): SharpEyesError {
  return new SharpEyesError('MEDIA_MALFORMED', message);
}
