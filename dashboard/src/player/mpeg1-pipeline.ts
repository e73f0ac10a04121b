import type { MediaMessage } from '../../../contract/media-frame.ts';
import type { Pipeline, PipelineOptions } from './pipeline.ts';

/** stream_id of the only video track. */
const VIDEO = 0xe0;
/** Fragments that wait until the decoder is loaded: more than a group of pictures. */
const WAITING_MAX = 500;

interface Decoder {
  take(bytes: Uint8Array): void;
}

/**
 * MPEG-1 in a transport stream, decoded by the page itself on a canvas: the last resort of screens without a media
 * source. The decoder is loaded only when it is needed. Pictures are shown as they come, so it can never drift.
 */
export class Mpeg1Pipeline implements Pipeline {
  readonly path = 'mpeg1';
  readonly element: HTMLCanvasElement;
  readonly #options: PipelineOptions;
  #decoder: Decoder | null = null;
  #waiting: MediaMessage[] = [];
  #isStopped = true;
  #frames = 0;
  #newestEdgeAtMs: number | null = null;
  #shownEdgeAtMs: number | null = null;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.element = options.surface.canvas;
  }

  get presentedFrames(): number {
    return this.#frames;
  }

  start(): void {
    this.#isStopped = false;
    void this.#load();
  }

  reopen(): void {
    this.#decoder = null;
    this.#waiting = [];
    void this.#load();
  }

  stop(): void {
    this.#isStopped = true;
    this.#decoder = null;
    this.#waiting = [];
  }

  append(fragment: MediaMessage): void {
    if (this.#decoder !== null) return this.#decode(this.#decoder, fragment);
    if (this.#waiting.length < WAITING_MAX) this.#waiting.push(fragment);
    else this.#options.onFault('overflow');
  }

  tick(): void {
    // Nothing to follow: the newest picture is always the one that is shown.
  }

  nudge(): void {
    // A decoder that gives no picture after its key frames is made anew by the tile.
  }

  shownEdgeAtMs(): number | null {
    return this.#shownEdgeAtMs;
  }

  async #load(): Promise<void> {
    try {
      const { default: JSMpeg } = await import('@cycjimmy/jsmpeg-player');
      if (this.#isStopped || this.#decoder !== null) return;
      const demuxer = new JSMpeg.Demuxer.TS({});
      const video = new JSMpeg.Decoder.MPEG1Video({ streaming: true, decodeFirstFrame: false });
      const canvas = new JSMpeg.Renderer.Canvas2D({ canvas: this.element });
      demuxer.connect(VIDEO, video);
      video.connect({
        resize: (width, height) => canvas.resize(width, height),
        render: (y, cr, cb) => {
          canvas.render(y, cr, cb);
          this.#painted();
        },
      });
      this.#decoder = {
        take: (bytes) => {
          demuxer.write(bytes);
          for (let before = -1; video.bits.has(32) && video.bits.index !== before; ) {
            before = video.bits.index;
            video.decode();
          }
        },
      };
    } catch {
      this.#options.onFault('unsupported');
      return;
    }
    const waiting = this.#waiting.splice(0);
    for (const fragment of waiting) this.append(fragment);
  }

  #decode(decoder: Decoder, { body, edgeAtMs }: MediaMessage): void {
    this.#newestEdgeAtMs = edgeAtMs;
    try {
      decoder.take(body);
    } catch {
      // The decoder trusts its input; what it cannot read ends in any error at all.
      this.#options.onFault('decode');
    }
  }

  #painted(): void {
    this.#frames += 1;
    this.#shownEdgeAtMs = this.#newestEdgeAtMs;
    if (this.#frames === 1) this.#options.onFirstFrame();
  }
}
