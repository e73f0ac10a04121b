import { buildAvcC } from '../h264/avcc.ts';
import { box, chars, fullBox, u16s, u32s } from './box-writer.ts';

/** Ticks per second of every track we write; the RTP clock of video, so that no time is ever rounded. */
export const TIMESCALE = 90_000;
/** The only track's id. */
export const TRACK_ID = 1;

/** What an init segment for H.264 is made of. */
export interface AvcTrack {
  width: number;
  height: number;
  sampleAspectRatio?: readonly [number, number] | null;
  sps: readonly Uint8Array[];
  pps: readonly Uint8Array[];
}

const MATRIX = u32s(0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000);

/** `ftyp` and `moov` of a fragmented file with one H.264 track (ISO/IEC 14496-12, 14496-15). */
export function buildAvcInit(track: AvcTrack): Uint8Array {
  const ftyp = box('ftyp', chars('iso5'), u32s(0x200), chars('iso5iso6mp41avc1'));
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
  return concat(ftyp, box('moov', mvhd, trak(track), mvex));
}

function trak(track: AvcTrack): Uint8Array {
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
  const minf = box('minf', fullBox('vmhd', 0, 1, u16s(0, 0, 0, 0)), dinf, sampleTable(track));
  return box('trak', tkhd, box('mdia', mdhd, hdlr, minf));
}

function sampleTable(track: AvcTrack): Uint8Array {
  const empty = ['stts', 'stsc', 'stco'].map((type) => fullBox(type, 0, 0, u32s(0)));
  return box('stbl', fullBox('stsd', 0, 0, u32s(1), sampleEntry(track)), ...empty, fullBox('stsz', 0, 0, u32s(0, 0)));
}

function sampleEntry(track: AvcTrack): Uint8Array {
  const [sarWidth, sarHeight] = aspect(track);
  return box(
    'avc1',
    u16s(0, 0, 0, 1, 0, 0),
    u32s(0, 0, 0),
    u16s(track.width, track.height),
    u32s(0x48_0000, 0x48_0000, 0),
    u16s(1),
    new Uint8Array(32),
    u16s(24, 0xffff),
    box('avcC', buildAvcC(track.sps, track.pps)),
    ...(sarWidth === sarHeight ? [] : [box('pasp', u32s(sarWidth, sarHeight))]),
  );
}

function aspect(track: AvcTrack): readonly [number, number] {
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
