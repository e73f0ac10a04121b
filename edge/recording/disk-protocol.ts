/** From the recorder to its disk thread. `id` marks what is answered. */
export type DiskRequest =
  | { type: 'open'; id: number; writer: number; path: string; init: Uint8Array }
  | { type: 'append'; writer: number; bytes: Uint8Array }
  | { type: 'close'; id: number; writer: number }
  | { type: 'abandon'; writer: number }
  | { type: 'repair'; id: number; path: string }
  | { type: 'remove'; id: number; paths: readonly string[] }
  | { type: 'list'; id: number; folder: string }
  | { type: 'stop'; id: number };

/** A finished segment file. */
export interface ClosedSegment {
  bytes: number;
  sha256: string;
}

/** A segment file after {@link DiskRequest} `repair`; null when nothing in it could be kept (then it is removed). */
export type RepairedSegment = (ClosedSegment & { frames: number; durationMs: number }) | null;

/** What the disk refused. */
export interface DiskFailure {
  /** Of the operating system, e.g. `ENOSPC`. */
  code: string;
  message: string;
}

/** From the disk thread. */
export type DiskReply =
  | { type: 'done'; id: number; result: unknown }
  | { type: 'failed'; id: number; failure: DiskFailure }
  | { type: 'written'; bytes: number }
  | { type: 'writer-failed'; writer: number; failure: DiskFailure };
