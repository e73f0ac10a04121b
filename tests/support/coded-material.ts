import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FileSource } from './gst-rtsp-server.ts';

const run = promisify(execFile);

/** Codecs of the material. */
export type VideoCodec = 'h264' | 'h265' | 'mjpeg';
/** Codecs of its sound. */
export type AudioCodec = 'aac' | 'pcma' | 'pcmu';

/** A coded file whose every access unit is known, and how GStreamer serves it. */
export interface CodedMaterial {
  file: string;
  source: FileSource;
  video: VideoCodec;
  audio: AudioCodec | null;
  /** SHA-256 of each picture's access unit as it stands in the file, in decoding order. */
  pictures: readonly string[];
  /** Frames that ffmpeg decodes from the file, as it sees them. */
  decoded: readonly string[];
  /** SHA-256 of each access unit of AAC sound. */
  sound: readonly string[];
  /** Samples of G.711 sound, whose packets are cut at will. */
  samples: Buffer;
  remove(): Promise<void>;
}

const VIDEO: Readonly<Record<VideoCodec, { args: readonly string[]; payloader: string }>> = {
  h264: {
    args: ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '2', '-pix_fmt', 'yuv420p'],
    payloader: 'rtph264pay pt=96 config-interval=0',
  },
  h265: {
    args: ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none:open-gop=0', '-tag:v', 'hvc1'],
    payloader: 'rtph265pay pt=96 config-interval=0',
  },
  mjpeg: {
    args: ['-c:v', 'mjpeg', '-huffman', 'default', '-q:v', '5', '-pix_fmt', 'yuvj420p'],
    payloader: 'rtpjpegpay pt=26',
  },
};
const AUDIO: Readonly<Record<AudioCodec, { args: readonly string[]; payloader: string }>> = {
  aac: { args: ['-c:a', 'aac', '-b:a', '64k', '-ar', '44100', '-ac', '2'], payloader: 'rtpmp4gpay pt=97' },
  pcma: { args: ['-c:a', 'pcm_alaw', '-ar', '8000', '-ac', '1'], payloader: 'rtppcmapay pt=8' },
  pcmu: { args: ['-c:a', 'pcm_mulaw', '-ar', '8000', '-ac', '1'], payloader: 'rtppcmupay pt=0' },
};

/** Codes a moving test picture, and a tone, with ffmpeg. */
export async function makeMaterial(options: {
  video: VideoCodec;
  audio?: AudioCodec;
  seconds: number;
  fps: number;
  size?: string;
}): Promise<CodedMaterial> {
  const { video, audio = null, seconds, fps, size = '320x240' } = options;
  const folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-material-'));
  const file = join(folder, 'clip.mov');
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${fps}`];
  const tone = audio === null ? [] : ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100'];
  const codecs = [...VIDEO[video].args, '-g', String(fps), ...(audio === null ? [] : AUDIO[audio].args)];
  await run('ffmpeg', ['-v', 'error', '-y', ...picture, ...tone, '-t', String(seconds), ...codecs, file]);
  return {
    file,
    source: {
      file,
      tracks: { video: VIDEO[video].payloader, ...(audio === null ? {} : { audio: AUDIO[audio].payloader }) },
    },
    video,
    audio,
    pictures: await pictureHashes(file, video),
    decoded: await decodedFrames(file),
    sound: audio === 'aac' ? await packetHashes(file, 'a') : [],
    samples: audio === null || audio === 'aac' ? Buffer.alloc(0) : await soundSamples(file),
    remove: () => rm(folder, { recursive: true }),
  };
}

/** SHA-256 of every packet of a file's first track of a kind, by ffprobe. */
async function packetHashes(file: string, kind: 'v' | 'a'): Promise<string[]> {
  const args = ['-v', 'error', '-select_streams', `${kind}:0`, '-show_packets', '-show_data_hash', 'sha256'];
  const { stdout } = await run('ffprobe', [...args, '-show_entries', 'packet=data_hash', '-of', 'csv=p=0', file], {
    maxBuffer: 1 << 28,
  });
  return [...stdout.matchAll(/SHA256:([0-9a-f]{64})/g)].map(([, hash]) => hash ?? '');
}

/** A picture's hash as {@link pictureHash} makes it. */
async function pictureHashes(file: string, video: VideoCodec): Promise<string[]> {
  if (video !== 'mjpeg') return packetHashes(file, 'v');
  const { stdout } = await run('ffmpeg', ['-v', 'error', '-i', file, '-map', '0:v', '-c', 'copy', '-f', 'mjpeg', '-'], {
    encoding: 'buffer',
    maxBuffer: 1 << 30,
  });
  return jpegs(stdout).map((bytes) => pictureHash('mjpeg', bytes));
}

/** All samples of a file's sound. */
async function soundSamples(file: string): Promise<Buffer> {
  const args = ['-v', 'error', '-i', file, '-map', '0:a', '-c', 'copy', '-f', 'data', '-'];
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: 1 << 30 });
  return stdout;
}

/** Hash of every frame that ffmpeg decodes from a file. */
export async function decodedFrames(file: string): Promise<string[]> {
  const args = ['-v', 'error', '-i', file, '-map', '0:v', '-fps_mode', 'passthrough', '-f', 'framemd5', '-'];
  const { stdout } = await run('ffmpeg', args, { maxBuffer: 1 << 28 });
  const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => line.split(',').at(-1)?.trim() ?? '');
}

/**
 * SHA-256 of an access unit. Of a JPEG file only the scan counts: RTP leaves the headers out, and the receiver writes
 * its own.
 */
export function pictureHash(video: VideoCodec, bytes: Uint8Array): string {
  return sha256(video === 'mjpeg' ? scanOf(bytes) : bytes);
}

/** SHA-256 of some bytes, hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Where one JPEG file ends in a row of them: markers inside of a scan are stuffed, so the end marker is unique. */
function jpegs(bytes: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  let at = 0;
  for (;;) {
    const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(Buffer.of(0xff, 0xd9), at);
    if (end === -1) return found;
    found.push(bytes.subarray(at, end + 2));
    at = end + 2;
  }
}

/** The coded data behind the header of the scan, up to the end marker. */
function scanOf(bytes: Uint8Array): Uint8Array {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const scan = buffer.indexOf(Buffer.of(0xff, 0xda));
  if (scan === -1) return bytes;
  const end = buffer.lastIndexOf(Buffer.of(0xff, 0xd9));
  return buffer.subarray(scan + 2 + buffer.readUInt16BE(scan + 2), end === -1 ? buffer.length : end);
}
