import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What to serve: numbered frames, or a file as it is. */
export type GstRtspServerOptions = (NumberedSource | FileSource) & {
  /** Asks for Digest authentication. */
  digest?: { user: string; password: string };
  /** Asks for Basic authentication; over TLS only, as the client wants it. */
  basic?: { user: string; password: string };
  /** Refuses every other transport; default: all. */
  protocols?: 'tcp' | 'udp';
  /** Serves `rtsps` with a certificate from files. */
  tls?: { cert: string; key: string };
  /** Takes sound from clients (ONVIF back channel) into a file. */
  loudspeaker?: { codec: 'PCMU' | 'PCMA'; file: string };
  /** A free one unless given, to come back at the same address. */
  port?: number;
};

/** Frames drawn as they are served. */
export interface NumberedSource {
  /** So many frames, numbered from 0 in the picture, then the stream ends; Infinity never ends. */
  frames: number;
  fps: number;
  width: number;
  height: number;
  /** Default H.264. */
  codec?: 'h264' | 'h265' | 'jpeg';
  /** B-frames between others; default none. */
  bFrames?: number;
  /** The source is gone after its last frame, instead of beginning anew for the next client. */
  once?: boolean;
}

/** A coded file; every client gets it from its beginning, and the stream ends with it. */
export interface FileSource {
  /** QuickTime. */
  file: string;
  /** Payloader of each of its tracks, e.g. `rtph264pay pt=96`. */
  tracks: { video: string; audio?: string };
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
  const { digest, basic, ...rest } = options;
  const login = digest ?? basic;
  const auth = login === undefined ? {} : { auth: { kind: digest === undefined ? 'basic' : 'digest', ...login } };
  const numbered = 'frames' in rest ? { frames: Number.isFinite(rest.frames) ? rest.frames : 0 } : {};
  const bframes = 'bFrames' in rest ? { bframes: rest.bFrames } : {};
  const args = [SCRIPT, JSON.stringify({ ...rest, ...numbered, ...bframes, ...auth })];
  const child = spawn(PYTHON, args, { stdio: ['ignore', 'pipe', 'pipe'] });
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
        url: `${options.tls === undefined ? 'rtsp' : 'rtsps'}://127.0.0.1:${bound}/cam`,
        port: Number(bound),
        stop,
        freeze: () => void child.kill('SIGSTOP'),
      });
    });
    child.once('exit', (code) => fail(`ended with ${code}`));
    child.once('error', (error) => fail(error.message));
  });
}
