import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinAvcc } from '../../../../protocols/h264/nal.ts';
import { H265Depacketizer } from '../../../../protocols/h265/depacketizer.ts';
import { H265Packetizer } from '../../../../protocols/h265/packetizer.ts';
import { emptyRtpHeader, readRtpHeader } from '../../../../protocols/rtp/packet.ts';
import { furtherHevcSlice, HEVC_PPS, HEVC_SPS, HEVC_VPS, hevcSlice } from '../../../support/h265.ts';
import { anyPayloads, hex, nalHarness, u16 } from '../depacketizer-harness.ts';

const SETS = [HEVC_VPS, HEVC_SPS, HEVC_PPS];

const harness = ({ maxBytes, maxDonDiff }: { maxBytes?: number; maxDonDiff?: number } = {}) =>
  nalHarness((sink) => new H265Depacketizer(sink, maxBytes, maxDonDiff));

const packetizer = (mtu = 1400): H265Packetizer =>
  new H265Packetizer({ payloadType: 98, ssrc: 1, mtu, firstSequence: 65_530 });

describe('H265Depacketizer with our packetizer', () => {
  it('gives back what went in, at every packet size', () => {
    const unit = fc
      .tuple(fc.array(fc.integer({ min: 3, max: 3000 }), { maxLength: 3 }), fc.constantFrom('idr', 'cra', 'delta'))
      .map(([sizes, kind]) => [
        ...(kind === 'idr' ? SETS : []),
        hevcSlice(kind, 300),
        ...sizes.map((size) => furtherHevcSlice(kind, size)),
      ]);
    fc.assert(
      fc.property(fc.array(unit, { minLength: 1, maxLength: 6 }), fc.integer({ min: 60, max: 1500 }), (frames, mtu) => {
        const { units, sets, feed, depacketizer } = harness();
        const sender = packetizer(mtu);
        const all = [[...SETS, hevcSlice('idr')], ...frames];
        for (const [i, nals] of all.entries()) {
          const packets = sender.packetizeUnit(joinAvcc(nals), 3600 * i);
          expect(packets.every((packet) => packet.length <= mtu)).toBe(true);
          for (const packet of packets) feed(packet);
        }
        expect(units.map(({ nals }) => nals)).toEqual(all.map((nals) => nals.map(hex)));
        expect(units.map(({ key }) => key)).toEqual(all.map((nals) => !nals.some((nal) => nal[0] === 2)));
        expect(sets.slice(0, 3)).toEqual(SETS.map(hex));
        expect(depacketizer.dropped).toBe(0);
      }),
    );
  });

  it('sends parameter sets together, and marks the last packet', () => {
    const packets = packetizer().packetize([...SETS, hevcSlice('idr', 5000)], 7);
    const header = emptyRtpHeader();
    const marked = packets.map((packet) => readRtpHeader(packet, 0, packet.length, header) && header.marker);
    expect((packets[0]?.[12] ?? 0) >> 1).toBe(48);
    expect(marked).toEqual(packets.map((_, i) => i === packets.length - 1));
  });
});

describe('other senders', () => {
  it('decoding order numbers are passed over where the description announces them', () => {
    const { units, sets, payload } = harness({ maxDonDiff: 1 });
    const idr = hevcSlice('idr', 40);
    payload(
      Buffer.concat([
        Buffer.of(0x60, 1),
        u16(0),
        u16(HEVC_VPS.length),
        HEVC_VPS,
        Buffer.of(0),
        u16(HEVC_SPS.length),
        HEVC_SPS,
      ]),
      1,
    );
    payload(Buffer.concat([HEVC_PPS.subarray(0, 2), u16(2), HEVC_PPS.subarray(2)]), 1);
    payload(Buffer.concat([Buffer.of(0x62, 1, 0x80 | 20), u16(3), idr.subarray(2, 20)]), 1);
    payload(Buffer.concat([Buffer.of(0x62, 1, 0x40 | 20), idr.subarray(20)]), 1, true);
    expect(units).toEqual([{ timestamp: 1, key: true, nals: [...SETS, idr].map(hex) }]);
    expect(sets).toEqual(SETS.map(hex));
  });

  it('start codes inside of a payload are borders', () => {
    const code = Buffer.of(0, 0, 0, 1);
    const whole = Buffer.concat([
      code,
      HEVC_VPS,
      code.subarray(1),
      HEVC_SPS,
      code,
      HEVC_PPS,
      code,
      hevcSlice('idr', 50),
    ]);
    const single = harness();
    single.payload(whole, 1, true);
    const withoutFirst = harness();
    withoutFirst.payload(whole.subarray(4), 1, true);
    const fragmented = harness();
    for (const packet of packetizer(60).packetize([whole.subarray(4)], 1)) fragmented.feed(packet);
    for (const { units, sets } of [single, withoutFirst, fragmented]) {
      expect(units).toEqual([{ timestamp: 1, key: true, nals: [...SETS, hevcSlice('idr', 50)].map(hex) }]);
      expect(sets).toEqual(SETS.map(hex));
    }
  });

  it('a marker on parameter sets ends nothing; a missing one is replaced by the next timestamp', () => {
    const { units, payload, depacketizer } = harness();
    for (const set of SETS) payload(set, 1, true);
    payload(hevcSlice('cra'), 2);
    payload(hevcSlice('delta'), 3);
    depacketizer.flush();
    expect(units.map(({ timestamp, nals, key }) => [timestamp, nals.length, key])).toEqual([
      [2, 4, true],
      [3, 1, false],
    ]);
  });
});

describe('damage', () => {
  it('drops everything up to the next key frame', () => {
    const { units, feed, depacketizer } = harness();
    const sender = packetizer(300);
    for (let frame = 0; frame < 9; frame += 1) {
      const packets = sender.packetize([hevcSlice(frame % 4 === 0 ? 'idr' : 'delta', 1000)], frame);
      for (const [i, packet] of packets.entries()) {
        if (frame === 5 && i === 1) depacketizer.onGap();
        else feed(packet);
      }
    }
    expect(units.map(({ timestamp }) => timestamp)).toEqual([0, 1, 2, 3, 4, 8]);
  });

  it('drops frames over the bound and goes on', () => {
    const { units, payload, depacketizer } = harness({ maxBytes: 1500 });
    payload(hevcSlice('idr', 1400), 1, true);
    payload(hevcSlice('delta', 1000), 2);
    payload(furtherHevcSlice('delta', 1000), 2, true);
    payload(hevcSlice('idr', 1400), 3, true);
    expect(units.map(({ timestamp }) => timestamp)).toEqual([1, 3]);
    expect(depacketizer.dropped).toBe(1);
  });

  it('survives any payloads, with and without order numbers', () => {
    const first = fc.constantFrom(0, 0x02, 0x28, 0x42, 0x60, 0x62, 0x64);
    const bytes = fc.tuple(first, fc.uint8Array({ maxLength: 60 })).map(([type, rest]) => Uint8Array.of(type, ...rest));
    fc.assert(
      fc.property(anyPayloads(bytes, 60), fc.nat(1), (payloads, maxDonDiff) => {
        const { play, units } = harness({ maxBytes: 4096, maxDonDiff });
        play(payloads);
        for (const unit of units) expect(unit.nals.length).toBeGreaterThan(0);
      }),
      { numRuns: 1000 },
    );
  });
});
