const MOST_WIDTH = 1280;

/** Keeps the last picture on a canvas over the tile until a new pipeline has painted its first, so that it is never black. */
export class LastPicture {
  readonly #still: HTMLCanvasElement;

  constructor(still: HTMLCanvasElement) {
    this.#still = still;
  }

  /** Copies what an element shows now; one that shows nothing changes nothing. */
  keep(element: HTMLVideoElement | HTMLCanvasElement): void {
    const { width, height } = sizeOf(element);
    if (width === 0 || height === 0) return;
    this.#still.width = Math.min(width, MOST_WIDTH);
    this.#still.height = Math.round((this.#still.width * height) / width);
    this.#still.getContext('2d')?.drawImage(element, 0, 0, this.#still.width, this.#still.height);
    this.#still.hidden = false;
  }

  /** The new picture is there; the copy's memory goes back. */
  drop(): void {
    this.#still.hidden = true;
    this.#still.width = 0;
    this.#still.height = 0;
  }
}

function sizeOf(element: HTMLVideoElement | HTMLCanvasElement): { width: number; height: number } {
  if (element instanceof HTMLCanvasElement) return element;
  if (element.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return { width: 0, height: 0 };
  return { width: element.videoWidth, height: element.videoHeight };
}
