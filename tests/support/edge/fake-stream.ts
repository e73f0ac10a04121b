import type {
  InitSegment,
  MediaConsumer,
  MediaFragment,
  StreamReason,
  StreamState,
} from '../../../edge/media/types.ts';
import { buildFragment, FRAGMENT_HEADER_BYTES } from '../../../protocols/fmp4/fragment.ts';
import { buildAvcInit } from '../../../protocols/fmp4/init-segment.ts';
import type { FakeClock } from '../fake-clock.ts';
import { PPS, SPS_360P } from '../h264.ts';

const FPS = 25;
const FRAME_MS = 1000 / FPS;
const FRAME_90K = 90_000 / FPS;

/** A camera whose pictures are made up; time passes on the fake clock as it plays. */
export class FakeStream {
  readonly #clock: FakeClock;
  readonly #consumers = new Map<MediaConsumer, { waitsForKey: boolean; init: InitSegment | null }>();
  #init: InitSegment;
  #sequence = 0;
  #frame = 0;
  #decodeTime90k = 1_000_000;
  #gop: MediaFragment[] = [];
  /** Bytes of one picture. */
  frameBytes = 200;
  /** How long the next frames are delayed on their way. */
  delayMs = 0;
  /** Frames from key to key. */
  gopFrames = FPS;

  constructor(clock: FakeClock) {
    this.#clock = clock;
    this.#init = makeInit(1);
  }

  subscribe(consumer: MediaConsumer, options: { withLastGop?: boolean }): () => void {
    const state = { waitsForKey: true, init: null };
    this.#consumers.set(consumer, state);
    consumer.onState?.('live', 'ok');
    if (options.withLastGop === true) for (const fragment of this.#gop) this.#give(consumer, state, fragment);
    return () => this.#consumers.delete(consumer);
  }

  get consumers(): number {
    return this.#consumers.size;
  }

  /** Plays; between frames the fake clock moves, and after each the event loop gets a turn. */
  async play(seconds: number): Promise<void> {
    for (let i = 0; i < Math.round(seconds * FPS); i++) {
      this.#push();
      this.#decodeTime90k += FRAME_90K;
      await this.#clock.advance(FRAME_MS);
    }
  }

  /** Nothing comes for a while; then the session begins anew with a key frame and a new init segment. */
  async lose(seconds: number, reason: StreamReason = 'unreachable'): Promise<void> {
    this.#say('failed', reason);
    await this.#clock.advance(seconds * 1000);
    this.#decodeTime90k += seconds * 90_000;
    this.#init = makeInit(this.#init.epoch + 1);
    this.#frame = 0;
    this.#say('live', 'ok');
  }

  #push(): void {
    const key = this.#frame++ % this.gopFrames === 0;
    const sample = new Uint8Array(this.frameBytes).fill(this.#frame & 0xff);
    this.#sequence += 1;
    const times = { decodeTime90k: this.#decodeTime90k, duration90k: FRAME_90K };
    const bytes = buildFragment({ sequence: this.#sequence, key, ...times, compositionOffset90k: 0 }, sample);
    const edgeAtMs = this.#clock.nowMs() + this.delayMs;
    const place = { sampleAt: FRAGMENT_HEADER_BYTES, compositionOffset90k: 0 };
    const fragment: MediaFragment = {
      init: this.#init,
      sequence: this.#sequence,
      key,
      bytes,
      ...times,
      ...place,
      edgeAtMs,
    };
    this.#gop = key ? [fragment] : [...this.#gop, fragment];
    for (const [consumer, state] of [...this.#consumers]) this.#give(consumer, state, fragment);
  }

  #give(
    consumer: MediaConsumer,
    state: { waitsForKey: boolean; init: InitSegment | null },
    fragment: MediaFragment,
  ): void {
    if (state.waitsForKey && !fragment.key) return;
    state.waitsForKey = false;
    if (state.init !== fragment.init) consumer.onInit(fragment.init);
    state.init = fragment.init;
    consumer.onFragment(fragment);
  }

  #say(state: StreamState, reason: StreamReason): void {
    for (const consumer of this.#consumers.keys()) consumer.onState?.(state, reason);
  }
}

function makeInit(epoch: number): InitSegment {
  const bytes = buildAvcInit({ width: 640, height: 360, sps: [SPS_360P], pps: [PPS] });
  const about = { family: 'h264', parameterSets: [SPS_360P, PPS], codec: 'avc1.64001e' } as const;
  return { ...about, epoch, bytes, width: 640, height: 360 };
}
