import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { splitAnnexB } from '../../../protocols/h264/nal.ts';
import type { AudioCodec, VideoCodec } from '../../../tests/support/coded-material.ts';
import { pictureHash, sha256 } from '../../../tests/support/coded-material.ts';

const VIDEO_OUT: Readonly<Record<VideoCodec, string>> = { h264: 'h264', h265: 'hevc', mjpeg: 'mjpeg' };
const AUDIO_OUT: Readonly<Record<AudioCodec, string>> = { aac: 'adts', pcma: 'alaw', pcmu: 'mulaw' };

/** What ffmpeg makes of a stream or file without coding it anew. */
export interface Elementary {
  /** SHA-256 of every NAL unit but parameter sets and delimiters, or of every JPEG scan. */
  pictures: string[];
  /** SHA-256 of every AAC access unit; empty for G.711. */
  sound: string[];
  /** Samples of G.711. */
  samples: Buffer;
}

/** Reads until the source ends. @param input arguments up to and including `-i ADDRESS` */
export async function readByFfmpeg(
  input: readonly string[],
  video: VideoCodec,
  audio: AudioCodec,
): Promise<Elementary> {
  const folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-read-'));
  try {
    const [pictures, sound] = [join(folder, 'pictures'), join(folder, 'sound')];
    const out = ['-map', '0:v', '-c', 'copy', '-f', VIDEO_OUT[video], pictures];
    await run([...input, ...out, '-map', '0:a', '-c', 'copy', '-f', AUDIO_OUT[audio], sound]);
    const bytes = await readFile(sound);
    return {
      pictures: picturesIn(await readFile(pictures), video),
      sound: audio === 'aac' ? adtsUnits(bytes) : [],
      samples: audio === 'aac' ? Buffer.alloc(0) : bytes,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function run(args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (text: Buffer) => {
      said = `${said}${text.toString()}`.slice(-2000);
    });
    child.on('error', reject);
    // How it takes the end of a live stream is its own affair; what it read is compared.
    child.on('close', (code) => (code === null ? reject(new Error(`ffmpeg was ended: ${said}`)) : resolve()));
  });
}

function picturesIn(bytes: Buffer, video: VideoCodec): string[] {
  if (video !== 'mjpeg') {
    return splitAnnexB(bytes)
      .filter((nal) => isOfPicture(nal[0] ?? 0, video))
      .map(sha256);
  }
  const hashes: string[] = [];
  for (let at = 0; ; ) {
    const end = bytes.indexOf(Buffer.of(0xff, 0xd9), at);
    if (end === -1) return hashes;
    hashes.push(pictureHash('mjpeg', bytes.subarray(at, end + 2)));
    at = end + 2;
  }
}

function isOfPicture(first: number, video: 'h264' | 'h265'): boolean {
  return video === 'h264' ? [1, 5].includes(first & 0x1f) : ((first >>> 1) & 0x3f) < 32;
}

function adtsUnits(adts: Buffer): string[] {
  const hashes: string[] = [];
  for (let at = 0; at + 7 <= adts.length; ) {
    const length = (adts.readUInt32BE(at + 3) >>> 13) & 0x1fff;
    if (length < 7) break;
    hashes.push(sha256(adts.subarray(at + (((adts[at + 1] ?? 0) & 1) === 1 ? 7 : 9), at + length)));
    at += length;
  }
  return hashes;
}
