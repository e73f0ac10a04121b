import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** A small H.264 elementary stream and a still of it, made by ffmpeg: one slice a picture, a key frame a second. */
export function makeSampleClip(
  folder: string,
  options: { seconds?: number; fps?: number; width?: number; height?: number } = {},
): {
  clip: string;
  picture: string;
  frames: number;
} {
  const { seconds = 4, fps = 25, width = 320, height = 180 } = options;
  const clip = join(folder, `clip-${width}.h264`);
  const picture = join(folder, `clip-${width}.jpg`);
  const source = `testsrc2=s=${width}x${height}:r=${fps}`;
  const encoder = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-bf',
    '0',
    '-g',
    String(fps),
    '-x264-params',
    'slices=1',
  ];
  execFileSync('ffmpeg', [
    '-v',
    'error',
    '-y',
    '-f',
    'lavfi',
    '-i',
    source,
    '-t',
    String(seconds),
    ...encoder,
    '-f',
    'h264',
    clip,
  ]);
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', clip, '-frames:v', '1', picture]);
  return { clip, picture, frames: seconds * fps };
}
