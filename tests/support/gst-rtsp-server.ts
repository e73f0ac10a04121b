import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What to serve. */
export interface GstRtspServerOptions {
  /** So many frames, numbered from 0 in the picture, then the stream ends; Infinity never ends. */
  frames: number;
  fps: number;
  width: number;
  height: number;
  /** Asks for Digest authentication. */
  digest?: { user: string; password: string };
  /** B-frames between others; default none. */
  bFrames?: number;
  /** A free one unless given, to come back at the same address. */
  port?: number;
  /** The source is gone after its last frame, instead of beginning anew for the next client. */
  once?: boolean;
}

/** A running server. */
export interface GstRtspServer {
  /** Without user information. */
  url: string;
  port: number;
  /** Ends the process at once, without goodbye, as a camera that loses power does. */
  stop(): Promise<void>;
  /** Stops sending and answering while its connections stay open, as a camera that hangs does. */
  freeze(): void;
}

const PYTHON = '/usr/bin/python3';
const SCRIPT = join(import.meta.dirname, 'gst-rtsp-server.py');
const START_TIMEOUT_MS = 20_000;

/** Whether GStreamer's RTSP server is here; tests that need it skip, saying so, when not. */
export const hasGstRtspServer = probe();
if (!hasGstRtspServer)
  console.warn('GStreamer RTSP server not found (gir1.2-gst-rtsp-server-1.0): its tests are skipped');

function probe(): boolean {
  if (!existsSync(PYTHON)) return false;
  try {
    const check =
      "import gi; gi.require_version('Gst','1.0'); gi.require_version('GstRtspServer','1.0');" +
      "from gi.repository import Gst, GstRtspServer; Gst.init(None); assert Gst.ElementFactory.find('x264enc')";
    execFileSync(PYTHON, ['-c', check], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Starts GStreamer's RTSP server on 127.0.0.1. The media begins to run with the first PLAY. */
export function startGstRtspServer(options: GstRtspServerOptions): Promise<GstRtspServer> {
  const { frames, fps, width, height, digest, bFrames = 0, port = 0 } = options;
  const numbers = [port, Number.isFinite(frames) ? frames : 0, fps, width, height, bFrames].map(String);
  const args = [SCRIPT, ...numbers, ...(digest === undefined ? [] : [digest.user, digest.password])];
  const env = { ...process.env, ONCE: options.once === true ? '1' : '0' };
  const child = spawn(PYTHON, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  return new Promise((resolve, reject) => {
    let errors = '';
    const timer = setTimeout(() => void stop().then(() => fail('did not start in time')), START_TIMEOUT_MS);
    const fail = (why: string): void => {
      clearTimeout(timer);
      reject(new Error(`the GStreamer RTSP server ${why}: ${errors}`));
    };
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-2000);
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const bound = /listening (\d+)/.exec(text)?.[1];
      if (bound === undefined) return;
      clearTimeout(timer);
      resolve({
        url: `rtsp://127.0.0.1:${bound}/cam`,
        port: Number(bound),
        stop,
        freeze: () => void child.kill('SIGSTOP'),
      });
    });
    child.once('exit', (code) => fail(`ended with ${code}`));
    child.once('error', (error) => fail(error.message));
  });
}
