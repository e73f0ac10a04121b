import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import type { Clock, TimerHandle } from '../clock.ts';
import type { Log } from '../log.ts';
import type { RtspServerLimits } from './limits.ts';
import { PublishedTrack } from './published-track.ts';
import type { PublishedUnit } from './published-unit.ts';
import type { RtspSource, SourceSink, SourceTrack, SourceUnit } from './source.ts';
import { WallClockMap } from './wall-clock-map.ts';

/** One who reads; none of its functions waits. */
export interface StreamReader {
  deliver(unit: PublishedUnit): void;
  /** RTCP of a track. */
  report(track: number, packet: Uint8Array): void;
  /** RTCP of a track that ends. */
  goodbye(track: number, packet: Uint8Array): void;
  /** The stream is over, or became another one: its readers have to ask for a new description. */
  end(): void;
}

/** Where a track of a new reader begins; `rtpTimestamp` is null while that is not known. */
export interface TrackStart {
  sequence: number;
  rtpTimestamp: number | null;
}

type Kind = SourceTrack['kind'];
/** The order of the tracks in the description. */
const KINDS: readonly Kind[] = ['video', 'audio', 'metadata'];

/**
 * One stream that is re-published: cut into packets once, however many read it. The packets since the last key frame
 * are kept, so that a new reader begins at once.
 */
export class PublishedStream {
  readonly #limits: RtspServerLimits;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #onEnd: () => void;
  readonly #wallClock = new WallClockMap();
  readonly #found = new Map<Kind, SourceTrack>();
  readonly #readers = new Set<StreamReader>();
  readonly #described = Promise.withResolvers<readonly PublishedTrack[]>();
  #expected: ReadonlySet<Kind> | null = null;
  #tracks: readonly PublishedTrack[] | null = null;
  /** Units that came before it was known which tracks there are. */
  #early: SourceUnit[] = [];
  #cache: PublishedUnit[] = [];
  #cacheBytes = 0;
  #lastPts90k = 0;
  #timers: TimerHandle[] = [];
  #unsubscribe: (() => void) | null = null;
  #isOver = false;
  /** Units that no track took. */
  dropped = 0;

  /** @param options `onEnd` is called once when the source has ended */
  constructor(options: { limits: RtspServerLimits; clock: Clock; log: Log; onEnd: () => void }) {
    this.#limits = options.limits;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#onEnd = options.onEnd;
    // Whoever waits hears it; nobody need wait.
    this.#described.promise.catch(() => undefined);
  }

  start(source: RtspSource): void {
    const { describeTimeoutMs, reportPeriodMs } = this.#limits;
    this.#timers = [
      this.#clock.after(describeTimeoutMs, () => this.#giveUp()),
      this.#clock.every(reportPeriodMs, () => this.#reportAll()),
    ];
    const sink: SourceSink = {
      onTrack: (track) => this.#guard(() => this.#onTrack(track)),
      onExpected: (kinds) => {
        this.#expected = kinds;
        this.#guard(() => this.#settleIfComplete());
      },
      onUnit: (unit) => this.#guard(() => this.#onUnit(unit)),
      onEnd: () => this.end(),
    };
    const unsubscribe = source.subscribe(sink);
    if (this.#isOver) unsubscribe();
    else this.#unsubscribe = unsubscribe;
  }

  /** Ends it for all readers. */
  end(): void {
    if (this.#isOver) return;
    this.stop();
    for (const track of this.#tracks ?? []) {
      for (const reader of this.#readers) reader.goodbye(track.index, track.goodbye());
    }
    for (const reader of [...this.#readers]) reader.end();
    this.#readers.clear();
    this.#onEnd();
  }

  /** Leaves the source; readers are not told. */
  stop(): void {
    this.#isOver = true;
    for (const timer of this.#timers) timer.cancel();
    this.#unsubscribe?.();
    this.#described.reject(new SharpEyesError('STREAM_ENDED', 'The stream ended before it could be described.'));
  }

  /**
   * Its tracks, once they are known.
   * @throws SharpEyesError STREAM_SILENT, STREAM_ENDED, STREAM_UNSUPPORTED
   */
  tracks(): Promise<readonly PublishedTrack[]> {
    return this.#described.promise;
  }

  /** Where a track begins for a reader that joins now. */
  startOf(track: PublishedTrack): TrackStart {
    const first = this.#cache.find((unit) => unit.track === track.index);
    return first ?? { sequence: track.nextSequence, rtpTimestamp: null };
  }

  /** Hands over what is kept and everything that follows; returns the function that ends it. */
  join(reader: StreamReader): () => void {
    for (const unit of this.#cache) reader.deliver(unit);
    this.#readers.add(reader);
    for (const track of this.#tracks ?? []) {
      const report = this.#reportOf(track);
      if (report !== null) reader.report(track.index, report);
    }
    return () => this.#readers.delete(reader);
  }

  /** Bytes of what is kept. */
  get cacheBytes(): number {
    return this.#cacheBytes;
  }

  #onTrack(track: SourceTrack): void {
    this.#found.set(track.kind, track);
    const published = this.#tracks?.find(({ kind }) => kind === track.kind);
    if (published !== undefined && !published.change(track)) return this.end();
    this.#settleIfComplete();
  }

  #onUnit(unit: SourceUnit): void {
    if (this.#isOver) return;
    if (this.#tracks !== null) return this.#publish(unit, this.#tracks);
    // A group of pictures is enough: without a track nobody can join.
    if (unit.kind === 'video' && unit.key) this.#early = [];
    if (this.#early.length < 10_000) this.#early.push(unit);
    if (unit.kind === 'video') this.#settleIfComplete();
  }

  /** All that was announced has shown itself, or nobody knows what is to come and the first picture is there. */
  #settleIfComplete(): void {
    if (this.#tracks !== null || this.#isOver || !this.#found.has('video')) return;
    const missing =
      this.#expected === null || [...this.#expected].some((kind) => kind === 'audio' && !this.#found.has(kind));
    if (!missing) return this.#settle();
    if (this.#timers.length > 2) return;
    this.#timers.push(this.#clock.after(this.#limits.settleMs, () => this.#guard(() => this.#settle())));
  }

  #settle(): void {
    if (this.#tracks !== null || this.#isOver) return;
    if (this.#expected?.has('metadata') === true) this.#found.set('metadata', { kind: 'metadata' });
    const found = KINDS.map((kind) => this.#found.get(kind)).filter((track) => track !== undefined);
    this.#tracks = found.map((track, index) => new PublishedTrack(index, track, this.#limits.mtu));
    this.#timers.shift()?.cancel();
    const early = this.#early;
    this.#early = [];
    for (const unit of early) this.#publish(unit, this.#tracks);
    this.#described.resolve(this.#tracks);
  }

  #giveUp(): void {
    if (this.#tracks !== null) return;
    this.#described.reject(new SharpEyesError('STREAM_SILENT', 'No picture came in time.'));
    this.end();
  }

  #publish(unit: SourceUnit, tracks: readonly PublishedTrack[]): void {
    const published = tracks.find(({ kind }) => kind === unit.kind)?.publish(unit) ?? null;
    if (published === null) {
      this.dropped += 1;
      return;
    }
    if (unit.kind === 'video') {
      this.#wallClock.add(unit.pts90k, unit.edgeAtMs);
      this.#lastPts90k = unit.pts90k;
    }
    this.#keep(published);
    for (const reader of this.#readers) reader.deliver(published);
  }

  #keep(unit: PublishedUnit): void {
    if (unit.key) {
      this.#cache = [];
      this.#cacheBytes = 0;
    } else if (this.#cache.length === 0) return;
    this.#cache.push(unit);
    this.#cacheBytes += unit.framed.length;
    if (this.#cacheBytes <= this.#limits.gopBytes) return;
    // Part of a group is of no use: keep nothing of this one.
    this.#cache = [];
    this.#cacheBytes = 0;
  }

  #reportAll(): void {
    for (const track of this.#tracks ?? []) {
      const report = this.#reportOf(track);
      if (report !== null) for (const reader of this.#readers) reader.report(track.index, report);
    }
  }

  #reportOf(track: PublishedTrack): Uint8Array | null {
    const wallMs = this.#wallClock.wallMs(this.#lastPts90k);
    return wallMs === null ? null : track.report(this.#lastPts90k, wallMs);
  }

  /** A source must never suffer from its readers. */
  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#log.warn({ reason: messageOf(error) }, 'a stream cannot be re-published');
      this.#described.reject(error);
      this.end();
    }
  }
}
