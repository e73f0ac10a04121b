import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { A_LAW_TO_LINEAR, MU_LAW_TO_LINEAR } from '../../../../contract/g711.ts';
import { aLawToMuLaw, muLawToALaw } from '../../../../protocols/g711/companding.ts';
import { G711Depacketizer, g711Samples } from '../../../../protocols/g711/depacketizer.ts';
import { G711Packetizer } from '../../../../protocols/g711/packetizer.ts';
import { depacketizerHarness } from '../depacketizer-harness.ts';

const harness = (maxBytes?: number) =>
  depacketizerHarness(
    (sink) => new G711Depacketizer(sink, maxBytes),
    ({ timestamp, bytes }) => ({ timestamp, bytes: Buffer.from(bytes) }),
  );

describe('companding', () => {
  it('one law becomes the other and stays the same sound', () => {
    const codes = Uint8Array.from({ length: 256 }, (_, code) => code);
    const there = muLawToALaw(codes);
    const value = (table: Int16Array, code: number | undefined): number => table[code ?? 0] ?? 0;
    for (const code of codes) {
      const before = value(MU_LAW_TO_LINEAR, code);
      expect(Math.abs(value(A_LAW_TO_LINEAR, there[code]) - before)).toBeLessThanOrEqual(Math.abs(before) / 16 + 16);
      expect(Math.abs(value(MU_LAW_TO_LINEAR, aLawToMuLaw(there)[code]) - before)).toBeLessThanOrEqual(
        Math.abs(before) / 8 + 32,
      );
    }
  });
});

describe('G.711 over RTP', () => {
  it('gives back what went in, in packets of the given length, with timestamps in samples', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 4000 }), fc.constantFrom(1, 2), (samples, channels) => {
        const whole = samples.subarray(0, samples.length - (samples.length % channels));
        const options = { payloadType: 0, ssrc: 1, mtu: 1400, firstSequence: 1, channels, maxSamples: 160 };
        const { units, feed } = harness();
        for (const packet of new G711Packetizer(options).packetizeUnit(whole, 2 ** 32 - 160)) feed(packet);
        expect(Buffer.concat(units.map(({ bytes }) => bytes)).equals(whole)).toBe(true);
        expect(units.map(({ timestamp }) => timestamp)).toEqual(
          units.map((_, i) => (2 ** 32 - 160 + i * 160) % 2 ** 32),
        );
        expect(units.every(({ bytes }) => g711Samples(bytes.length, channels) <= 160)).toBe(true);
      }),
    );
  });

  it('ignores empty packets and drops absurd ones', () => {
    const { units, depacketizer, payload } = harness(200);
    for (const size of [0, 160, 201, 200]) payload(new Uint8Array(size), 1);
    depacketizer.onGap();
    depacketizer.flush();
    expect([units.map(({ bytes }) => bytes.length), depacketizer.dropped]).toEqual([[160, 200], 1]);
  });
});
