import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { A_LAW_TO_LINEAR, aLawOf, decodeG711, encodeMuLaw, MU_LAW_TO_LINEAR, muLawOf } from '../../../contract/g711.ts';

const CODES = Uint8Array.from({ length: 256 }, (_, code) => code);

describe('samples of 16 bits', () => {
  test('every code is the sample that stands in the tables of ITU-T G.711', () => {
    // Loudest, quietest and some in between, on both sides of zero.
    expect([0x00, 0x80, 0x7f, 0xff, 0x8f, 0x0f, 0xf0].map((code) => MU_LAW_TO_LINEAR[code])).toEqual([
      -32_124, 32_124, 0, 0, 16_764, -16_764, 120,
    ]);
    expect([0xaa, 0x2a, 0xd5, 0x55, 0x80].map((code) => A_LAW_TO_LINEAR[code])).toEqual([32_256, -32_256, 8, -8, 5504]);
  });

  test('every code decodes to a sample that encodes to it; silence has two in µ-law', () => {
    for (const code of CODES) {
      expect(muLawOf(MU_LAW_TO_LINEAR[code] ?? 0)).toBe(code === 0x7f ? 0xff : code);
      expect(aLawOf(A_LAW_TO_LINEAR[code] ?? 0)).toBe(code);
    }
  });

  test('the error grows with loudness and stays below a sixteenth', () => {
    fc.assert(
      fc.property(fc.integer({ min: -32_768, max: 32_767 }), (sample) => {
        const bound = Math.abs(sample) / 16 + 20;
        expect(Math.abs((MU_LAW_TO_LINEAR[muLawOf(sample)] ?? 0) - sample)).toBeLessThanOrEqual(bound);
        expect(Math.abs((A_LAW_TO_LINEAR[aLawOf(sample)] ?? 0) - sample)).toBeLessThanOrEqual(bound);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('amplitudes', () => {
  test('of every code of both laws are its sample, as a share of the loudest', () => {
    const sixteen = (amplitudes: Float32Array): number[] => [...amplitudes].map((each) => each * 32_768);
    expect(sixteen(decodeG711('pcmu', CODES))).toEqual([...MU_LAW_TO_LINEAR]);
    expect(sixteen(decodeG711('pcma', CODES))).toEqual([...A_LAW_TO_LINEAR]);
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

  test('too loud is as loud as it gets, and what is no number is silence', () => {
    const [high = 0, low = 0, none] = decodeG711('pcmu', encodeMuLaw(Float32Array.of(7, -7, Number.NaN)));
    expect([high > 0.97, low < -0.97, none]).toEqual([true, true, 0]);
  });
});
