import { type BenchProcess, cpuMs, start } from './processes.ts';

/** `ffmpeg -c copy` from an address into fragmented MP4 that nobody keeps. */
export function startFfmpegCopy(url: string): BenchProcess {
  const input = ['-v', 'error', '-nostdin', '-rtsp_transport', 'tcp', '-i', url];
  const output = ['-c', 'copy', '-f', 'mp4', '-movflags', 'frag_keyframe+empty_moov', '-y', '/dev/null'];
  return start('ffmpeg', [...input, ...output]);
}

/** CPU time of several processes, in milliseconds each. */
export function meanCpuMs(processes: readonly BenchProcess[]): number {
  return processes.reduce((sum, { pid }) => sum + cpuMs(pid), 0) / processes.length;
}
