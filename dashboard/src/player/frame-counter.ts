/**
 * Counts frames that really were painted. One callback per look instead of one per frame: the browser itself keeps the
 * running count (`presentedFrames`).
 */
export class FrameCounter {
  readonly #video: HTMLVideoElement;
  #base = 0;
  #current = 0;
  #seen = false;
  #pending: number | null = null;
  readonly #onFirst: () => void;

  constructor(video: HTMLVideoElement, onFirst: () => void) {
    this.#video = video;
    this.#onFirst = onFirst;
  }

  /** Frames painted on this tile since it exists, over all media elements' sources. */
  get total(): number {
    return this.#base + this.#current;
  }

  /** Asks to be told about the next frame; called on every tick. */
  look(): void {
    if (this.#pending !== null) return;
    if (typeof this.#video.requestVideoFrameCallback !== 'function') {
      this.#count(this.#video.getVideoPlaybackQuality().totalVideoFrames);
      return;
    }
    this.#pending = this.#video.requestVideoFrameCallback((_, frame) => {
      this.#pending = null;
      this.#count(frame.presentedFrames);
    });
  }

  /** The element gets a new source, whose count begins at zero. */
  newSource(): void {
    if (this.#pending !== null) this.#video.cancelVideoFrameCallback(this.#pending);
    this.#pending = null;
    this.#base += this.#current;
    this.#current = 0;
    this.#seen = false;
  }

  #count(frames: number): void {
    this.#current = frames;
    if (frames === 0 || this.#seen) return;
    this.#seen = true;
    this.#onFirst();
  }
}
