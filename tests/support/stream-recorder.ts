import type { InitSegment, MediaConsumer, MediaFragment, StreamReason, StreamState } from '../../edge/media/types.ts';

/** A consumer that keeps everything it gets. */
export class StreamRecorder implements MediaConsumer {
  readonly inits: InitSegment[] = [];
  readonly fragments: MediaFragment[] = [];
  readonly states: string[] = [];
  readonly #onState: ((state: StreamState, reason: StreamReason) => void) | undefined;

  constructor(onState?: (state: StreamState, reason: StreamReason) => void) {
    this.#onState = onState;
  }

  onInit(init: InitSegment): void {
    this.inits.push(init);
  }

  onFragment(fragment: MediaFragment): void {
    this.fragments.push(fragment);
  }

  onState(state: StreamState, reason: StreamReason): void {
    this.states.push(`${state} ${reason}`);
    this.#onState?.(state, reason);
  }

  /** When each frame is shown, 90 kHz, counted from the first. */
  presented90k(): number[] {
    const times = this.fragments.map(({ decodeTime90k, compositionOffset90k }) => decodeTime90k + compositionOffset90k);
    return times.map((time) => time - (times[0] ?? 0));
  }

  /** The bytes of a playable file: init segments and fragments in order. */
  file(): Buffer {
    const parts: Uint8Array[] = [];
    let init: InitSegment | null = null;
    for (const fragment of this.fragments) {
      if (fragment.init !== init) parts.push(fragment.init.bytes);
      init = fragment.init;
      parts.push(fragment.bytes);
    }
    return Buffer.concat(parts);
  }
}
