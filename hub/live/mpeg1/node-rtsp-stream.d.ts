declare module 'node-rtsp-stream/mpeg1muxer.js' {
  import type { ChildProcess } from 'node:child_process';

  /** Starts ffmpeg, which turns `url` into MPEG-1 video in a transport stream on its output. */
  export default class Mpeg1Muxer {
    constructor(options: { url: string; ffmpegPath: string; ffmpegOptions: Readonly<Record<string, string>> });
    readonly stream: ChildProcess;
  }
}
