/**
 * Counts frames that really were painted. One callback per look instead of one per frame: the browser itself keeps the
 * running count (`presentedFrames`).
 */
export class FrameCounter {
  readonly #video: HTMLVideoElement;
  readonly #onFirst: () => void;
  #total = 0;
  #pending: number | null = null;

  constructor(video: HTMLVideoElement, onFirst: () => void) {
    this.#video = video;
    this.#onFirst = onFirst;
  }

  /** Frames painted from the element's present source. */
  get total(): number {
    return this.#total;
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

  /** Looks no more. */
  stop(): void {
    if (this.#pending !== null) this.#video.cancelVideoFrameCallback(this.#pending);
    this.#pending = null;
  }

  #count(frames: number): void {
    const isFirst = this.#total === 0 && frames > 0;
    this.#total = frames;
    if (isFirst) this.#onFirst();
  }
}
