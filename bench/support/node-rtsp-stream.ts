import { createRequire } from 'node:module';
import { childPid } from '../../tests/support/child-process.ts';
import { CannotRun } from '../figure.ts';
import { type BenchProcess, sleep, startScript } from './processes.ts';

const START_MS = 20_000;

/** Starts `node-rtsp-stream` with one viewer in a process of its own. @throws CannotRun when it is not installed */
export async function startNodeRtspStream(
  url: string,
): Promise<{ peer: string; process: BenchProcess; ffmpegPid: number }> {
  const require = createRequire(import.meta.url);
  let version = '';
  try {
    version = (require('node-rtsp-stream/package.json') as { version: string }).version;
  } catch (cause) {
    throw new CannotRun('node-rtsp-stream is missing: npm install', { cause });
  }
  const process = startScript('node-rtsp-stream-peer.ts', [url]);
  const end = performance.now() + START_MS;
  for (;;) {
    const ffmpegPid = childPid(process.pid, 'mpeg1video');
    if (ffmpegPid !== null) return { peer: `node-rtsp-stream ${version}`, process, ffmpegPid };
    if (performance.now() > end) {
      await process.stop();
      throw new CannotRun('node-rtsp-stream does not start its ffmpeg');
    }
    await sleep(100);
  }
}
