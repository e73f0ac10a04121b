import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeG711, encodeMuLaw } from '../../../contract/g711.ts';

test('every byte is the amplitude that stands in the tables of ITU-T G.711', () => {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const mu = decodeG711('pcmu', all);
  const a = decodeG711('pcma', all);
  const sixteen = (amplitude: number | undefined): number => Math.round((amplitude ?? 0) * 32_768);
  // Loudest, quietest and one in between, on both sides of zero.
  expect([0x00, 0x80, 0x7f, 0xff, 0x8f, 0x0f].map((byte) => sixteen(mu[byte]))).toEqual([
    -32_124, 32_124, 0, 0, 16_764, -16_764,
  ]);
  expect([0xaa, 0x2a, 0xd5, 0x55, 0x80].map((byte) => sixteen(a[byte]))).toEqual([32_256, -32_256, 8, -8, 5504]);
});

test('what is encoded is heard again, within the steps of the law', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -0.98, max: 0.98, noNaN: true }), { minLength: 1, maxLength: 200 }),
      (said) => {
        const heard = decodeG711('pcmu', encodeMuLaw(Float32Array.from(said)));
        for (const [i, amplitude] of said.entries()) {
          expect(Math.abs((heard[i] ?? 9) - amplitude)).toBeLessThan(0.001 + Math.abs(amplitude) * 0.035);
        }
      },
    ),
  );
});

test('too loud is as loud as it gets', () => {
  const [high = 0, low = 0] = decodeG711('pcmu', encodeMuLaw(Float32Array.of(7, -7)));
  expect([high > 0.97, low < -0.97]).toEqual([true, true]);
});
