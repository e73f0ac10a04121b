import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { SharpEyesError } from '../../contract/errors.ts';
import { HEIGHT, WIDTH } from './canvas.ts';

/** One of the two streams of a clip. */
export interface Rendition {
  file: string;
  width: number;
  height: number;
  /** Keeps every n-th frame of the 25 drawn per second. */
  keepEvery: number;
  gopFrames: number;
  kbit: number;
}

/** Frames drawn per second of clip. */
export const DRAWN_PER_SECOND = 25;

function ffmpeg(words: readonly string[]): ChildProcess {
  const program = process.env['FFMPEG_BIN'] ?? '/usr/bin/ffmpeg';
  return spawn(program, ['-hide_banner', '-loglevel', 'error', '-y', ...words], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
}

async function finished(encoder: ChildProcess): Promise<void> {
  encoder.stdin?.end();
  const [code] = (await once(encoder, 'exit')) as [number | null];
  if (code !== 0) throw new SharpEyesError('INTERNAL', `ffmpeg ended with ${String(code)}; its message is above`);
}

/** Collects raw RGBA frames in a lossless file, so that they need to be drawn only once. */
export class FrameStore {
  readonly #file: string;
  #process: ChildProcess | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  start(): void {
    const input = [
      '-f',
      'rawvideo',
      '-pix_fmt',
      'rgba',
      '-s',
      `${WIDTH}x${HEIGHT}`,
      '-r',
      String(DRAWN_PER_SECOND),
      '-i',
      '-',
    ];
    const bt709 = 'scale=out_color_matrix=bt709:out_range=tv,format=yuv444p';
    this.#process = ffmpeg([...input, '-vf', bt709, '-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '0', this.#file]);
  }

  /** Hands over one frame; resolves when the next can be taken. */
  async write(frame: Buffer): Promise<void> {
    const input = this.#process?.stdin;
    if (!input) throw new SharpEyesError('INTERNAL', 'a frame came before the store was started');
    if (!input.write(frame)) await once(input, 'drain');
  }

  async stop(): Promise<void> {
    if (this.#process) await finished(this.#process);
  }
}

/** Encodes stored frames in two passes, so that a clip has the size it is meant to have. */
export async function encode(frames: string, rendition: Rendition): Promise<void> {
  const { width, height, keepEvery, gopFrames, kbit } = rendition;
  const x264 = [
    'slices=1',
    'open-gop=0',
    'repeat-headers=1',
    'bframes=0',
    'scenecut=0',
    'aq-mode=3',
    'aq-strength=0.7',
    'deblock=1,1',
  ];
  const words = [
    ...['-i', frames, '-vf', `framestep=${keepEvery},scale=${width}:${height}:flags=area,format=yuv420p`],
    ...['-c:v', 'libx264', '-preset', 'slow', '-profile:v', 'main', '-level:v', '3.1', '-refs', '3'],
    ...['-b:v', `${kbit}k`, '-maxrate', `${kbit * 2}k`, '-bufsize', `${kbit * 4}k`],
    ...['-g', String(gopFrames), '-keyint_min', String(gopFrames), '-x264-params', x264.join(':')],
    ...['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'],
    ...['-passlogfile', `${frames}.${width}`],
  ];
  await finished(ffmpeg([...words, '-pass', '1', '-f', 'null', '-']));
  // The encoder's own banner (SEI) says nothing to a player.
  await finished(
    ffmpeg([...words, '-pass', '2', '-bsf:v', 'filter_units=remove_types=6', '-f', 'h264', rendition.file]),
  );
}
