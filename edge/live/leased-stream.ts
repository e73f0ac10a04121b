import { SharpEyesError } from '../../contract/errors.ts';
import type { SentStream } from '../../contract/media-frame.ts';
import { reasonOf } from '../media/stream-error.ts';
import type { Lease, OpenStream, StreamOpener } from './lease.ts';
import type { LivePublisher, PublisherSource, SentAs } from './live-publisher.ts';
import type { Level, Rung } from './quality-ladder.ts';

/** What a {@link LeasedStream} needs. */
export interface LeasedStreamOptions {
  lease: Lease;
  publisher: LivePublisher;
  open: StreamOpener;
}

interface Pulled {
  opened: OpenStream;
  source: PublisherSource;
  unsubscribe: () => void;
}

/** Weight of the newest second in what a level needs. */
const NEWEST = 0.3;

/**
 * One wish of the hub, and which of the camera's streams is sent for it at the moment. Another stream takes over with
 * its first key frame; until then the one before goes on.
 */
export class LeasedStream implements Rung {
  lease: Lease;
  readonly publisher: LivePublisher;
  readonly asked: 'main' | 'sub';
  hasSub = true;
  level: Level;
  readonly needs: Partial<Record<Level, number>> = {};
  readonly #open: StreamOpener;
  #current: Pulled | null = null;
  #next: Pulled | null = null;
  /** Why what should be sent cannot be opened; null when it is. */
  #failure: string | null = null;
  #counted = { source: null as PublisherSource | null, bytes: 0, keyBytes: 0, atMs: 0 };

  /** @throws what the opener throws */
  constructor({ lease, publisher, open }: LeasedStreamOptions) {
    this.lease = lease;
    this.publisher = publisher;
    this.#open = open;
    this.#current = this.#pull(lease.stream);
    this.asked = this.#current.opened.stream;
    this.level = this.asked;
    this.renew(lease);
  }

  /** The hub goes on asking, perhaps with another priority. */
  renew(lease: Lease): void {
    this.lease = lease;
    this.publisher.priority = lease.priority ?? 0;
    this.publisher.audio = lease.audio ?? false;
  }

  get priority(): number {
    return this.lease.priority ?? 0;
  }

  /** The one that there is: `main` where the device has no `sub`. */
  get stream(): 'main' | 'sub' {
    return this.#current?.opened.stream ?? this.asked;
  }

  /** Begins to send at the present level. @throws what subscribing throws */
  begin(): void {
    const first = this.#current;
    if (first === null) return;
    if (this.level === this.asked) {
      this.#show(first, true);
      return;
    }
    this.#current = null;
    this.apply();
    release(first);
  }

  /** Goes to the present level. What cannot be opened now is said, and tried again at each {@link measure}. */
  apply(): void {
    this.#drop(this.#next);
    this.#next = null;
    const failure = this.#failure;
    this.#failure = null;
    if (this.level === 'paused') {
      this.publisher.pause('line-full');
      this.#drop(this.#current);
      this.#current = null;
      return;
    }
    const wanted = this.level === this.asked ? this.asked : 'sub';
    if (this.#current?.opened.stream === wanted || (this.#current !== null && !this.hasSub)) {
      this.#show(this.#current, false);
      return;
    }
    try {
      this.#turnTo(wanted);
    } catch (error) {
      // The device was taken out of service, or its transcoder is busy: what there is has to do.
      this.#failure = failureOf(error);
      if (this.#failure === failure) return;
      if (this.#current === null) this.publisher.pause(this.#failure);
      else this.#show(this.#current, false);
    }
  }

  /** The connection is new: begins with the last key frame. */
  restart(): void {
    this.publisher.restart();
    if (this.level === 'paused') this.publisher.pause('line-full');
    else if (this.#current !== null) this.#subscribe(this.#current);
  }

  /** Ends it. */
  end(reason: string): void {
    for (const pulled of [this.#next, this.#current]) this.#drop(pulled);
    this.#next = null;
    this.#current = null;
    this.publisher.end(reason);
  }

  /** Looks at what the streams bring, about once a second. */
  measure(nowMs: number): void {
    if (this.#failure !== null) this.apply();
    const current = this.#current;
    if (current === null) return;
    const { source, opened } = current;
    const before = this.#counted;
    const { bytes, keyBytes } = source.offered;
    this.#counted = { source, bytes, keyBytes, atMs: nowMs };
    const periodMs = nowMs - before.atMs;
    if (before.source !== source || periodMs <= 0 || bytes === before.bytes) return;
    this.#needs(opened.stream, (bytes - before.bytes) / periodMs);
    const isSmallest = opened.stream === 'sub' || !this.hasSub;
    if (isSmallest) this.#needs('keys', (keyBytes - before.keyBytes) / periodMs);
  }

  #needs(level: Level, rate: number): void {
    const before = this.needs[level];
    this.needs[level] = before === undefined ? rate : before + (rate - before) * NEWEST;
  }

  #pull(stream: 'main' | 'sub'): Pulled {
    const opened = this.#open(this.lease.deviceId, stream, this.lease.transcode === true);
    return { opened, source: this.publisher.source(), unsubscribe: () => undefined };
  }

  /** Sends another stream from its next key frame on. @throws what opening and subscribing throw: nothing has changed */
  #turnTo(wanted: 'main' | 'sub'): void {
    const pulled = this.#pull(wanted);
    if (pulled.opened.stream !== wanted) this.hasSub = false;
    if (this.#current?.opened.stream === pulled.opened.stream) {
      release(pulled);
      this.#show(this.#current, false);
      return;
    }
    try {
      if (this.#current === null) {
        this.#show(pulled, true);
        this.#current = pulled;
        return;
      }
      this.#next = pulled;
      this.publisher.switchTo(pulled.source, this.#sentAs(pulled), () => this.#switched());
      pulled.unsubscribe = pulled.opened.subscribe(pulled.source, { withLastGop: false });
    } catch (error) {
      this.#next = null;
      release(pulled);
      throw error;
    }
  }

  #show(pulled: Pulled, isNew: boolean): void {
    this.publisher.switchTo(pulled.source, this.#sentAs(pulled), () => undefined);
    if (isNew) this.#subscribe(pulled);
  }

  #subscribe(pulled: Pulled): void {
    pulled.unsubscribe();
    pulled.unsubscribe = pulled.opened.subscribe(pulled.source, { withLastGop: true });
  }

  #switched(): void {
    this.#drop(this.#current);
    this.#current = this.#next;
    this.#next = null;
  }

  #drop(pulled: Pulled | null): void {
    if (pulled === null) return;
    pulled.unsubscribe();
    release(pulled);
  }

  #sentAs({ opened }: Pulled): SentAs {
    const { stream } = opened;
    const keyFramesOnly = this.level === 'keys';
    if (keyFramesOnly || this.level !== this.asked) {
      return { keyFramesOnly, sent: { stream, why: 'line', keyFramesOnly } };
    }
    const standsIn: SentStream = { stream, why: 'only-stream', keyFramesOnly: false };
    return { keyFramesOnly, sent: stream === this.lease.stream ? null : standsIn };
  }
}

function release({ opened }: Pulled): void {
  opened.release();
}

/** What a tile is told. */
function failureOf(error: unknown): string {
  const code = error instanceof SharpEyesError ? error.code : null;
  if (code === 'TRANSCODER_BUSY') return 'transcoder-busy';
  return code === 'LIMIT_REACHED' ? 'limit' : reasonOf(error);
}
