import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildReceipts, MAX_RECEIPTS, parseReceipts } from '../../../../contract/receipt.ts';

const receipt = fc.record({
  handle: fc.integer({ min: 1, max: 0xffffffff }),
  sequence: fc.integer({ min: 0, max: 0xffffffff }),
  edgeAtMs: fc.double({ min: 0, max: 1e14, noNaN: true }),
});

test('what is written is read', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e14 }), fc.array(receipt, { maxLength: 50 }), (hubAtMs, receipts) => {
      fc.pre(!Number.isNaN(hubAtMs));
      expect(parseReceipts(buildReceipts({ hubAtMs, receipts }))).toEqual({ hubAtMs, receipts });
    }),
  );
});

test('garbage and what was cut off are refused, and never too many are written', () => {
  const whole = buildReceipts({ hubAtMs: 1, receipts: [{ handle: 1, sequence: 2, edgeAtMs: 3 }] });
  for (let length = 0; length < whole.length; length++) {
    expect(parseReceipts(whole.subarray(0, length)) === null).toBe(length !== 9);
  }
  expect(parseReceipts(Uint8Array.of(2, ...whole.subarray(1)))).toBeNull();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const read = parseReceipts(bytes);
      if (read !== null) expect(buildReceipts(read).length).toBe(bytes.length);
    }),
    { numRuns: 2000 },
  );
  const many = Array.from({ length: MAX_RECEIPTS + 5 }, () => ({ handle: 1, sequence: 2, edgeAtMs: 3 }));
  expect(parseReceipts(buildReceipts({ hubAtMs: 1, receipts: many }))?.receipts.length).toBe(MAX_RECEIPTS);
});
