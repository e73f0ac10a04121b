import type { SegmentRecord } from '../../contract/footage.ts';
import { canonicalJson } from '../canonical-json.ts';
import { type Digests, sha256Of } from '../digest.ts';

/** What the recorder knows of a segment before it is linked: a {@link SegmentRecord} without its hashes. */
export type SegmentFacts = Omit<SegmentRecord, 'previous' | 'hash'>;

/** `previous` of a stream's first segment. */
export const CHAIN_START = '0'.repeat(64);

/**
 * Hash of a record: SHA-256 over its canonical JSON (UTF-8) with `previous` and without `hash`. Whoever changes a
 * segment or its record has to change every later record as well.
 */
export function recordHash(digests: Digests, previous: string, facts: SegmentFacts): string {
  const { deviceId, stream, sequence, startAtMs, endAtMs, bytes, frames, sha256 } = facts;
  const text = canonicalJson({
    deviceId,
    stream,
    sequence,
    startAtMs,
    endAtMs,
    bytes,
    frames,
    sha256,
    previous,
  });
  return sha256Of(digests, new TextEncoder().encode(text));
}

/** Why a chain does not hold. */
export type ChainFault =
  /** A record's hash is not the hash of its content. */
  | 'record-changed'
  /** A record does not name the hash of the one before. */
  | 'link-broken'
  /** Sequence numbers do not count up by one. */
  | 'sequence-broken'
  /** A record belongs to another stream. */
  | 'other-stream'
  /** The first segment of all does not begin the chain, or a later one claims to. */
  | 'wrong-start';

/** Where a chain breaks: `index` into the list, and the sequence number that stands there. */
export type ChainResult = { ok: true } | { ok: false; index: number; sequence: number; fault: ChainFault };

/**
 * Checks a run of records of one stream and names the first broken link. A run may begin in the middle of the chain: what
 * came before its first record cannot be judged from it alone (give `head`, the hash before it, where it is known).
 */
export function verifyChain(digests: Digests, records: readonly SegmentRecord[], head?: string): ChainResult {
  let before: SegmentRecord | undefined;
  for (const [index, record] of records.entries()) {
    const fault = linkFault(digests, record, before, head);
    if (fault !== null) return { ok: false, index, sequence: record.sequence, fault };
    before = record;
  }
  return { ok: true };
}

function linkFault(
  digests: Digests,
  record: SegmentRecord,
  before: SegmentRecord | undefined,
  head: string | undefined,
): ChainFault | null {
  if (recordHash(digests, record.previous, record) !== record.hash) return 'record-changed';
  if ((record.sequence === 0) !== (record.previous === CHAIN_START)) return 'wrong-start';
  if (before === undefined) return head !== undefined && head !== record.previous ? 'link-broken' : null;
  if (record.deviceId !== before.deviceId || record.stream !== before.stream) return 'other-stream';
  if (record.sequence !== before.sequence + 1) return 'sequence-broken';
  return record.previous === before.hash ? null : 'link-broken';
}
