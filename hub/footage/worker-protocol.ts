import type { ErrorCode } from '../../contract/errors.ts';
import type { Manifest } from '../../evidence/package/manifest.ts';
import type { ClipOrder, MeasuredPart } from './clip/cut-clip.ts';
import type { PlannedPart } from './clip/plan-clip.ts';
import type { LocalSegmentFile } from './ports.ts';

/** Heavy work on footage, and what each kind gives back. */
export interface FootageTasks {
  /** Cuts a clip for a package: what will be in it, without writing it yet. */
  measure: { order: ClipOrder; result: MeasuredPart[] };
  /** Cuts a clip for a look, into a file; null when nothing was recorded. */
  look: { order: ClipOrder & { path: string }; result: { edgeStartAtMs: number; bytes: number } | null };
  /** Writes a sealed package. */
  pack: { order: PackOrder; result: { bytes: number } };
  /** SHA-256 of a file. */
  hash: { order: { path: string }; result: string };
}

/** Where a file's bytes come from when the package is written. */
export type PackContent = Uint8Array | { part: PlannedPart; segments: readonly LocalSegmentFile[] };

/** What the thread needs to write a package; the private key stays outside. */
export interface PackOrder {
  manifest: Manifest;
  publicKeySpki: Uint8Array;
  signature: Uint8Array;
  /** By name in the package. */
  files: Map<string, PackContent>;
  outputPath: string;
}

/** Name of a task. */
export type FootageTask = keyof FootageTasks;

/** To the thread. */
export type FootageRequest = {
  [T in FootageTask]: { id: number; task: T; order: FootageTasks[T]['order'] };
}[FootageTask];

/** From the thread. `bytes` counts what was worked on since the last message. */
export type FootageReply =
  | { id: number; kind: 'progress'; bytes: number }
  | { id: number; kind: 'done'; result: unknown }
  | { id: number; kind: 'failed'; code: ErrorCode; message: string };
