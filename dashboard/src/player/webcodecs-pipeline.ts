import type { MediaMessage } from '../../../contract/media-frame.ts';
import { decoderDescription } from './decoder-description.ts';
import { sampleOf } from './fragment-sample.ts';
import type { Pipeline, PipelineFault, PipelineOptions, StreamInit } from './pipeline.ts';

/** Frames that wait for the decoder beyond which a new key frame overtakes them. */
const BEHIND_FRAMES = 8;
/** Beyond this, nothing more is taken until the next key frame: more than a long group of pictures. */
const MOST_WAITING = 150;

/** Whether this page may use the browser's decoder itself: secure contexts only. */
export function hasVideoDecoder(): boolean {
  return typeof VideoDecoder === 'function' && typeof EncodedVideoChunk === 'function';
}

/**
 * The browser's decoder without its player: every picture is painted as soon as it is decoded. Nothing evens out how
 * frames arrive, which is what makes it quicker. Every decoded frame is closed; only the newest waits to be painted.
 */
export class WebCodecsPipeline implements Pipeline {
  readonly path = 'webcodecs';
  readonly element: HTMLCanvasElement;
  readonly #options: PipelineOptions;
  #decoder: VideoDecoder | null = null;
  #config: VideoDecoderConfig | null = null;
  #newest: VideoFrame | null = null;
  #request: number | null = null;
  #waitsForKey = true;
  #frames = 0;
  #shownEdgeAtMs: number | null = null;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.element = options.surface.canvas;
  }

  get presentedFrames(): number {
    return this.#frames;
  }

  start(): void {
    this.#decoder = new VideoDecoder({
      output: (frame) => this.#take(frame),
      error: () => this.#fault('decode'),
    });
    this.#configure(this.#options.init);
  }

  reopen(init: StreamInit): void {
    if (this.#decoder?.state === 'configured') this.#decoder.reset();
    this.#configure(init);
  }

  stop(): void {
    const decoder = this.#decoder;
    this.#decoder = null;
    if (decoder !== null && decoder.state !== 'closed') decoder.close();
    if (this.#request !== null) cancelAnimationFrame(this.#request);
    this.#request = null;
    this.#newest?.close();
    this.#newest = null;
  }

  append({ body, key, edgeAtMs }: MediaMessage): void {
    const decoder = this.#decoder;
    const data = sampleOf(body);
    if (decoder === null || this.#config === null || data === null || decoder.state !== 'configured') return;
    const waiting = decoder.decodeQueueSize;
    if (key && waiting > BEHIND_FRAMES && !this.#waitsForKey) {
      decoder.reset();
      decoder.configure(this.#config);
    } else if (!key && (this.#waitsForKey || waiting > MOST_WAITING)) {
      this.#waitsForKey = true;
      return;
    }
    this.#waitsForKey = false;
    // A picture keeps its number through the decoder: so it is known when it was taken.
    decoder.decode(
      new EncodedVideoChunk({ type: key ? 'key' : 'delta', timestamp: Math.round(edgeAtMs * 1000), data }),
    );
  }

  tick(): void {
    // Nothing to follow: the newest decoded picture is always the one that is shown.
  }

  nudge(): void {
    // The decoder works or says that it does not.
  }

  shownEdgeAtMs(): number | null {
    return this.#shownEdgeAtMs;
  }

  #configure({ body, description: { codec } }: StreamInit): void {
    const decoder = this.#decoder;
    const description = decoderDescription(body);
    if (decoder === null || description === null || decoder.state === 'closed') {
      // Later, so that the tile knows this pipeline as its own.
      this.#options.clock.after(0, () => this.#fault('unsupported'));
      return;
    }
    const config = { codec, description, optimizeForLatency: true, hardwareAcceleration: 'no-preference' } as const;
    this.#config = config;
    this.#waitsForKey = true;
    // One that is not supported closes the decoder, which reports it.
    decoder.configure(config);
  }

  #take(frame: VideoFrame): void {
    this.#newest?.close();
    this.#newest = null;
    if (this.#decoder === null) {
      frame.close();
      return;
    }
    this.#newest = frame;
    this.#request ??= requestAnimationFrame(() => this.#paint());
  }

  #paint(): void {
    this.#request = null;
    const frame = this.#newest;
    this.#newest = null;
    if (frame === null) return;
    const { element } = this;
    if (element.width !== frame.displayWidth) element.width = frame.displayWidth;
    if (element.height !== frame.displayHeight) element.height = frame.displayHeight;
    element.getContext('2d', { alpha: false })?.drawImage(frame, 0, 0);
    this.#shownEdgeAtMs = frame.timestamp / 1000;
    frame.close();
    this.#frames += 1;
    if (this.#frames === 1) this.#options.onFirstFrame();
  }

  #fault(fault: PipelineFault): void {
    if (this.#decoder !== null) this.#options.onFault(fault);
  }
}
