import { buildAvcC } from '../h264/avcc.ts';
import { buildHvcC } from '../h265/hvcc.ts';
import { box, chars, fullBox, u16s, u32s } from './box-writer.ts';
import { jpegStreamDescriptor } from './elementary-stream.ts';

/** Ticks per second of every track we write; the RTP clock of video, so that no time is ever rounded. */
export const TIMESCALE = 90_000;
/** The only track's id. */
export const TRACK_ID = 1;

/** The picture of a track. */
export interface VideoTrack {
  width: number;
  height: number;
  sampleAspectRatio?: readonly [number, number] | null;
}

/** What an init segment for H.264 is made of. */
export interface AvcTrack extends VideoTrack {
  sps: readonly Uint8Array[];
  pps: readonly Uint8Array[];
}

/** What an init segment for H.265 is made of. */
export interface HevcTrack extends AvcTrack {
  vps: readonly Uint8Array[];
}

const MATRIX = u32s(0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000);

/** `ftyp` and `moov` of a fragmented file with one H.264 track (ISO/IEC 14496-12, 14496-15). */
export function buildAvcInit(track: AvcTrack): Uint8Array {
  return buildInit('avc1', 'avc1', track, box('avcC', buildAvcC(track.sps, track.pps)));
}

/** The same with an H.265 track; `hvc1`, because Safari refuses `hev1`. */
export function buildHevcInit(track: HevcTrack): Uint8Array {
  return buildInit('hvc1', 'hvc1', track, box('hvcC', buildHvcC(track)));
}

/** RFC 6381 name of a track of {@link buildJpegInit}. */
export const JPEG_CODEC = 'mp4v.6C';

/** The same with a track of JPEG pictures (ISO/IEC 14496-1, object type 0x6C), as others write it. */
export function buildJpegInit(track: VideoTrack): Uint8Array {
  return buildInit('mp41', 'mp4v', track, fullBox('esds', 0, 0, jpegStreamDescriptor(TRACK_ID)));
}

function buildInit(brand: string, entry: string, track: VideoTrack, configuration: Uint8Array): Uint8Array {
  const ftyp = box('ftyp', chars('iso5'), u32s(0x200), chars(`iso5iso6mp41${brand}`));
  const mvhd = fullBox(
    'mvhd',
    0,
    0,
    u32s(0, 0, TIMESCALE, 0, 0x1_0000),
    u16s(0x100, 0),
    u32s(0, 0),
    MATRIX,
    u32s(0, 0, 0, 0, 0, 0, TRACK_ID + 1),
  );
  const mvex = box('mvex', fullBox('trex', 0, 0, u32s(TRACK_ID, 1, 0, 0, 0)));
  return concat(ftyp, box('moov', mvhd, trak(track, sampleEntry(entry, track, configuration)), mvex));
}

function trak(track: VideoTrack, entry: Uint8Array): Uint8Array {
  const [sarWidth, sarHeight] = aspect(track);
  const displayWidth = Math.round(((track.width * sarWidth) / sarHeight) * 0x1_0000);
  const tkhd = fullBox(
    'tkhd',
    0,
    3,
    u32s(0, 0, TRACK_ID, 0, 0, 0, 0),
    u16s(0, 0, 0, 0),
    MATRIX,
    u32s(displayWidth, track.height * 0x1_0000),
  );
  const mdhd = fullBox('mdhd', 0, 0, u32s(0, 0, TIMESCALE, 0), u16s(0x55c4, 0));
  const hdlr = fullBox('hdlr', 0, 0, u32s(0), chars('vide'), u32s(0, 0, 0), chars('video\0'));
  const dinf = box('dinf', fullBox('dref', 0, 0, u32s(1), fullBox('url ', 0, 1)));
  const minf = box('minf', fullBox('vmhd', 0, 1, u16s(0, 0, 0, 0)), dinf, sampleTable(entry));
  return box('trak', tkhd, box('mdia', mdhd, hdlr, minf));
}

function sampleTable(entry: Uint8Array): Uint8Array {
  const empty = ['stts', 'stsc', 'stco'].map((type) => fullBox(type, 0, 0, u32s(0)));
  return box('stbl', fullBox('stsd', 0, 0, u32s(1), entry), ...empty, fullBox('stsz', 0, 0, u32s(0, 0)));
}

function sampleEntry(type: string, track: VideoTrack, configuration: Uint8Array): Uint8Array {
  const [sarWidth, sarHeight] = aspect(track);
  return box(
    type,
    u16s(0, 0, 0, 1, 0, 0),
    u32s(0, 0, 0),
    u16s(track.width, track.height),
    u32s(0x48_0000, 0x48_0000, 0),
    u16s(1),
    new Uint8Array(32),
    u16s(24, 0xffff),
    configuration,
    ...(sarWidth === sarHeight ? [] : [box('pasp', u32s(sarWidth, sarHeight))]),
  );
}

function aspect(track: VideoTrack): readonly [number, number] {
  const [width, height] = track.sampleAspectRatio ?? [1, 1];
  return width > 0 && height > 0 ? [width, height] : [1, 1];
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
