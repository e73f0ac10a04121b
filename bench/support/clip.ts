import { execFile } from 'node:child_process';
import { existsSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Frames per second of the clip. */
export const CLIP_FPS = 25;

/**
 * The file that every relay benchmark plays: ten seconds of 1080p25 at 4 Mbit/s as an Annex B stream with a key frame
 * every two seconds. Made once and kept in the system's folder for temporary files.
 */
export async function benchClip(): Promise<string> {
  const file = join(tmpdir(), 'sharp-eyes-bench-1080p25-4m-v1.h264');
  if (existsSync(file)) return file;
  const half = `${file}.${process.pid}.part`;
  const picture = `testsrc2=size=1920x1080:rate=${CLIP_FPS},noise=alls=10:allf=t`;
  const rate = ['-b:v', '4M', '-maxrate', '4M', '-bufsize', '2M'];
  const codec = [
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-bf',
    '0',
    '-g',
    '50',
    '-keyint_min',
    '50',
    '-sc_threshold',
    '0',
  ];
  const args = ['-v', 'error', '-y', '-f', 'lavfi', '-i', picture, '-t', '10', '-pix_fmt', 'yuv420p'];
  await promisify(execFile)('ffmpeg', [...args, ...codec, ...rate, '-f', 'h264', half]);
  renameSync(half, file);
  return file;
}
