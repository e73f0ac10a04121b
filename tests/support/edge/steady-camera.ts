import type { OpenStream } from '../../../edge/live/lease.ts';
import type { InitSegment, MediaConsumer, MediaFragment } from '../../../edge/media/types.ts';
import type { FakeClock } from '../fake-clock.ts';

/** How one of a camera's streams is. */
export interface SteadyStream {
  bitsPerSecond: number;
  fps: number;
  /** Frames from key to key. */
  gopFrames: number;
  /** Size of a key frame as a multiple of the others'. */
  keyFactor: number;
}

/** A small stream as village cameras have it. */
export const SUB: SteadyStream = { bitsPerSecond: 400_000, fps: 15, gopFrames: 30, keyFactor: 6 };
/** Its large one. */
export const MAIN: SteadyStream = { bitsPerSecond: 4_000_000, fps: 25, gopFrames: 50, keyFactor: 6 };

/** A camera that plays on the fake clock by itself: pictures of made-up bytes at a steady rate. */
export class SteadyCamera {
  readonly #clock: FakeClock;
  readonly #phase: number;
  readonly #streams: { main: SteadyStream; sub: SteadyStream | null };
  /** Streams that are open now. */
  readonly opened = { main: 0, sub: 0 };

  /** @param phase where in its film it stands, so that the key frames of many do not come at once; 0 … 1 */
  constructor(clock: FakeClock, streams: { main?: SteadyStream; sub?: SteadyStream | null } = {}, phase = 0) {
    this.#clock = clock;
    this.#phase = phase;
    this.#streams = { main: streams.main ?? MAIN, sub: streams.sub === undefined ? SUB : streams.sub };
  }

  open(wanted: 'main' | 'sub'): OpenStream {
    const stream = this.#streams[wanted] === null ? 'main' : wanted;
    this.opened[stream] += 1;
    return {
      stream,
      subscribe: (consumer) => this.#play(this.#streams[stream] ?? this.#streams.main, stream, consumer),
      release: () => {
        this.opened[stream] -= 1;
      },
    };
  }

  #play(stream: SteadyStream, name: 'main' | 'sub', consumer: MediaConsumer): () => void {
    const { bitsPerSecond, fps, gopFrames, keyFactor } = stream;
    const gopBytes = ((bitsPerSecond / 8) * gopFrames) / fps;
    const frameBytes = Math.round(gopBytes / (gopFrames - 1 + keyFactor));
    const init = initOf(name);
    const frameMs = 1000 / fps;
    consumer.onState?.('live', 'ok');
    // All of a camera's viewers see the same film: where it stands follows from the clock.
    let frame = Math.ceil(this.#clock.monotonicMs() / frameMs) + Math.floor(this.#phase * gopFrames);
    let begun = false;
    const timer = this.#clock.every(frameMs, () => {
      const key = frame % gopFrames === 0;
      if (key && !begun) consumer.onInit(init);
      begun ||= key;
      const bytes = new Uint8Array(key ? frameBytes * keyFactor : frameBytes);
      const times = { decodeTime90k: (frame * 90_000) / fps, duration90k: 90_000 / fps, compositionOffset90k: 0 };
      const about = { init, sequence: frame, key, bytes, sampleAt: 0, edgeAtMs: this.#clock.nowMs() };
      frame += 1;
      if (begun) consumer.onFragment({ ...about, ...times } satisfies MediaFragment);
    });
    return () => timer.cancel();
  }
}

function initOf(name: 'main' | 'sub'): InitSegment {
  const [width, height] = name === 'main' ? [1920, 1080] : [640, 360];
  const about = { family: 'h264', parameterSets: [], codec: 'avc1.64001f', epoch: 1 } as const;
  return { ...about, bytes: new Uint8Array(700), width, height };
}
