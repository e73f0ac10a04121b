import type { Clock } from '../../platform/clock.ts';
import type { SegmentMetadata } from './upload-metadata.ts';

/** What came of a segment: its file, or that its bytes were not the recorded ones. */
export type Arrival = { path: string } | 'damaged';

/** Segments that one edge was asked for, as they arrive. */
export class ExpectedSegments {
  readonly edgeId: string;
  /** Sum of the lengths of every upload that was begun. */
  announcedBytes = 0;
  receivedBytes = 0;
  readonly #clock: Clock;
  readonly #onRelease: () => Promise<void>;
  readonly #arrivals = new Map<string, Arrival>();
  #isReleased = false;
  #wake: () => void = () => undefined;

  constructor(edgeId: string, clock: Clock, onRelease: () => Promise<void>) {
    this.edgeId = edgeId;
    this.#clock = clock;
    this.#onRelease = onRelease;
  }

  /** What came of a segment; undefined while nothing did. */
  arrivalOf(segment: { sequence: number; sha256: string }): Arrival | undefined {
    return this.#arrivals.get(keyOf(segment));
  }

  /** Whether nothing more will come. */
  get isReleased(): boolean {
    return this.#isReleased;
  }

  /** Resolves when anything came (true) or `timeoutMs` went by without (false); rejects with the signal's reason. */
  change(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const end = (): void => {
        timer.cancel();
        signal.removeEventListener('abort', onAbort);
        this.#wake = () => undefined;
      };
      const onAbort = (): void => {
        end();
        reject(signal.reason);
      };
      const timer = this.#clock.after(timeoutMs, () => {
        end();
        resolve(false);
      });
      signal.addEventListener('abort', onAbort, { once: true });
      this.#wake = () => {
        end();
        resolve(true);
      };
    });
  }

  /** Called by the uploads: bytes came. */
  received(bytes: number): void {
    this.receivedBytes += bytes;
    this.#wake();
  }

  /** Called by the uploads: a segment is complete; `path` is null when it is damaged. One good copy is enough. */
  arrived(segment: SegmentMetadata, path: string | null): void {
    const known = this.#arrivals.get(keyOf(segment));
    if (known === undefined || known === 'damaged')
      this.#arrivals.set(keyOf(segment), path === null ? 'damaged' : { path });
    this.#wake();
  }

  /** Accepts nothing more and removes the files. */
  async release(): Promise<void> {
    this.#isReleased = true;
    this.#wake();
    await this.#onRelease();
  }
}

/** A wiped edge counts its segments from 0 again, so the number alone does not name one. */
function keyOf({ sequence, sha256 }: { sequence: number; sha256: string }): string {
  return `${sequence}.${sha256}`;
}
