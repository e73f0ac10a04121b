import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Slab } from '../../../../edge/media/slab.ts';

test('whatever is taken keeps what was written into it, however much is taken afterwards', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 10 }), (lengths) => {
      const slab = new Slab();
      const taken = lengths.map((length, n) => slab.take(length).fill(n & 0xff));
      expect(taken.map(({ length }) => length)).toEqual(lengths);
      for (const [n, bytes] of taken.entries()) expect(Buffer.alloc(bytes.length, n).equals(bytes)).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test('small frames share their memory, a large one has its own', () => {
  const slab = new Slab();
  const [first, second, large] = [slab.take(1000), slab.take(1000), slab.take(100_000)];
  expect(second.buffer).toBe(first.buffer);
  expect(large.buffer).not.toBe(first.buffer);
  expect(large.buffer.byteLength).toBe(100_000);
});
