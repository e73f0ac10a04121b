import { execFile } from 'node:child_process';
import { existsSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Frames of the clip; after the last the numbers begin again. */
export const NUMBERED_FRAMES = 250;
export const NUMBERED_FPS = 25;
/** Side of a square that says one bit, in the picture's own pixels; they stand in a row from the upper left corner. */
export const BLOCK_PIXELS = 64;
const BITS = 8;
/** Light, dark, the number's bits from the lowest, and whether their sum is odd. */
export const BLOCKS = BITS + 3;

/** Ten seconds of 720p25 with a key frame every two seconds; each picture shows its number. Made once and kept. */
export async function numberedClip(): Promise<string> {
  const file = join(tmpdir(), 'sharp-eyes-bench-numbered-720p25-v1.h264');
  if (existsSync(file)) return file;
  const half = `${file}.${process.pid}.part`;
  const picture = `testsrc2=size=1280x720:rate=${NUMBERED_FPS}`;
  const bit = (n: number): string => `mod(floor(n/${2 ** n}),2)`;
  const parity = `mod(${Array.from({ length: BITS }, (_, n) => bit(n)).join('+')},2)`;
  const lights = ['1', '0', ...Array.from({ length: BITS }, (_, n) => bit(n)), parity];
  const boxes = lights.map(
    (light, n) =>
      `drawbox=x=${n * BLOCK_PIXELS}:y=0:w=${BLOCK_PIXELS}:h=${BLOCK_PIXELS}:color=white:t=fill:enable='${light}'`,
  );
  const row = `drawbox=x=0:y=0:w=${BLOCKS * BLOCK_PIXELS}:h=${BLOCK_PIXELS}:color=black:t=fill`;
  const gop = ['-bf', '0', '-g', '50', '-keyint_min', '50', '-sc_threshold', '0'];
  const codec = ['-c:v', 'libx264', '-preset', 'veryfast', ...gop, '-b:v', '2M', '-maxrate', '2M', '-bufsize', '1M'];
  const input = ['-v', 'error', '-y', '-f', 'lavfi', '-i', picture, '-frames:v', String(NUMBERED_FRAMES)];
  const filter = ['-vf', [row, ...boxes].join(','), '-pix_fmt', 'yuv420p'];
  await promisify(execFile)('ffmpeg', [...input, ...filter, ...codec, '-f', 'h264', half]);
  renameSync(half, file);
  return file;
}
