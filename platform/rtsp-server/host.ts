import type { ReaderSecret } from './digest-gate.ts';
import type { RtspSource } from './source.ts';

/** Somebody wants to read a stream, or reads it. */
export interface ReadRequest {
  /** Number of the connection; good until it ends. */
  readerId: number;
  /** Name it signed in with. */
  user: string;
  /** Network address. */
  address: string;
  deviceId: string;
  stream: 'main' | 'sub';
}

/** A stream that may be read. */
export interface OpenedStream {
  /** The same for all who get the same pictures: these are cut into packets once. */
  key: string;
  source: RtspSource;
  /** The reader has gone; called once. */
  release(): void;
}

/** What a reader did with a stream. */
export interface ReadFacts {
  seconds: number;
  /** Pictures, pieces of sound and documents that went out, and those that did not because it was too slow. */
  sent: number;
  skipped: number;
}

/** Somebody was turned away. */
export interface ReadRefusal {
  /** The name it gave, shortened; nobody checked it when the reason is `password`. */
  user: string;
  /** Network address. */
  address: string;
  /** `password`: the sign-in failed; `right`: this stream is not there for it. */
  reason: 'password' | 'right';
  /** What it asked for; null when it did not come to that. */
  deviceId: string | null;
  /** How often that happened from its address since the last time it was said. */
  suppressedBefore: number;
}

/** What edge and hub each do in their own way. */
export interface RtspHost {
  /** What is kept of a reader's password; null when there is no such reader. */
  secretOf(user: string): Promise<ReaderSecret | null>;
  /**
   * Asked at every DESCRIBE, so that a lost right counts at once.
   * @throws SharpEyesError `forbidden` becomes 403, `not-found` 404, `limit` 453, `unavailable` and `timeout` 503
   */
  open(request: ReadRequest): Promise<OpenedStream>;
  onPlay?(request: ReadRequest): void;
  onStop?(request: ReadRequest, facts: ReadFacts): void;
  /** At most once a minute for each address. */
  onRefused?(refusal: ReadRefusal): void;
}
