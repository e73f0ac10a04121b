import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import type { Log } from '../../platform/log.ts';
import type {
  AudioFrame,
  InitSegment,
  MediaConsumer,
  MediaFragment,
  MetadataFrame,
  StreamReason,
  StreamState,
} from './types.ts';

interface Entry {
  consumer: MediaConsumer;
  init: InitSegment | null;
  waitingForKey: boolean;
}

/** Hands the same fragments to many consumers. One that throws is removed and reported; the others never notice. */
export class FanOut {
  readonly #log: Log;
  readonly #max: number;
  /** Replaced, never changed, so that consumers may come and go while a fragment is handed out. */
  #entries: readonly Entry[] = [];
  /** Consumers removed because they threw. */
  failed = 0;

  constructor(log: Log, maxConsumers: number) {
    this.#log = log;
    this.#max = maxConsumers;
  }

  get size(): number {
    return this.#entries.length;
  }

  /**
   * Adds a consumer and hands it `backlog` at once. @returns the function that removes it
   * @throws SharpEyesError LIMIT_REACHED
   */
  add(
    consumer: MediaConsumer,
    state: StreamState,
    reason: StreamReason,
    backlog: readonly MediaFragment[],
  ): () => void {
    if (this.#entries.length >= this.#max) {
      throw new SharpEyesError('LIMIT_REACHED', `a stream has at most ${this.#max} consumers`);
    }
    const entry: Entry = { consumer, init: null, waitingForKey: true };
    this.#entries = [...this.#entries, entry];
    this.#guard(entry, () => consumer.onState?.(state, reason));
    for (const fragment of backlog) this.#hand(entry, fragment);
    return () => this.#remove(entry);
  }

  state(state: StreamState, reason: StreamReason): void {
    for (const entry of this.#entries) this.#guard(entry, () => entry.consumer.onState?.(state, reason));
  }

  deliver(fragment: MediaFragment): void {
    for (const entry of this.#entries) this.#hand(entry, fragment);
  }

  audio(frame: AudioFrame): void {
    for (const entry of this.#entries) {
      try {
        entry.consumer.onAudio?.(frame);
      } catch (error) {
        this.#fail(entry, error);
      }
    }
  }

  metadata(frame: MetadataFrame): void {
    for (const entry of this.#entries) this.#guard(entry, () => entry.consumer.onMetadata?.(frame));
  }

  #hand(entry: Entry, fragment: MediaFragment): void {
    if (entry.waitingForKey && !fragment.key) return;
    entry.waitingForKey = false;
    try {
      if (entry.init !== fragment.init) {
        entry.init = fragment.init;
        entry.consumer.onInit(fragment.init);
      }
      entry.consumer.onFragment(fragment);
    } catch (error) {
      this.#fail(entry, error);
    }
  }

  #guard(entry: Entry, call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#fail(entry, error);
    }
  }

  #fail(entry: Entry, error: unknown): void {
    this.failed += 1;
    this.#remove(entry);
    this.#log.error({ error: messageOf(error) }, 'a consumer of the stream failed and was removed');
  }

  #remove(entry: Entry): void {
    this.#entries = this.#entries.filter((other) => other !== entry);
  }
}
