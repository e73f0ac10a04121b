import type { PulledStream, StreamPuller } from '../../../edge/devices/stream-pool.ts';
import type { MediaConsumer, StreamReason, StreamState } from '../../../edge/media/types.ts';

/** A pull that a test moves through its states. */
export class FakePull implements PulledStream {
  readonly source: { url: string; username?: string; password?: string };
  readonly consumers = new Set<MediaConsumer>();
  #state: StreamState = 'connecting';
  #reason: StreamReason = 'ok';

  constructor(source: FakePull['source']) {
    this.source = source;
  }

  subscribe(consumer: MediaConsumer): () => void {
    this.consumers.add(consumer);
    consumer.onState?.(this.#state, this.#reason);
    return () => this.consumers.delete(consumer);
  }

  set(state: StreamState, reason: StreamReason): void {
    this.#state = state;
    this.#reason = reason;
    for (const consumer of this.consumers) consumer.onState?.(state, reason);
  }

  stats(): ReturnType<PulledStream['stats']> {
    const counters = { sinceMs: 0, framesTotal: 0, packetsLost: 0, framesDropped: 0, bytesTotal: 0 };
    const rates = { fps: 24.7, bitrate: 1_234_567, codec: 'avc1.64001e', width: 640, height: 360 };
    const sound = { transport: 'tcp', audio: null, metadata: false, backChannel: null } as const;
    return { state: this.#state, reason: this.#reason, ...counters, ...rates, ...sound };
  }
}

/** Remembers what is pulled. */
export class FakePuller implements StreamPuller {
  readonly pulls = new Map<string, FakePull>();

  ensure(key: string, source: FakePull['source']): FakePull {
    const pull = this.pulls.get(key) ?? new FakePull(source);
    this.pulls.set(key, pull);
    return pull;
  }

  async remove(key: string): Promise<void> {
    this.pulls.delete(key);
  }
}
