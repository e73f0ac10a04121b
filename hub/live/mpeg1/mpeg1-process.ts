import type { ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import type Mpeg1Muxer from 'node-rtsp-stream/mpeg1muxer.js';

/** Widest picture that a page decodes in time by itself. */
const MAX_WIDTH = 704;
const KBIT = 1200;
/** MPEG-1 knows few rates; a key picture each second. */
const FPS = 25;

/** Size of what is made of a picture. */
export function mpeg1Size(width: number, height: number): { width: number; height: number } {
  const shown = Math.min(MAX_WIDTH, width);
  return { width: shown, height: 2 * Math.round((height * shown) / Math.max(1, width) / 2) };
}

/** The muxer of the package `node-rtsp-stream`; null where it is not installed. */
export function loadMuxer(): typeof Mpeg1Muxer | null {
  try {
    return createRequire(import.meta.url)('node-rtsp-stream/mpeg1muxer.js') as typeof Mpeg1Muxer;
  } catch {
    // Nothing else needs it.
    return null;
  }
}

/**
 * Starts the muxer on fragmented MP4 that is written to it, instead of an RTSP address: the camera is not dialled again,
 * and no password stands in a list of processes. Its own listeners, which write to our output, are taken off.
 */
export function spawnMpeg1(Muxer: typeof Mpeg1Muxer, ffmpegPath: string): ChildProcess {
  const ffmpegOptions = {
    ...{ '-loglevel': 'error', '-nostats': '', '-an': '', '-threads': '1' },
    '-vf': `scale='min(${MAX_WIDTH},iw)':-2:flags=fast_bilinear,format=yuv420p`,
    ...{ '-r': `${FPS}`, '-g': `${FPS}`, '-bf': '0', '-b:v': `${KBIT}k` },
    ...{ '-flush_packets': '1', '-muxdelay': '0', '-muxpreload': '0' },
  };
  const { stream } = new Muxer({ url: 'pipe:0', ffmpegPath, ffmpegOptions });
  stream.removeAllListeners('exit');
  return stream;
}
