import type { MediaMessage } from '../../../contract/media-frame.ts';
import { sampleOf } from './fragment-sample.ts';
import type { Pipeline, PipelineOptions } from './pipeline.ts';

/** JPEG pictures one by one on a canvas. Each stands alone, so only the newest waits while one is being decoded. */
export class JpegPipeline implements Pipeline {
  readonly path = 'canvas';
  readonly element: HTMLCanvasElement;
  readonly #options: PipelineOptions;
  #next: MediaMessage | null = null;
  #isDecoding = false;
  #isStopped = true;
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
    this.#isStopped = false;
  }

  reopen(): void {
    this.#next = null;
  }

  stop(): void {
    this.#isStopped = true;
    this.#next = null;
  }

  append(fragment: MediaMessage): void {
    this.#next = fragment;
    if (!this.#isDecoding) void this.#decode();
  }

  tick(): void {
    // Nothing to follow: the newest picture is always the one that is shown.
  }

  nudge(): void {
    // The next picture does not depend on any other.
  }

  shownEdgeAtMs(): number | null {
    return this.#shownEdgeAtMs;
  }

  async #decode(): Promise<void> {
    this.#isDecoding = true;
    while (this.#next !== null && !this.#isStopped) {
      const { body, edgeAtMs } = this.#next;
      this.#next = null;
      const picture = await bitmapOf(sampleOf(body));
      if (picture === null) continue;
      if (!this.#isStopped) this.#paint(picture, edgeAtMs);
      picture.close();
    }
    this.#isDecoding = false;
  }

  #paint(picture: ImageBitmap, edgeAtMs: number): void {
    const { element } = this;
    if (element.width !== picture.width) element.width = picture.width;
    if (element.height !== picture.height) element.height = picture.height;
    element.getContext('2d', { alpha: false })?.drawImage(picture, 0, 0);
    this.#shownEdgeAtMs = edgeAtMs;
    this.#frames += 1;
    if (this.#frames === 1) this.#options.onFirstFrame();
  }
}

/** A damaged picture is left out: the next one is whole. */
async function bitmapOf(jpeg: Uint8Array | null): Promise<ImageBitmap | null> {
  if (jpeg === null) return null;
  try {
    return await createImageBitmap(new Blob([new Uint8Array(jpeg)], { type: 'image/jpeg' }));
  } catch {
    return null;
  }
}
