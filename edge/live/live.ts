import { SharpEyesError } from '../../contract/errors.ts';
import { type LineStatus, streamKey, topics } from '../../contract/topics.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { Lease, StreamOpener } from './lease.ts';
import { LeasedStream } from './leased-stream.ts';
import { LineBudget } from './line-budget.ts';
import { LivePublisher } from './live-publisher.ts';
import type { MediaTransport } from './media-link.ts';
import { QualityLadder } from './quality-ladder.ts';

/** What {@link Live} is built from. */
export interface LiveOptions {
  edgeId: string;
  transport: MediaTransport;
  open: StreamOpener;
  clock: Clock;
  config: { maxStreams: number; bufferBytes: number; lineBitsPerSecond?: number | null; headroom?: number };
  onDropped(fragments: number): void;
}

interface Running {
  stream: LeasedStream;
  timer: TimerHandle;
}

const DECIDE_EVERY_MS = 1000;
/** Most that are told. */
const HELD_MAX = 100;
/** Share of the line that events have for themselves. */
const HEADROOM = 0.15;

/**
 * Live pictures: sends each stream once to the hub for as long as the hub keeps asking, as much of it as the line bears.
 */
export class Live {
  readonly #options: LiveOptions;
  readonly #running = new Map<string, Running>();
  readonly #ladder = new QualityLadder();
  readonly #budget: LineBudget;
  #timer: TimerHandle | null = null;

  constructor(options: LiveOptions) {
    this.#options = options;
    const { transport, clock, config } = options;
    const { bufferBytes, lineBitsPerSecond = null, headroom = HEADROOM } = config;
    this.#budget = new LineBudget({ transport, clock, bufferBytes, lineBitsPerSecond, headroom });
  }

  /** Ends everything. */
  stop(): void {
    for (const key of [...this.#running.keys()]) this.#end(key, 'stopped');
    this.#budget.stop();
  }

  /** The media connection is new: every stream begins again with its last key frame. */
  restart(): void {
    this.#budget.reset();
    for (const { stream } of this.#running.values()) stream.restart();
  }

  /**
   * Sends a stream, or goes on sending it. Resolves with the stream that is really sent.
   * @throws SharpEyesError LIMIT_REACHED, and what the opener throws
   */
  start(lease: Lease): { stream: 'main' | 'sub' } {
    const key = streamKey(lease.deviceId, lease.stream, lease.transcode);
    const known = this.#running.get(key);
    if (known !== undefined && known.stream.lease.handle === lease.handle) {
      known.stream.renew(lease);
      known.timer.cancel();
      known.timer = this.#expiry(key, lease.leaseMs);
      return { stream: known.stream.stream };
    }
    if (known !== undefined) this.#end(key, 'replaced');
    const { maxStreams } = this.#options.config;
    if (this.#running.size >= maxStreams) {
      throw new SharpEyesError('LIMIT_REACHED', `this edge sends at most ${maxStreams} live streams at once`);
    }
    const { open, clock } = this.#options;
    const publisher = this.#publisher(lease);
    const stream = new LeasedStream({ lease, publisher, open });
    this.#running.set(key, { stream, timer: this.#expiry(key, lease.leaseMs) });
    this.#budget.add(publisher);
    this.#ladder.add(stream);
    this.#timer ??= clock.every(DECIDE_EVERY_MS, () => this.#decide());
    try {
      stream.begin();
    } catch (error) {
      this.#end(key, 'refused');
      throw error;
    }
    return { stream: stream.stream };
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

  /** The hub said what has arrived: a message on `receipts`. */
  onReceipts(payload: Uint8Array): void {
    this.#budget.onReceipts(payload);
  }

  /** Streams that are sent now. */
  get streams(): number {
    return this.#running.size;
  }

  /** What the line bears, and what had to give way; null before the first receipt of the hub. */
  get line(): LineStatus | null {
    const facts = this.#budget.facts();
    if (facts.roundTripMs === null) return null;
    const held = [...this.#running.values()].flatMap(({ stream }) => {
      const { lease, level, asked } = stream;
      return level === asked ? [] : [{ deviceId: lease.deviceId, stream: lease.stream, level }];
    });
    return { ...facts, held: held.slice(0, HELD_MAX) };
  }

  /** Whether anybody watches. */
  get isWatched(): boolean {
    return this.#running.size > 0;
  }

  /** Bytes per millisecond that live pictures may use; null while nothing limits them. */
  get usable(): number | null {
    return this.#budget.usable;
  }

  /** Bytes per millisecond that arrived lately. */
  get deliveredRate(): number {
    return this.#budget.deliveredRate;
  }

  /** Whether the line is full now. */
  get isFull(): boolean {
    return this.#budget.isFull;
  }

  #publisher(lease: Lease): LivePublisher {
    const { edgeId, clock, onDropped } = this.#options;
    // The topic names what the hub asked for, also where another stream stands in for it.
    const topic = topics.media(edgeId, streamKey(lease.deviceId, lease.stream, lease.transcode));
    return new LivePublisher({
      budget: this.#budget,
      topic,
      handle: lease.handle,
      nowMs: () => clock.nowMs(),
      onCut: (fragments) => {
        this.#ladder.cut(clock.monotonicMs());
        onDropped(fragments);
      },
    });
  }

  #decide(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const { stream } of this.#running.values()) stream.measure(nowMs);
    const line = { usable: this.#budget.usable, usableAgeMs: this.#budget.usableAgeMs() };
    const { changed, triesMore } = this.#ladder.decide(line, nowMs);
    if (triesMore) this.#budget.tryMore();
    for (const rung of changed) if (rung instanceof LeasedStream) rung.apply();
  }

  #expiry(key: string, leaseMs: number): TimerHandle {
    return this.#options.clock.after(leaseMs, () => this.#end(key, 'lease-ended'));
  }

  #end(key: string, reason: string): void {
    const running = this.#running.get(key);
    if (running === undefined) return;
    this.#running.delete(key);
    running.timer.cancel();
    running.stream.end(reason);
    this.#ladder.remove(running.stream);
    this.#budget.remove(running.stream.publisher);
    if (this.#running.size > 0) return;
    this.#timer?.cancel();
    this.#timer = null;
  }
}
