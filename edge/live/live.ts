import { SharpEyesError } from '../../contract/errors.ts';
import { streamKey, topics } from '../../contract/topics.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { MediaConsumer } from '../media/types.ts';
import { LivePublisher } from './live-publisher.ts';
import type { MediaTransport } from './media-link.ts';

/** A stream that is being pulled because somebody asked for it. */
export interface OpenStream {
  /** The one that there is: `main` where a device has no `sub`. */
  stream: 'main' | 'sub';
  subscribe(consumer: MediaConsumer, options: { withLastGop?: boolean }): () => void;
  /** Not needed any more. */
  release(): void;
}

/**
 * Opens a device's stream, or what is made of it for browsers that cannot decode it.
 * @throws SharpEyesError DEVICE_UNKNOWN, STREAM_UNKNOWN, TRANSCODER_MISSING or TRANSCODER_BUSY
 */
export type StreamOpener = (deviceId: string, stream: 'main' | 'sub', transcode: boolean) => OpenStream;

/** What {@link Live} is built from. */
export interface LiveOptions {
  edgeId: string;
  transport: MediaTransport;
  open: StreamOpener;
  clock: Clock;
  config: { maxStreams: number; bufferBytes: number };
  onDropped(fragments: number): void;
}

/** A wish of the hub to get a stream for a while. */
export interface Lease {
  deviceId: string;
  stream: 'main' | 'sub';
  leaseMs: number;
  handle: number;
  /** 0 … 9: who keeps a picture when the line is too thin for all. Default 0. */
  priority?: number;
  /** Sound is wanted too. */
  audio?: boolean;
  /** Encoded anew as H.264. */
  transcode?: boolean;
}

interface Running {
  lease: Lease;
  opened: OpenStream;
  publisher: LivePublisher;
  unsubscribe: () => void;
  timer: TimerHandle;
}

/** Live pictures: sends each stream once to the hub for as long as the hub keeps asking. */
export class Live {
  readonly #options: LiveOptions;
  readonly #running = new Map<string, Running>();

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  /** Ends everything. */
  stop(): void {
    for (const key of [...this.#running.keys()]) this.#end(key, 'stopped');
  }

  /** The media connection is new: every stream begins again with its last key frame. */
  restart(): void {
    for (const running of this.#running.values()) {
      running.unsubscribe();
      this.#subscribe(running);
    }
  }

  /**
   * Sends a stream, or goes on sending it. Resolves with the stream that is really sent.
   * @throws SharpEyesError LIMIT_REACHED, and what the opener throws
   */
  start(lease: Lease): { stream: 'main' | 'sub' } {
    const key = streamKey(lease.deviceId, lease.stream, lease.transcode);
    const known = this.#running.get(key);
    if (known !== undefined && known.lease.handle === lease.handle) {
      known.lease = lease;
      known.publisher.audio = lease.audio ?? false;
      known.timer.cancel();
      known.timer = this.#expiry(key, lease.leaseMs);
      return { stream: known.opened.stream };
    }
    if (known !== undefined) this.#end(key, 'replaced');
    const { maxStreams } = this.#options.config;
    if (this.#running.size >= maxStreams) {
      throw new SharpEyesError('LIMIT_REACHED', `this edge sends at most ${maxStreams} live streams at once`);
    }
    const opened = this.#options.open(lease.deviceId, lease.stream, lease.transcode === true);
    const timer = this.#expiry(key, lease.leaseMs);
    const running: Running = { lease, opened, timer, publisher: this.#publisher(lease), unsubscribe: () => undefined };
    this.#running.set(key, running);
    this.#subscribe(running);
    return { stream: opened.stream };
  }

  /** Ends a stream; one that is not sent is fine. */
  end(deviceId: string, stream: 'main' | 'sub', transcode = false): void {
    this.#end(streamKey(deviceId, stream, transcode), 'stopped');
  }

  /** A device goes away or its streams come from elsewhere now. */
  endDevice(deviceId: string): void {
    for (const stream of ['main', 'sub'] as const) {
      this.end(deviceId, stream);
      this.end(deviceId, stream, true);
    }
  }

  /** The hub said what has arrived. */
  onReceipts(_payload: Uint8Array): void {
    return;
  }

  /** Streams that are sent now. */
  get streams(): number {
    return this.#running.size;
  }

  #publisher(lease: Lease): LivePublisher {
    const { transport, edgeId, clock, config, onDropped } = this.#options;
    // The topic names what the hub asked for, also where another stream stands in for it.
    const topic = topics.media(edgeId, streamKey(lease.deviceId, lease.stream, lease.transcode));
    const { handle } = lease;
    const nowMs = (): number => clock.nowMs();
    const publisher = new LivePublisher({
      ...{ transport, topic, handle, bufferBytes: config.bufferBytes, nowMs, onDropped },
    });
    publisher.audio = lease.audio ?? false;
    return publisher;
  }

  #subscribe(running: Running): void {
    running.unsubscribe = running.opened.subscribe(running.publisher, { withLastGop: true });
  }

  #expiry(key: string, leaseMs: number): TimerHandle {
    return this.#options.clock.after(leaseMs, () => this.#end(key, 'lease-ended'));
  }

  #end(key: string, reason: string): void {
    const running = this.#running.get(key);
    if (running === undefined) return;
    this.#running.delete(key);
    running.timer.cancel();
    running.unsubscribe();
    running.publisher.end(reason);
    running.opened.release();
  }
}
