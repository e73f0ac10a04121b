import type { StreamReader } from './published-stream.ts';
import type { PublishedUnit } from './published-unit.ts';

/** Brings one track's packets to a reader, over TCP or UDP. */
export interface TrackCarrier {
  rtp(unit: PublishedUnit): void;
  rtcp(packet: Uint8Array): void;
  /** The last that is sent; comes behind everything else. */
  goodbye(packet: Uint8Array): void;
}

/**
 * One reader of a stream. It is never waited for: beyond the bound of unsent bytes it skips to the next key frame after
 * half of them have gone.
 */
export class Reader implements StreamReader {
  readonly #carriers: ReadonlyMap<number, TrackCarrier>;
  readonly #options: { backlogBytes(): number; maxBytes: number; videoTrack: number | null; onEnd(): void };
  #isFull = false;
  #waitsForKey: boolean;
  /** Units that did not go out because the reader was too slow. */
  skipped = 0;
  /** Units that went out. */
  sent = 0;

  /** @param options `videoTrack` is null when the reader did not set its pictures up */
  constructor(
    carriers: ReadonlyMap<number, TrackCarrier>,
    options: { backlogBytes(): number; maxBytes: number; videoTrack: number | null; onEnd(): void },
  ) {
    this.#carriers = carriers;
    this.#options = options;
    this.#waitsForKey = options.videoTrack !== null;
  }

  deliver(unit: PublishedUnit): void {
    const carrier = this.#carriers.get(unit.track);
    if (carrier === undefined) return;
    if (this.#isTooSlow()) {
      this.#waitsForKey = this.#options.videoTrack !== null;
      this.skipped += 1;
      return;
    }
    const isStart = unit.key || this.#options.videoTrack === null;
    if (this.#waitsForKey && !isStart) {
      // Before the first key frame nothing was due yet.
      if (this.sent > 0) this.skipped += 1;
      return;
    }
    this.#waitsForKey = false;
    this.sent += 1;
    carrier.rtp(unit);
  }

  report(track: number, packet: Uint8Array): void {
    if (!this.#isTooSlow()) this.#carriers.get(track)?.rtcp(packet);
  }

  goodbye(track: number, packet: Uint8Array): void {
    this.#carriers.get(track)?.goodbye(packet);
  }

  end(): void {
    this.#options.onEnd();
  }

  #isTooSlow(): boolean {
    const bytes = this.#options.backlogBytes();
    this.#isFull = bytes > (this.#isFull ? this.#options.maxBytes / 2 : this.#options.maxBytes);
    return this.#isFull;
  }
}
