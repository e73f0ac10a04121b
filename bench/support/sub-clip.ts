import { execFile } from 'node:child_process';
import { existsSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const SUB_FPS = 25;
const run = promisify(execFile);

/** One minute of 360p25 at 400 kbit/s with a key frame every two seconds, as Annex B stream and as MP4; made once. */
export async function subClip(): Promise<{ h264: string; mp4: string }> {
  const h264 = join(tmpdir(), 'sharp-eyes-bench-360p25-400k-v1.h264');
  const mp4 = h264.replace(/h264$/, 'mp4');
  if (!existsSync(h264)) {
    const half = `${h264}.${process.pid}.part`;
    const input = ['-v', 'error', '-y', '-f', 'lavfi', '-i', `testsrc2=size=640x360:rate=${SUB_FPS}`, '-t', '60'];
    const gop = ['-bf', '0', '-g', '50', '-keyint_min', '50', '-sc_threshold', '0'];
    const rate = ['-b:v', '400k', '-maxrate', '400k', '-bufsize', '200k', '-pix_fmt', 'yuv420p'];
    await run('ffmpeg', [...input, '-c:v', 'libx264', '-preset', 'veryfast', ...gop, ...rate, '-f', 'h264', half]);
    renameSync(half, h264);
  }
  if (!existsSync(mp4)) {
    const half = `${mp4}.${process.pid}.part`;
    await run('ffmpeg', ['-v', 'error', '-y', '-r', String(SUB_FPS), '-i', h264, '-c', 'copy', '-f', 'mp4', half]);
    renameSync(half, mp4);
  }
  return { h264, mp4 };
}
