import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { H264Depacketizer } from '../../../../protocols/h264/depacketizer.ts';
import { H264Packetizer } from '../../../../protocols/h264/packetizer.ts';
import { emptyRtpHeader, readRtpHeader } from '../../../../protocols/rtp/packet.ts';
import { furtherSlice, PPS, SPS_360P, slice } from '../../../support/h264.ts';
import { anyPayloads, hex, nalHarness, u16 } from '../depacketizer-harness.ts';

const harness = (maxBytes?: number) => nalHarness((sink) => new H264Depacketizer(sink, maxBytes));

const packetizer = (mtu = 1400): H264Packetizer =>
  new H264Packetizer({ payloadType: 96, ssrc: 1, mtu, firstSequence: 65_530 });

describe('H264Depacketizer with our packetizer', () => {
  it('gives back what went in, at every packet size', () => {
    const nal = fc
      .tuple(fc.constantFrom(1, 5, 6, 9), fc.uint8Array({ minLength: 2, maxLength: 4000 }))
      .map(([type, bytes]) => {
        const copy = bytes.slice();
        copy[0] = 0x60 | type;
        copy[1] = 0x88;
        return copy;
      });
    const unit = fc
      .tuple(fc.array(nal, { maxLength: 4 }), fc.boolean())
      .map(([nals, key]) => [...nals, slice(key ? 'idr' : 'delta', 300)]);
    fc.assert(
      fc.property(fc.array(unit, { minLength: 1, maxLength: 6 }), fc.integer({ min: 60, max: 1500 }), (frames, mtu) => {
        const { units, feed, depacketizer } = harness();
        const sender = packetizer(mtu);
        const all = [[SPS_360P, PPS, slice('idr')], ...frames];
        for (const [i, nals] of all.entries()) for (const packet of sender.packetize(nals, 3600 * i)) feed(packet);
        expect(units.map(({ nals }) => nals)).toEqual(all.map((nals) => nals.map(hex)));
        expect(units.map(({ key }) => key)).toEqual(all.map((nals) => nals.some((n) => ((n[0] ?? 0) & 31) === 5)));
        expect(depacketizer.dropped).toBe(0);
      }),
    );
  });

  it('numbers packets on and keeps them within the size', () => {
    const packets = packetizer(500).packetize([slice('idr', 5000)], 2 ** 32 + 7);
    expect(packets.every((packet) => packet.length <= 500)).toBe(true);
    const header = emptyRtpHeader();
    const seen = packets.map((packet) => readRtpHeader(packet, 0, packet.length, header) && { ...header });
    expect(seen.map((h) => h !== false && h.sequence)).toEqual(packets.map((_, i) => (65_530 + i) & 0xffff));
    expect(seen.map((h) => h !== false && h.marker)).toEqual(packets.map((_, i) => i === packets.length - 1));
    expect(seen.every((h) => h !== false && h.timestamp === 7)).toBe(true);
  });
});

describe('access unit boundaries', () => {
  it('waits for a key frame and counts what it cannot use', () => {
    const { units, payload, depacketizer } = harness();
    payload(slice('delta'), 1, true);
    payload(slice('idr'), 2, true);
    payload(slice('delta'), 3, true);
    expect(units.map(({ timestamp }) => timestamp)).toEqual([2, 3]);
    expect(depacketizer.dropped).toBe(1);
  });

  it('ends a unit at the next timestamp where the marker is missing, and the last one by flush', () => {
    const { units, payload, depacketizer } = harness();
    payload(slice('idr'), 1);
    payload(slice('delta'), 2);
    expect(units).toHaveLength(1);
    depacketizer.flush();
    depacketizer.flush();
    expect(units.map(({ timestamp }) => timestamp)).toEqual([1, 2]);
  });

  it('takes parameter sets with a marker, or a timestamp, of their own into the next unit', () => {
    const { units, sets, payload } = harness();
    payload(SPS_360P, 1, true);
    payload(PPS, 2, true);
    payload(slice('idr'), 3, true);
    expect(units).toEqual([{ timestamp: 3, key: true, nals: [SPS_360P, PPS, slice('idr')].map(hex) }]);
    expect(sets).toEqual([hex(SPS_360P), hex(PPS)]);
  });

  it('reads STAP-A and parameter sets sent as fragments', () => {
    const { units, sets, payload } = harness();
    payload(Buffer.concat([Buffer.of(24), u16(SPS_360P.length), SPS_360P, u16(PPS.length), PPS]), 1);
    payload(slice('idr'), 1, true);
    for (const packet of packetizer(24).packetize([SPS_360P, slice('delta', 30)], 2)) harness().feed(packet);
    const again = harness();
    for (const packet of packetizer(24).packetize([SPS_360P, slice('idr', 30)], 2)) again.feed(packet);
    expect(units[0]?.nals).toEqual([SPS_360P, PPS, slice('idr')].map(hex));
    expect(sets).toHaveLength(2);
    expect(again.sets).toEqual([hex(SPS_360P)]);
  });

  it('reads the packets of the interleaved mode in the order in which they come', () => {
    const order = Buffer.of(0, 9);
    const stapB = harness();
    stapB.payload(Buffer.concat([Buffer.of(25), order, u16(SPS_360P.length), SPS_360P, u16(PPS.length), PPS]), 1);
    const idr = slice('idr', 100);
    stapB.payload(Buffer.concat([Buffer.of(0x7d, 0x85), order, idr.subarray(1, 40)]), 1);
    stapB.payload(Buffer.concat([Buffer.of(0x7c, 0x45), idr.subarray(40)]), 1, true);
    expect(stapB.units).toEqual([{ timestamp: 1, key: true, nals: [SPS_360P, PPS, idr].map(hex) }]);
    for (const offsetBytes of [2, 3]) {
      const mtap = harness();
      const unit = (nal: Uint8Array, offset: number): Buffer => {
        const body = Buffer.concat([
          Buffer.of(0),
          Buffer.from(offset.toString(16).padStart(offsetBytes * 2, '0'), 'hex'),
          nal,
        ]);
        return Buffer.concat([u16(body.length), body]);
      };
      mtap.payload(
        Buffer.concat([Buffer.of(24 + offsetBytes), order, unit(idr, 0), unit(slice('delta'), 3600)]),
        2 ** 32 - 1,
        true,
      );
      expect(mtap.units.map(({ timestamp, nals }) => [timestamp, nals])).toEqual([
        [2 ** 32 - 1, [hex(idr)]],
        [3599, [hex(slice('delta'))]],
      ]);
    }
  });

  it('start codes inside of a payload are borders', () => {
    const code = Buffer.of(0, 0, 0, 1);
    const delimiter = Buffer.of(9, 0xf0);
    const nals = [delimiter, SPS_360P, PPS, slice('idr', 50)];
    const whole = Buffer.concat([code, delimiter, code, SPS_360P, code.subarray(1), PPS, code, slice('idr', 50)]);
    const single = harness();
    single.payload(whole, 1, true);
    const withoutFirst = harness();
    withoutFirst.payload(whole.subarray(4), 1, true);
    const fragmented = harness();
    for (const packet of packetizer(60).packetize([whole.subarray(4)], 1)) fragmented.feed(packet);
    for (const { units, sets } of [single, withoutFirst, fragmented]) {
      expect(units).toEqual([{ timestamp: 1, key: true, nals: nals.map(hex) }]);
      expect(sets).toEqual([SPS_360P, PPS].map(hex));
    }
  });

  it('keeps delimiters and messages where they stand', () => {
    const { units, payload } = harness();
    const nals = [Buffer.of(9, 0xf0), Buffer.of(6, 5, 1, 2, 0x80), slice('idr'), Buffer.of(6, 1, 1, 4, 0x80)];
    for (const [i, nal] of nals.entries()) payload(nal, 1, i === nals.length - 1);
    expect(units[0]?.nals).toEqual(nals.map(hex));
  });

  it('finds out a camera that marks every slice, and then goes by timestamps', () => {
    const { units, payload, depacketizer } = harness();
    for (const timestamp of [1, 2, 3, 4]) {
      const kind = timestamp === 3 ? 'idr' : timestamp === 1 ? 'idr' : 'delta';
      payload(slice(kind), timestamp, true);
      payload(furtherSlice(kind), timestamp, true);
    }
    depacketizer.flush();
    const whole = units.filter(({ timestamp }) => timestamp >= 3);
    expect(whole.map(({ nals }) => nals.length)).toEqual([2, 2]);
  });
});

describe('damage', () => {
  /** Sends `frames` frames, a key frame every `gop`, without the packets that `lose` names. */
  function play(frames: number, gop: number, lose: (frame: number, packet: number, of: number) => boolean) {
    const run = harness();
    const sender = packetizer(300);
    let gap = false;
    for (let frame = 0; frame < frames; frame += 1) {
      const packets = sender.packetize([slice(frame % gop === 0 ? 'idr' : 'delta', 1000, frame + 1)], frame * 3600);
      for (const [index, packet] of packets.entries()) {
        if (lose(frame, index, packets.length)) {
          gap = true;
          continue;
        }
        if (gap) run.depacketizer.onGap();
        gap = false;
        run.feed(packet);
      }
    }
    run.depacketizer.flush();
    return { ...run, frames: run.units.map(({ timestamp }) => timestamp / 3600) };
  }

  it.each([
    ['first', (packet: number) => packet === 0],
    ['middle', (packet: number) => packet === 2],
    ['last', (packet: number, of: number) => packet === of - 1],
    ['every', () => true],
  ])('losing the %s packet of a frame drops it and all up to the next key frame', (_, which) => {
    const run = play(15, 5, (frame, packet, of) => frame === 7 && which(packet, of));
    expect(run.frames).toEqual([0, 1, 2, 3, 4, 5, 6, 10, 11, 12, 13, 14]);
    expect(run.depacketizer.dropped).toBeGreaterThanOrEqual(2);
  });

  it('losing the last slice of a picture loses the picture, also when the next one tells', () => {
    const { units, payload, depacketizer } = harness();
    payload(slice('idr'), 1);
    depacketizer.onGap();
    payload(slice('idr'), 2, true);
    expect(units.map(({ timestamp }) => timestamp)).toEqual([2]);
    payload(slice('delta'), 3);
    depacketizer.onGap();
    payload(furtherSlice('delta'), 3, true);
    expect(units).toHaveLength(1);
    expect(depacketizer.dropped).toBe(2);
  });

  it('loses nothing more when the next frame is a key frame', () => {
    expect(play(10, 5, (frame, packet) => frame === 4 && packet === 3).frames).toEqual([0, 1, 2, 3, 5, 6, 7, 8, 9]);
    expect(play(10, 5, (frame, packet) => frame === 5 && packet === 0).frames).toEqual([0, 1, 2, 3, 4]);
  });

  it('every unit handed on is one that was sent, whatever is lost', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60), { maxLength: 12 }), (lost) => {
        let n = -1;
        const run = play(15, 5, () => {
          n += 1;
          return lost.includes(n);
        });
        for (const unit of run.units) {
          const frame = unit.timestamp / 3600;
          expect(unit.nals).toEqual([hex(slice(frame % 5 === 0 ? 'idr' : 'delta', 1000, frame + 1))]);
        }
        let last = -1;
        for (const frame of run.frames) {
          expect(frame === last + 1 || frame % 5 === 0).toBe(true);
          last = frame;
        }
      }),
      { numRuns: 300 },
    );
  });

  it('drops frames over the bound and goes on', () => {
    const { units, payload, depacketizer } = harness(1500);
    payload(slice('idr', 1400), 1, true);
    payload(slice('delta', 1000), 2);
    payload(furtherSlice('delta', 1000), 2, true);
    payload(slice('idr', 1400), 3, true);
    expect(units.map(({ timestamp }) => timestamp)).toEqual([1, 3]);
    expect(depacketizer.dropped).toBe(1);
  });

  it('survives any payloads', () => {
    fc.assert(
      fc.property(anyPayloads(fc.uint8Array({ maxLength: 60 }), 60), (payloads) => {
        const { play, units } = harness(4096);
        play(payloads);
        for (const unit of units) expect(unit.nals.length).toBeGreaterThan(0);
      }),
      { numRuns: 1000 },
    );
  });
});
