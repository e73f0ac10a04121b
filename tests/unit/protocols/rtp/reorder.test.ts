import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReorderBuffer } from '../../../../protocols/rtp/reorder.ts';

function harness(capacity = 16) {
  const out: number[] = [];
  const buffer = new ReorderBuffer((packet) => out.push((packet[0] ?? 0) * 256 + (packet[1] ?? 0)), capacity);
  const push = (sequence: number, atMs = 0, ssrc = 7): void =>
    buffer.push(sequence, Uint8Array.of(sequence >> 8, sequence), atMs, ssrc);
  return { out, buffer, push };
}

describe('ReorderBuffer', () => {
  it('hands on at once what is in order, over the wrap', () => {
    const { out, push, buffer } = harness();
    for (const sequence of [65_534, 65_535, 0, 1]) {
      push(sequence);
      expect(out.at(-1)).toBe(sequence);
    }
    expect(buffer.counts).toEqual({ lost: 0, late: 0, duplicate: 0, reordered: 0, restarts: 0 });
  });

  it('puts any order within its capacity right', () => {
    const order = fc.integer({ min: 0, max: 65_535 }).chain((first) =>
      fc.tuple(
        fc.constant(first),
        fc.shuffledSubarray(
          Array.from({ length: 15 }, (_, i) => i + 1),
          { minLength: 15 },
        ),
      ),
    );
    fc.assert(
      fc.property(order, ([first, rest]) => {
        const { out, push, buffer } = harness();
        for (const offset of [0, ...rest]) push((first + offset) & 0xffff);
        expect(out).toEqual(Array.from({ length: 16 }, (_, i) => (first + i) & 0xffff));
        expect(buffer.waiting).toBe(0);
        expect(buffer.counts).toMatchObject({ lost: 0, late: 0, duplicate: 0 });
      }),
    );
  });

  it('gives up a hole when it is full, and knows late packets from repeated ones', () => {
    const { out, push, buffer } = harness(4);
    for (const sequence of [10, 12, 13, 14]) push(sequence);
    expect(out).toEqual([10]);
    push(15);
    expect(out).toEqual([10, 12, 13, 14, 15]);
    push(11);
    push(13);
    push(17);
    push(17);
    expect(buffer.counts).toEqual({ lost: 1, late: 1, duplicate: 2, reordered: 4, restarts: 0 });
  });

  it('gives up the holes that packets have waited behind for too long', () => {
    const { out, push, buffer } = harness();
    push(1, 0);
    push(3, 10);
    push(6, 20);
    push(4, 30);
    buffer.flushOlderThan(10);
    expect(out).toEqual([1]);
    buffer.flushOlderThan(11);
    expect(out).toEqual([1, 3, 4]);
    buffer.flushOlderThan(21);
    expect(out).toEqual([1, 3, 4, 6]);
    expect([buffer.counts.lost, buffer.waiting]).toEqual([2, 0]);
  });

  it('follows a sender that begins anew, but not a single stray packet', () => {
    const { out, push, buffer } = harness();
    push(1);
    push(30_000);
    push(2);
    push(4);
    push(40_000);
    push(40_001);
    push(40_002);
    expect(out).toEqual([1, 2, 4, 40_000, 40_001, 40_002]);
    expect(buffer.counts.restarts).toBe(1);
  });

  it('hands on all of a source that takes over, also where its numbers lie a little behind, and gives up holes before', () => {
    fc.assert(
      fc.property(fc.nat(65_535), fc.integer({ min: -600, max: 600 }), (first, step) => {
        const { out, push, buffer } = harness();
        const old = [0, 1, 3].map((n) => (first + n) & 0xffff);
        const taken = [0, 1, 2].map((n) => (first + step + n) & 0xffff);
        for (const sequence of old) push(sequence);
        for (const sequence of taken) push(sequence, 0, 8);
        expect(out).toEqual([...old, ...taken]);
        expect(buffer.counts).toMatchObject({ lost: 1, late: 0, duplicate: 0, restarts: 1 });
      }),
    );
  });

  it('whatever comes: rising numbers, nothing twice, memory within its bound', () => {
    const ssrc = fc.integer({ min: 1, max: 20 }).map((n) => (n === 20 ? 8 : 7));
    const step = fc.tuple(fc.oneof(fc.nat(65_535), fc.nat(40)), fc.nat(100), fc.boolean(), ssrc);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { out, push, buffer } = harness(8);
        let restarts = 0;
        let atMs = 0;
        for (const [sequence, laterMs, flush, source] of steps) {
          const before = out.length;
          push(sequence, atMs, source);
          atMs += laterMs;
          if (flush) buffer.flushOlderThan(atMs - 50);
          expect(buffer.waiting).toBeLessThan(8);
          const began = buffer.counts.restarts > restarts;
          restarts = buffer.counts.restarts;
          for (let i = Math.max(1, before); i < out.length && !began; i += 1) {
            expect(((out[i] ?? 0) - (out[i - 1] ?? 0)) & 0xffff).toBeLessThanOrEqual(3001);
          }
        }
        buffer.flush();
        const { late, duplicate } = buffer.counts;
        expect(out.length + late + duplicate).toBeLessThanOrEqual(steps.length);
      }),
      { numRuns: 500 },
    );
  });
});
