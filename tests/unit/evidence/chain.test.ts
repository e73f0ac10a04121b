import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SegmentRecord } from '../../../contract/footage.ts';
import { CHAIN_START, verifyChain } from '../../../evidence/chain/chain.ts';
import { nextLink } from '../../../evidence/chain/chain-node.ts';
import { nodeDigests } from '../../../evidence/digest-node.ts';

function chainOf(length: number): SegmentRecord[] {
  const records: SegmentRecord[] = [];
  for (let sequence = 0; sequence < length; sequence++) {
    records.push(
      nextLink(records.at(-1)?.hash ?? CHAIN_START, {
        deviceId: 'cam-1',
        stream: 'main',
        sequence,
        startAtMs: sequence * 10_000,
        endAtMs: sequence * 10_000 + 10_000,
        bytes: 5_000_000,
        frames: 250,
        sha256: sequence.toString(16).padStart(64, '0'),
      }),
    );
  }
  return records;
}

const check = (records: SegmentRecord[], head?: string): unknown => verifyChain(nodeDigests, records, head);

describe('the chain of segments', () => {
  it('holds from the first segment, and for a run out of its middle', () => {
    const chain = chainOf(6);
    expect(check(chain, CHAIN_START)).toEqual({ ok: true });
    expect(check(chain.slice(3))).toEqual({ ok: true });
    expect(check(chain.slice(3), chain[2]?.hash)).toEqual({ ok: true });
    expect(check([])).toEqual({ ok: true });
  });

  it('has hashes that do not change from one version to the next', () => {
    expect(chainOf(1)[0]?.hash).toBe('435e486ffa9eb9b43aea714c3a92768065798c0fa6cafb2a32b215db202e9d80');
  });

  it('names the record whose facts were changed, whichever fact it is', () => {
    fc.assert(
      fc.property(
        fc.nat(5),
        fc.constantFrom('startAtMs', 'endAtMs', 'bytes', 'frames', 'sha256', 'stream', 'deviceId', 'hash', 'previous'),
        (index, field) => {
          const chain = chainOf(6);
          const record = chain[index];
          if (record === undefined) return;
          const old = record[field as keyof SegmentRecord];
          const changed =
            typeof old === 'number' ? old + 1 : `${old}`.startsWith('f') ? 'e'.repeat(64) : 'f'.repeat(64);
          chain[index] = { ...record, [field]: changed };
          expect(check(chain)).toEqual({ ok: false, index, sequence: index, fault: 'record-changed' });
        },
      ),
    );
  });

  it('names the first link behind a segment that was taken out, swapped or replaced', () => {
    const chain = chainOf(6);
    const without = [...chain.slice(0, 2), ...chain.slice(3)];
    expect(check(without)).toEqual({ ok: false, index: 2, sequence: 3, fault: 'sequence-broken' });

    const facts = chain[2] ?? chainOf(1)[0];
    if (facts === undefined) throw new Error('no record');
    const replaced = [...chain];
    replaced[2] = nextLink(chain[1]?.hash ?? '', { ...facts, sha256: 'a'.repeat(64) });
    expect(check(replaced)).toEqual({ ok: false, index: 3, sequence: 3, fault: 'link-broken' });
  });

  it('notices a false beginning, another stream and a wrong head', () => {
    const chain = chainOf(3);
    const [first] = chain;
    if (first === undefined) throw new Error('no record');
    expect(check([nextLink('b'.repeat(64), first)])).toMatchObject({ fault: 'wrong-start' });
    expect(check([nextLink(CHAIN_START, { ...first, sequence: 7 })])).toMatchObject({ fault: 'wrong-start' });
    expect(check([first, nextLink(first.hash, { ...first, sequence: 1, stream: 'sub' })])).toMatchObject({
      index: 1,
      fault: 'other-stream',
    });
    expect(check(chain.slice(1), 'c'.repeat(64))).toMatchObject({ index: 0, fault: 'link-broken' });
  });
});
