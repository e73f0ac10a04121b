import type { SegmentRecord } from '../../contract/footage.ts';
import { nodeDigests } from '../digest-node.ts';
import { recordHash, type SegmentFacts } from './chain.ts';

/**
 * Links a finished segment to the one before it.
 * @param previousHash `hash` of the stream's last record, or `CHAIN_START` for its first (sequence 0)
 */
export function nextLink(previousHash: string, facts: SegmentFacts): SegmentRecord {
  return { ...facts, previous: previousHash, hash: recordHash(nodeDigests, previousHash, facts) };
}
