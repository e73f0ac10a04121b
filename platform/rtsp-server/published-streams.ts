import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { RtspServerLimits } from './limits.ts';
import { PublishedStream } from './published-stream.ts';
import type { RtspSource } from './source.ts';

interface Entry {
  stream: PublishedStream;
  users: number;
}

/** The streams that somebody reads or asks about, each cut into packets once. */
export class PublishedStreams {
  readonly #options: { limits: RtspServerLimits; clock: Clock; log: Log };
  readonly #entries = new Map<string, Entry>();

  constructor(options: { limits: RtspServerLimits; clock: Clock; log: Log }) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  /**
   * One more uses a stream; the first one's source is what is read. When the source throws, so does this, and nothing is
   * kept.
   */
  use(key: string, source: RtspSource): { stream: PublishedStream; release(): void } {
    const known = this.#entries.get(key);
    const entry = known ?? this.#begin(key);
    entry.users += 1;
    let isReleased = false;
    const release = (): void => {
      if (isReleased) return;
      isReleased = true;
      entry.users -= 1;
      if (entry.users > 0) return;
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      entry.stream.stop();
    };
    try {
      if (known === undefined) entry.stream.start(source);
    } catch (error) {
      release();
      throw error;
    }
    return { stream: entry.stream, release };
  }

  #begin(key: string): Entry {
    const { limits, clock, log } = this.#options;
    const onEnd = (): void => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    };
    const entry: Entry = {
      stream: new PublishedStream({ limits, clock, log: log.child({ stream: key }), onEnd }),
      users: 0,
    };
    this.#entries.set(key, entry);
    return entry;
  }
}
