import { createHash } from 'node:crypto';
import type { RtspSource, SourceSink, SourceTrack, SourceUnit } from '../../platform/rtsp-server/source.ts';

/** Something to play: what it is and its units, each with the time it takes, 90 kHz. */
export interface ScriptedTrack {
  track: SourceTrack;
  units: readonly { bytes: Uint8Array; key: boolean; duration90k: number }[];
}

/**
 * A source that plays units in real time to whoever subscribes, keeps the last group of pictures for them, and remembers
 * what it gave out.
 */
export class ScriptedSource implements RtspSource {
  readonly #tracks: readonly ScriptedTrack[];
  readonly #sinks = new Set<SourceSink>();
  readonly #speed: number;
  #gop: SourceUnit[] = [];
  #timer: NodeJS.Timeout | null = null;
  #startedAtMs = 0;
  readonly #next: { index: number; pts90k: number }[];
  /** SHA-256 of each unit that was given out, by kind. */
  readonly given: { kind: string; sha256: string; pts90k: number; edgeAtMs: number }[] = [];
  subscriptions = 0;

  constructor(tracks: readonly ScriptedTrack[], options: { speed?: number } = {}) {
    this.#tracks = tracks;
    this.#speed = options.speed ?? 1;
    this.#next = tracks.map(() => ({ index: 0, pts90k: 1_000_000 }));
  }

  get sinks(): number {
    return this.#sinks.size;
  }

  subscribe(sink: SourceSink): () => void {
    this.subscriptions += 1;
    sink.onExpected?.(new Set(this.#tracks.map(({ track }) => track.kind)));
    for (const { track } of this.#tracks) sink.onTrack(track);
    for (const unit of this.#gop) sink.onUnit(unit);
    this.#sinks.add(sink);
    return () => this.#sinks.delete(sink);
  }

  /** Plays every unit once and then stays silent. */
  start(): void {
    this.#startedAtMs = performance.now();
    this.#timer = setInterval(() => this.#tick(), 5);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** Says that a track is another now. */
  change(track: SourceTrack): void {
    for (const sink of this.#sinks) sink.onTrack(track);
  }

  end(): void {
    this.stop();
    for (const sink of this.#sinks) sink.onEnd();
  }

  get isOver(): boolean {
    return this.#tracks.every(({ units }, i) => (this.#next[i]?.index ?? 0) >= units.length);
  }

  #tick(): void {
    const due90k = 1_000_000 + (performance.now() - this.#startedAtMs) * 90 * this.#speed;
    for (const [i, { track, units }] of this.#tracks.entries()) {
      const next = this.#next[i];
      while (next !== undefined && next.pts90k <= due90k) {
        const unit = units[next.index];
        if (unit === undefined) break;
        this.give({ kind: track.kind, key: unit.key, bytes: unit.bytes, pts90k: next.pts90k, edgeAtMs: Date.now() });
        next.index += 1;
        next.pts90k += unit.duration90k;
      }
    }
  }

  /** Hands one unit to everybody. */
  give(unit: SourceUnit): void {
    if (unit.kind === 'video' && unit.key) this.#gop = [];
    if (unit.key || this.#gop.length > 0) this.#gop.push(unit);
    const { kind, pts90k, edgeAtMs } = unit;
    this.given.push({ kind, sha256: sha256(unit.bytes), pts90k, edgeAtMs });
    for (const sink of this.#sinks) sink.onUnit(unit);
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
