import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { joinAvcc, NAL, nalType, splitAnnexB } from '../../protocols/h264/nal.ts';
import type { ScriptedTrack } from './published-source.ts';

const FPS = 25;

/** Coded by ffmpeg; `what` are its arguments behind the input, for a file of the given ending. */
function coded(input: readonly string[], what: readonly string[], ending: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'sharp-eyes-test-'));
  try {
    const file = join(folder, `coded.${ending}`);
    execFileSync('ffmpeg', ['-v', 'error', '-y', ...input, ...what, file]);
    return readFileSync(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function picture(seconds: number, size: string): string[] {
  return ['-f', 'lavfi', '-t', String(seconds), '-i', `testsrc2=s=${size}:r=${FPS}`];
}

/** H.264 without B-frames, two key frames a second, one slice a picture; sets stand in the description only. */
export function h264Samples(seconds: number, size = '640x360'): ScriptedTrack {
  const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0', '-g', '12', '-x264-params', 'slices=1:sei=0'];
  const nals = splitAnnexB(coded(picture(seconds, size), [...x264, '-f', 'h264'], 'h264'));
  const isSet = (nal: Uint8Array): boolean => [NAL.sps as number, NAL.pps].includes(nalType(nal[0] ?? 0));
  const isPicture = (nal: Uint8Array): boolean => [NAL.slice as number, NAL.idr].includes(nalType(nal[0] ?? 0));
  const sets = new Map(nals.filter(isSet).map((nal) => [Buffer.from(nal).toString('hex'), nal]));
  const units = nals.filter(isPicture).map((nal) => ({
    bytes: joinAvcc([nal]),
    key: nalType(nal[0] ?? 0) === NAL.idr,
    duration90k: 90_000 / FPS,
  }));
  const [width = 0, height = 0] = size.split('x').map(Number);
  return { track: { kind: 'video', codec: 'h264', parameterSets: [...sets.values()], width, height }, units };
}

/** H.265 likewise. */
export function h265Samples(seconds: number, size = '640x360'): ScriptedTrack {
  const x265 = [
    '-c:v',
    'libx265',
    '-preset',
    'ultrafast',
    '-x265-params',
    'bframes=0:keyint=12:info=0:log-level=none:slices=1',
  ];
  const nals = splitAnnexB(coded(picture(seconds, size), [...x265, '-f', 'hevc'], 'h265'));
  const typeOf = (nal: Uint8Array): number => ((nal[0] ?? 0) >>> 1) & 0x3f;
  const sets = new Map(
    nals.filter((nal) => typeOf(nal) >= 32 && typeOf(nal) <= 34).map((nal) => [Buffer.from(nal).toString('hex'), nal]),
  );
  const units = nals
    .filter((nal) => typeOf(nal) < 32)
    .map((nal) => ({ bytes: joinAvcc([nal]), key: typeOf(nal) >= 16, duration90k: 90_000 / FPS }));
  const [width = 0, height = 0] = size.split('x').map(Number);
  return { track: { kind: 'video', codec: 'h265', parameterSets: [...sets.values()], width, height }, units };
}

/** JPEG pictures as cameras send them: baseline, 4:2:0. */
export function mjpegSamples(seconds: number, size = '640x360'): ScriptedTrack {
  const options = ['-c:v', 'mjpeg', '-q:v', '5', '-pix_fmt', 'yuvj420p', '-huffman', 'default', '-f', 'mjpeg'];
  const bytes = coded(picture(seconds, size), options, 'mjpeg');
  const units: { bytes: Uint8Array; key: boolean; duration90k: number }[] = [];
  for (let at = 0; at < bytes.length; ) {
    const next = bytes.indexOf(Buffer.of(0xff, 0xd9, 0xff, 0xd8), at);
    const end = next === -1 ? bytes.length : next + 2;
    units.push({ bytes: new Uint8Array(bytes.subarray(at, end)), key: true, duration90k: 90_000 / FPS });
    at = end;
  }
  const [width = 0, height = 0] = size.split('x').map(Number);
  return { track: { kind: 'video', codec: 'mjpeg', parameterSets: [], width, height }, units };
}

/** AAC-LC, 44.1 kHz, two channels. */
export function aacSamples(seconds: number): ScriptedTrack {
  const input = ['-f', 'lavfi', '-t', String(seconds), '-i', 'sine=frequency=440:sample_rate=44100'];
  const adts = coded(input, ['-c:a', 'aac', '-ac', '2', '-b:a', '96k', '-f', 'adts'], 'aac');
  const units: { bytes: Uint8Array; key: boolean; duration90k: number }[] = [];
  for (let at = 0; at + 7 <= adts.length; ) {
    const length = (((adts[at + 3] ?? 0) & 3) << 11) | ((adts[at + 4] ?? 0) << 3) | ((adts[at + 5] ?? 0) >>> 5);
    const header = ((adts[at + 1] ?? 0) & 1) === 1 ? 7 : 9;
    units.push({
      bytes: new Uint8Array(adts.subarray(at + header, at + length)),
      key: true,
      duration90k: (1024 * 90_000) / 44_100,
    });
    at += length;
  }
  // AAC-LC (2), 44.1 kHz (index 4), two channels.
  const config = Uint8Array.of(0x12, 0x10);
  return { track: { kind: 'audio', codec: 'aac', clockRate: 44_100, channels: 2, config }, units };
}

/** G.711 in packets of 20 ms. */
export function g711Samples(codec: 'pcmu' | 'pcma', seconds: number): ScriptedTrack {
  const input = ['-f', 'lavfi', '-t', String(seconds), '-i', 'sine=frequency=440:sample_rate=8000'];
  const [encoder, format] = codec === 'pcmu' ? ['pcm_mulaw', 'mulaw'] : ['pcm_alaw', 'alaw'];
  const bytes = coded(input, ['-c:a', encoder, '-ac', '1', '-f', format], codec);
  const units: { bytes: Uint8Array; key: boolean; duration90k: number }[] = [];
  for (let at = 0; at + 160 <= bytes.length; at += 160) {
    units.push({ bytes: new Uint8Array(bytes.subarray(at, at + 160)), key: true, duration90k: 1800 });
  }
  return { track: { kind: 'audio', codec, clockRate: 8000, channels: 1, config: new Uint8Array(0) }, units };
}
