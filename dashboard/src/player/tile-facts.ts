/** What a technician wants to know about a tile. */
export interface TileFacts {
  codec: string | null;
  width: number | null;
  height: number | null;
  /** Frames painted per second; null before the first second is over. */
  fps: number | null;
  /** Bits per second that arrived; null before the first second is over. */
  bitrate: number | null;
  /** Hub's now minus the edge time of the frame on screen; null while nothing is shown. */
  delayMs: number | null;
  /** Fragments lost or unusable since the tile was made. */
  lost: number;
  /** How often the media element was made anew. */
  restarts: number;
}

/** Rates over the last second or so, from running counts. */
export class RateMeter {
  #atMs = 0;
  #frames = 0;
  #bytes = 0;
  fps: number | null = null;
  bitrate: number | null = null;

  observe(nowMs: number, frames: number, bytes: number): void {
    const seconds = (nowMs - this.#atMs) / 1000;
    if (seconds < 1) return;
    if (this.#atMs > 0) {
      this.fps = Math.max(0, (frames - this.#frames) / seconds);
      this.bitrate = Math.max(0, ((bytes - this.#bytes) * 8) / seconds);
    }
    this.#atMs = nowMs;
    this.#frames = frames;
    this.#bytes = bytes;
  }
}
