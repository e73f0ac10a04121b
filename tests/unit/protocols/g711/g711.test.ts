import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  A_LAW_TO_LINEAR,
  aLawOf,
  aLawToMuLaw,
  MU_LAW_TO_LINEAR,
  muLawOf,
  muLawToALaw,
} from '../../../../protocols/g711/companding.ts';
import { G711Depacketizer, g711Samples } from '../../../../protocols/g711/depacketizer.ts';
import { G711Packetizer } from '../../../../protocols/g711/packetizer.ts';
import { emptyRtpHeader, readRtpHeader } from '../../../../protocols/rtp/packet.ts';

describe('companding', () => {
  it('has the values of the recommendation', () => {
    expect([0x00, 0x80, 0xff, 0x7f, 0xf0].map((code) => MU_LAW_TO_LINEAR[code])).toEqual([-32_124, 32_124, 0, 0, 120]);
    expect([0x2a, 0xaa, 0xd5, 0x55, 0x80].map((code) => A_LAW_TO_LINEAR[code])).toEqual([-32_256, 32_256, 8, -8, 5504]);
  });

  it('every code decodes to a value that encodes to it; silence has two in µ-law', () => {
    for (let code = 0; code < 256; code += 1) {
      expect(muLawOf(MU_LAW_TO_LINEAR[code] ?? 0)).toBe(code === 0x7f ? 0xff : code);
      expect(aLawOf(A_LAW_TO_LINEAR[code] ?? 0)).toBe(code);
    }
  });

  it('the error grows with loudness and stays below a sixteenth', () => {
    fc.assert(
      fc.property(fc.integer({ min: -32_768, max: 32_767 }), (sample) => {
        const bound = Math.abs(sample) / 16 + 20;
        expect(Math.abs((MU_LAW_TO_LINEAR[muLawOf(sample)] ?? 0) - sample)).toBeLessThanOrEqual(bound);
        expect(Math.abs((A_LAW_TO_LINEAR[aLawOf(sample)] ?? 0) - sample)).toBeLessThanOrEqual(bound);
      }),
      { numRuns: 2000 },
    );
  });

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
        const out: { timestamp: number; bytes: Buffer }[] = [];
        const depacketizer = new G711Depacketizer({
          onAccessUnit: ({ timestamp, bytes }) => out.push({ timestamp, bytes: Buffer.from(bytes) }),
          onParameterSet: () => expect.unreachable(),
        });
        const header = emptyRtpHeader();
        for (const packet of new G711Packetizer(options).packetizeUnit(whole, 2 ** 32 - 160)) {
          readRtpHeader(packet, 0, packet.length, header);
          depacketizer.push(packet, header.payloadStart, header.payloadEnd, header.timestamp, header.marker);
        }
        expect(Buffer.concat(out.map(({ bytes }) => bytes)).equals(whole)).toBe(true);
        expect(out.map(({ timestamp }) => timestamp)).toEqual(out.map((_, i) => (2 ** 32 - 160 + i * 160) % 2 ** 32));
        expect(out.every(({ bytes }) => g711Samples(bytes.length, channels) <= 160)).toBe(true);
      }),
    );
  });

  it('ignores empty packets and drops absurd ones', () => {
    const out: number[] = [];
    const sink = {
      onAccessUnit: ({ bytes }: { bytes: Uint8Array }) => out.push(bytes.length),
      onParameterSet: () => 0,
    };
    const depacketizer = new G711Depacketizer(sink, 200);
    for (const size of [0, 160, 201, 200]) depacketizer.push(new Uint8Array(size), 0, size, 1, false);
    depacketizer.onGap();
    depacketizer.flush();
    expect([out, depacketizer.dropped]).toEqual([[160, 200], 1]);
  });
});
