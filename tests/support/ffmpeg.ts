import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

async function answers(program: string): Promise<boolean> {
  try {
    await run(program, ['-version']);
    return true;
  } catch {
    return false;
  }
}

/** Whether ffmpeg and ffprobe are here; tests that need them skip, saying so, when not. */
export const hasFfmpeg = (await answers('ffmpeg')) && (await answers('ffprobe'));
if (!hasFfmpeg) console.warn('ffmpeg and ffprobe not found: the tests that need them are skipped');

/** How many frames ffprobe decodes from a file's first video stream. */
export async function countFrames(file: string): Promise<number> {
  const args = ['-v', 'error', '-count_frames', '-select_streams', 'v:0', '-show_entries', 'stream=nb_read_frames'];
  const { stdout } = await run('ffprobe', [...args, '-of', 'csv=p=0', file]);
  return Number.parseInt(stdout, 10);
}

/** Presentation times of a file's packets in order of decoding, seconds. */
export async function packetTimes(file: string): Promise<{ pts: number; dts: number; key: boolean }[]> {
  const args = [
    '-v',
    'error',
    '-select_streams',
    'v:0',
    '-show_entries',
    'packet=pts_time,dts_time,flags',
    '-of',
    'json',
  ];
  const { stdout } = await run('ffprobe', [...args, file], { maxBuffer: 64 << 20 });
  const { packets } = JSON.parse(stdout) as { packets: { pts_time: string; dts_time: string; flags: string }[] };
  return packets.map(({ pts_time, dts_time, flags }) => ({
    pts: Number(pts_time),
    dts: Number(dts_time),
    key: flags.startsWith('K'),
  }));
}

/** The numbers that `gst-rtsp-server.py` drew into the frames, in order of presentation. */
export async function frameNumbers(file: string, width: number, height: number): Promise<number[]> {
  const args = [
    '-v',
    'error',
    '-i',
    file,
    '-vf',
    'crop=256:16:0:0',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'gray',
    '-vsync',
    'passthrough',
    '-',
  ];
  if (width < 256 || height < 16) throw new RangeError('the picture is too small to carry a number');
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: 1 << 28 });
  const numbers: number[] = [];
  for (let at = 0; at + 4096 <= stdout.length; at += 4096) {
    let number = 0;
    for (let bit = 0; bit < 16; bit += 1) if ((stdout[at + 8 * 256 + bit * 16 + 8] ?? 0) > 128) number |= 1 << bit;
    numbers.push(number);
  }
  return numbers;
}
