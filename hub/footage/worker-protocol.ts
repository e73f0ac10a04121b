import type { ErrorCode } from '../../contract/errors.ts';
import type { Manifest } from '../../evidence/package/manifest.ts';
import type { BuiltPart, ClipOrder } from './clip/build-clip.ts';

/** Heavy work on footage, and what each kind gives back. */
export interface FootageTasks {
  /** Cuts a clip. */
  build: { order: ClipOrder; result: BuiltPart[] };
  /** Writes a sealed package; `files` says where the bytes of each file in the manifest are. */
  pack: { order: PackOrder; result: { bytes: number } };
  /** SHA-256 of a file. */
  hash: { order: { path: string }; result: string };
}

/** What the thread needs to write a package; the private key stays outside. */
export interface PackOrder {
  manifest: Manifest;
  publicKeySpki: Uint8Array;
  signature: Uint8Array;
  /** Name in the package → path, or the bytes themselves. */
  files: Map<string, string | Uint8Array>;
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
