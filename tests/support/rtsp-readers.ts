import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { splitAnnexB } from '../../protocols/h264/nal.ts';
import { sha256 } from './published-source.ts';

export type Transport = 'tcp' | 'udp';
export type ReadCodec = 'h264' | 'h265' | 'mjpeg' | 'aac' | 'pcmu' | 'pcma';

/** An independent program that reads an RTSP stream into memory. */
export interface StreamProgram {
  name: 'ffmpeg' | 'GStreamer';
  /** Resolves with what was read when the stream ends; rejects with what the program said when it fails. */
  read(url: string, codec: ReadCodec, transport: Transport, options?: { seconds?: number }): Promise<Buffer>;
}

/** Whether GStreamer with all that reading needs is here; tests that need it skip, saying so, when not. */
export const hasGstreamer = [
  'rtspsrc',
  'rtph264depay',
  'rtph265depay',
  'rtpjpegdepay',
  'rtpmp4gdepay',
  'filesink',
].every((element) => {
  try {
    execFileSync('gst-inspect-1.0', [element], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});
if (!hasGstreamer)
  console.warn('GStreamer (gst-launch-1.0 with rtspsrc) not found: the tests that need it are skipped');

const FFMPEG_OUT: Readonly<Record<ReadCodec, readonly string[]>> = {
  h264: ['-map', '0:v', '-c', 'copy', '-f', 'h264'],
  h265: ['-map', '0:v', '-c', 'copy', '-f', 'hevc'],
  mjpeg: ['-map', '0:v', '-c', 'copy', '-f', 'mjpeg'],
  aac: ['-map', '0:a', '-c', 'copy', '-f', 'adts'],
  pcmu: ['-map', '0:a', '-c', 'copy', '-f', 'mulaw'],
  pcma: ['-map', '0:a', '-c', 'copy', '-f', 'alaw'],
};

const GST_DEPAY: Readonly<Record<ReadCodec, string>> = {
  h264: 'application/x-rtp,media=video ! rtph264depay ! video/x-h264,stream-format=byte-stream,alignment=au',
  h265: 'application/x-rtp,media=video ! rtph265depay ! video/x-h265,stream-format=byte-stream,alignment=au',
  mjpeg: 'application/x-rtp,media=video ! rtpjpegdepay',
  aac: 'application/x-rtp,media=audio ! rtpmp4gdepay ! audio/mpeg,stream-format=raw ! aacparse ! audio/mpeg,stream-format=adts',
  pcmu: 'application/x-rtp,media=audio ! rtppcmudepay',
  pcma: 'application/x-rtp,media=audio ! rtppcmadepay',
};

export const FFMPEG: StreamProgram = {
  name: 'ffmpeg',
  read: (url, codec, transport, { seconds } = {}) =>
    intoFile((file) => {
      const limit = seconds === undefined ? [] : ['-t', String(seconds)];
      const quick = ['-probesize', '200000', '-analyzeduration', '500000'];
      const input = [...quick, '-rtsp_transport', transport, '-i', url];
      return ['ffmpeg', ['-v', 'error', '-nostdin', '-y', ...input, ...limit, ...FFMPEG_OUT[codec], file]];
    }),
};

export const GSTREAMER: StreamProgram = {
  name: 'GStreamer',
  read: (url, codec, transport) =>
    intoFile((file) => {
      const { username, password, href } = new URL(url.replace(/^rtsp/, 'http'));
      const location = href.replace(/^http/, 'rtsp').replace(/\/\/[^@/]*@/, '//');
      const source = `rtspsrc location=${location} protocols=${transport} latency=100 tls-validation-flags=0 user-id=${username} user-pw=${password} name=s s. ! `;
      return [
        'gst-launch-1.0',
        ['-q', ...`${source}${GST_DEPAY[codec]} ! filesink buffer-mode=2 location=${file}`.split(' ')],
      ];
    }),
};

async function intoFile(command: (file: string) => [string, string[]]): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-test-'));
  const file = join(folder, 'read');
  try {
    const [program, args] = command(file);
    const { code, said } = await run(program, args);
    const bytes = await readFile(file).catch(() => Buffer.alloc(0));
    // How a program ends when the server goes is its own affair; that it never got anything is not.
    if (bytes.length === 0) throw new Error(`${program} ended with ${code} and read nothing: ${said}`);
    return bytes;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function run(program: string, args: readonly string[]): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (text: Buffer) => (said += text.toString()));
    child.stderr.on('data', (text: Buffer) => (said += text.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, said: said.slice(-2000) }));
  });
}

/** The hash of each picture's slices in an Annex B stream of one slice a picture. */
export function pictureHashes(annexB: Uint8Array, codec: 'h264' | 'h265'): string[] {
  return splitAnnexB(annexB)
    .filter((nal) => isSlice(nal, codec))
    .map(sha256);
}

function isSlice(nal: Uint8Array, codec: 'h264' | 'h265'): boolean {
  const first = nal[0] ?? 0;
  return codec === 'h264' ? [1, 5].includes(first & 0x1f) : ((first >>> 1) & 0x3f) < 32;
}

/** The hash of each access unit in an ADTS file. */
export function aacHashes(adts: Uint8Array): string[] {
  const hashes: string[] = [];
  for (let at = 0; at + 7 <= adts.length; ) {
    const length = (((adts[at + 3] ?? 0) & 3) << 11) | ((adts[at + 4] ?? 0) << 3) | ((adts[at + 5] ?? 0) >>> 5);
    if (length < 7) break;
    const header = ((adts[at + 1] ?? 0) & 1) === 1 ? 7 : 9;
    hashes.push(sha256(adts.subarray(at + header, at + length)));
    at += length;
  }
  return hashes;
}

/** The hash of each picture of a row of JPEG files once it is decoded: its header is written anew on the way. */
export async function decodedHashes(mjpeg: Uint8Array): Promise<string[]> {
  const child = spawn('ffmpeg', ['-v', 'error', '-f', 'mjpeg', '-i', '-', '-f', 'framemd5', '-'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stdin.end(mjpeg);
  await new Promise((resolve) => child.on('close', resolve));
  return text
    .split('\n')
    .filter((line) => /^\d/.test(line))
    .map((line) => line.split(',').at(-1)?.trim() ?? '');
}
