import type { ChainFault } from '../chain/chain.ts';
import type { Manifest } from './manifest.ts';

/** Name for everything in a package that belongs to no single file: the directory at the end, sizes, order. */
export const CONTAINER = 'container';

/** What can be wrong with a package. */
export type ProblemCode =
  /** It does not begin as a package of ours does. */
  | 'not-a-package'
  /** A header in front of a file is not what the manifest makes it. */
  | 'header-changed'
  /** A file's bytes are not the sealed ones. */
  | 'content-changed'
  /** The manifest is not what the signature was made over. */
  | 'signature-wrong'
  /** `manifest.sig` is not a signature file. */
  | 'signature-unreadable'
  /** `manifest.json` has a right signature but not the documented shape; perhaps of a newer version. */
  | 'manifest-unreadable'
  /** The package ends inside this file. */
  | 'cut-off'
  /** The directory at the end is not what the manifest makes it. */
  | 'directory-changed'
  /** Bytes were inserted, appended or taken away. */
  | 'size-differs';

/** A stretch of footage, edge time. */
export interface Stretch {
  edgeFromMs: number;
  edgeToMs: number;
  /** The same counted from the start of the file. */
  filmFromMs: number;
  filmToMs: number;
}

/** One thing that is wrong, and where. */
export interface Problem {
  /** Name of the file in the package, or {@link CONTAINER}. */
  file: string;
  code: ProblemCode;
  /** Which seconds of footage were changed, where that can be told. */
  footage: Stretch[];
}

/**
 * What the recorder's hash chain says of a camera's footage; the package may be intact although the chain is not. A segment
 * is proven when the footage, put back as it was recorded, has the hash that the recorder noted at the time; segments that
 * were cut at the ends of the interval cannot be.
 */
export interface ChainReport {
  deviceId: string;
  stream: string;
  segments: number;
  proven: number;
  /** First record that does not hold, or first segment that is not what was recorded; null when there is none. */
  fault: { sequence: number; fault: ChainFault | 'segment-differs' } | null;
}

/** Whether the key is the one that was to be trusted; `unchecked` when none was named. */
export type SignerVerdict = 'unchecked' | 'trusted' | 'other';

/** The answer of the verifier. */
export interface Verdict {
  state: 'intact' | 'tampered' | 'malformed';
  /** Empty when intact. */
  problems: Problem[];
  /** Null while no signature could be read. */
  fingerprint: string | null;
  signer: SignerVerdict;
  /** Only when its signature holds. */
  manifest: Manifest | null;
  chains: ChainReport[];
}
