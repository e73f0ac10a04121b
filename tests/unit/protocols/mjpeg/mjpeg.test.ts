import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JpegDepacketizer, type JpegOptions } from '../../../../protocols/mjpeg/depacketizer.ts';
import { JpegPacketizer } from '../../../../protocols/mjpeg/packetizer.ts';
import { jpegSize, parseJpeg } from '../../../../protocols/mjpeg/parse-jpeg.ts';
import { tablesOfQuality } from '../../../../protocols/mjpeg/quantization.ts';
import { jpegFile } from '../../../support/jpeg.ts';
import { anyPayloads, depacketizerHarness, hex } from '../depacketizer-harness.ts';

const harness = (options: JpegOptions = {}) =>
  depacketizerHarness(
    (sink) => new JpegDepacketizer(sink, options),
    ({ timestamp, key, bytes }) => {
      expect(key).toBe(true);
      return { timestamp, bytes: Buffer.from(bytes) };
    },
  );

const packetizer = (mtu = 1400): JpegPacketizer =>
  new JpegPacketizer({ payloadType: 26, ssrc: 1, mtu, firstSequence: 65_530 });

/** Main header: offset, type, quality, width and height in eighths. */
const main = (offset: number, type: number, quality: number, width = 80, height = 45): Buffer =>
  Buffer.of(0, offset >> 16, (offset >> 8) & 255, offset & 255, type, quality, width, height);
const data = (bytes: number): Buffer => Buffer.alloc(bytes, 0x11);

describe('JPEG over RTP', () => {
  it('gives back what went in, at every packet size, with and without restart markers', () => {
    const picture = fc.record({
      bytes: fc.integer({ min: 1, max: 9000 }),
      halfHeightChroma: fc.boolean(),
      restartInterval: fc.constantFrom(0, 0, 20, 65_535),
      quality: fc.integer({ min: 1, max: 99 }),
    });
    fc.assert(
      fc.property(
        fc.array(picture, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 100, max: 1500 }),
        (list, mtu) => {
          const { units, feed, depacketizer } = harness();
          const sender = packetizer(mtu);
          const files = list.map(({ bytes, quality, ...header }, i) =>
            jpegFile(bytes, i + 1, { ...header, tables: tablesOfQuality(quality) }),
          );
          for (const [i, file] of files.entries()) for (const p of sender.packetizeUnit(file, i * 3600)) feed(p);
          expect(units.map(({ bytes }) => hex(bytes))).toEqual(files.map(hex));
          expect(depacketizer.dropped).toBe(0);
        },
      ),
    );
  });

  it('makes the tables of a quality, and the same headers as an encoder of that quality', () => {
    const { units, payload } = harness();
    payload(Buffer.concat([main(0, 0, 50), data(10)]), 1);
    payload(Buffer.concat([main(10, 0, 50), data(5)]), 1, true);
    const picture = parseJpeg(units[0]?.bytes ?? data(0));
    expect(picture).toMatchObject({
      width: 640,
      height: 360,
      baseline: true,
      typicalHuffman: true,
      restartInterval: 0,
    });
    expect(picture?.components.map(({ sampling }) => sampling)).toEqual([0x21, 0x11, 0x11]);
    expect([...(picture?.quantization.get(0)?.subarray(0, 8) ?? [])]).toEqual([16, 11, 12, 14, 12, 10, 16, 14]);
    expect([...(picture?.quantization.get(1)?.subarray(0, 8) ?? [])]).toEqual([17, 18, 18, 24, 21, 24, 47, 26]);
    expect((picture?.scanEnd ?? 0) - (picture?.scanStart ?? 0)).toBe(15);
    expect(jpegSize(units[0]?.bytes ?? data(0))).toEqual({ width: 640, height: 360 });
  });

  it('remembers tables sent under a number, but not under 255', () => {
    const { units, payload, depacketizer } = harness();
    const tables = Buffer.concat([Buffer.of(0, 0, 0, 128), Buffer.alloc(64, 7), Buffer.alloc(64, 9)]);
    const none = Buffer.of(0, 0, 0, 0);
    payload(Buffer.concat([main(0, 1, 200), none, data(3)]), 1, true);
    payload(Buffer.concat([main(0, 1, 200), tables, data(3)]), 2, true);
    payload(Buffer.concat([main(0, 1, 200), none, data(3)]), 3, true);
    payload(Buffer.concat([main(0, 1, 255), tables, data(3)]), 4, true);
    payload(Buffer.concat([main(0, 1, 255), none, data(3)]), 5, true);
    expect(units.map(({ timestamp }) => timestamp)).toEqual([2, 3, 4]);
    expect(units[1]?.bytes.equals(units[0]?.bytes ?? data(0))).toBe(true);
    expect(parseJpeg(units[2]?.bytes ?? data(0))?.quantization.get(1)?.[0]).toBe(9);
    expect(depacketizer.dropped).toBe(2);
  });

  it('takes the size of pictures beyond 2040 pixels from the description', () => {
    const size = { width: 3840, height: 2160 };
    const { units, feed } = harness({ size });
    const file = jpegFile(4000, 1, size);
    for (const packet of packetizer().packetizeUnit(file, 1)) feed(packet);
    expect(units[0]?.bytes.equals(file)).toBe(true);
    const unknown = harness();
    for (const packet of packetizer().packetizeUnit(file, 1)) unknown.feed(packet);
    expect([unknown.units.length, unknown.depacketizer.dropped]).toEqual([0, 1]);
  });

  describe('with ONVIF’s header extension', () => {
    /** The segments of a file in front of its scan, without its first marker. */
    const segmentsOf = (file: Buffer): Buffer => file.subarray(2, parseJpeg(file)?.scanStart);
    const extension = (profile: number, content: Uint8Array): Buffer =>
      Buffer.concat([Buffer.of(profile >> 8, profile & 255, 0, 0), content]);

    it('takes size and tables from there', () => {
      const size = { width: 3840, height: 2160 };
      const file = jpegFile(50, 1, { ...size, tables: tablesOfQuality(80) });
      const { units, depacketizer, payload } = harness();
      const bytes = extension(0xffd8, Buffer.concat([Buffer.alloc(3, 0xff), segmentsOf(file)]));
      depacketizer.onExtension(bytes, 0, bytes.length);
      payload(Buffer.concat([main(0, 1, 0, 0, 0), Buffer.alloc(30, 1)]), 1);
      payload(Buffer.concat([main(30, 1, 0, 0, 0), Buffer.alloc(20, 1)]), 1, true);
      const picture = parseJpeg(units[0]?.bytes ?? data(0));
      expect(picture).toMatchObject({ ...size, typicalHuffman: true, baseline: true });
      expect(picture?.quantization.get(0)).toEqual(parseJpeg(file)?.quantization.get(0));
      expect(units[0]?.bytes.subarray(picture?.scanStart, picture?.scanEnd)).toEqual(Buffer.alloc(50, 1));
    });

    it('over several packets, and with the rest from the payload’s header', () => {
      const { units, depacketizer, payload } = harness();
      const grey = Buffer.of(0xff, 0xc0, 0, 11, 8, 16, 0, 16, 0, 1, 7, 0x11, 0);
      for (const [profile, part] of [
        [0xffd8, grey.subarray(0, 5)],
        [0xffff, grey.subarray(5)],
      ] as const) {
        const bytes = extension(profile, part);
        depacketizer.onExtension(bytes, 0, bytes.length);
        payload(new Uint8Array(0), 1);
      }
      payload(Buffer.concat([main(0, 1, 50), data(9)]), 1, true);
      const picture = parseJpeg(units[0]?.bytes ?? data(0));
      expect(picture).toMatchObject({ width: 4096, height: 4096, components: [{ id: 7 }] });
      expect(picture?.quantization.get(0)?.[0]).toBe(16);
    });

    it('drops what is damaged, and ignores other extensions', () => {
      const { units, depacketizer, payload } = harness();
      const noSize = Buffer.of(0xff, 0xc0, 0, 11, 8, 0, 0, 0, 0, 1, 7, 0x11, 0);
      const bad = [Buffer.of(0xff, 0xc0, 0), Buffer.of(1, 2, 3, 4), noSize].map((part) => extension(0xffd8, part));
      for (const [i, bytes] of bad.entries()) {
        depacketizer.onExtension(bytes, 0, bytes.length);
        payload(Buffer.concat([main(0, 1, 50), data(9)]), i, true);
      }
      const replay = extension(0xabac, Buffer.alloc(12));
      depacketizer.onExtension(replay, 0, replay.length);
      payload(Buffer.concat([main(0, 1, 50), data(9)]), 9, true);
      expect([units.map(({ timestamp }) => timestamp), depacketizer.dropped]).toEqual([[9], 3]);
    });
  });

  it('a forgotten marker is replaced by the next timestamp', () => {
    const { units, payload, depacketizer } = harness();
    payload(Buffer.concat([main(0, 0, 50), data(10)]), 1);
    payload(Buffer.concat([main(0, 0, 50), data(10)]), 2);
    depacketizer.flush();
    depacketizer.flush();
    expect(units.map(({ timestamp }) => timestamp)).toEqual([1, 2]);
  });

  it('sends nothing that the format cannot carry', () => {
    const progressive = jpegFile();
    progressive[progressive.indexOf(Buffer.of(0xff, 0xc0)) + 1] = 0xc2;
    const otherHuffman = jpegFile();
    otherHuffman[otherHuffman.indexOf(Buffer.of(0xff, 0xc4)) + 7] = 1;
    const sender = packetizer();
    for (const file of [progressive, otherHuffman, data(100)]) expect(sender.packetizeUnit(file, 1)).toEqual([]);
    expect(sender.unsupported).toBe(3);
  });
});

describe('damage', () => {
  it('costs that picture alone, whichever packet is missing', () => {
    const count = packetizer(500).packetizeUnit(jpegFile(), 0).length;
    for (let missing = 0; missing < count; missing += 1) {
      const { units, feed, depacketizer } = harness();
      const sender = packetizer(500);
      for (let i = 0; i < 4; i += 1) {
        for (const [at, packet] of sender.packetizeUnit(jpegFile(3000, i + 1), i).entries()) {
          if (i === 1 && at === missing) depacketizer.onGap();
          else feed(packet);
        }
      }
      expect(units.map(({ timestamp }) => timestamp)).toEqual([0, 2, 3]);
      expect(depacketizer.dropped).toBe(1);
    }
  });

  it('drops pictures over the bound and goes on', () => {
    const { units, feed } = harness({ maxBytes: 2000 });
    const sender = packetizer(500);
    for (const [i, size] of [500, 5000, 500].entries())
      for (const p of sender.packetizeUnit(jpegFile(size), i)) feed(p);
    expect(units.map(({ timestamp }) => timestamp)).toEqual([0, 2]);
  });

  it('survives any payloads and files', () => {
    const header = fc.tuple(
      fc.nat(40),
      fc.constantFrom(0, 1, 2, 64, 65, 128),
      fc.constantFrom(0, 50, 99, 127, 128, 255),
    );
    const bytes = fc
      .tuple(header, fc.uint8Array({ maxLength: 200 }), fc.boolean())
      .map(([[offset, type, quality], rest, headed]) =>
        headed ? Buffer.concat([main(offset, type, quality), rest]) : Buffer.from(rest),
      );
    fc.assert(
      fc.property(anyPayloads(bytes, 40), (payloads) => {
        const { play, units } = harness({ maxBytes: 4096 });
        play(payloads);
        for (const unit of units) expect(parseJpeg(unit.bytes)).not.toBeNull();
      }),
      { numRuns: 1000 },
    );
    const file = jpegFile(50);
    for (let end = 0; end < file.length; end += 1)
      void [parseJpeg(file.subarray(0, end)), jpegSize(file.subarray(0, end))];
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 5 }), (writes) => {
        const hostile = Buffer.from(file);
        for (const [at, value] of writes) hostile[at] = value;
        void [parseJpeg(hostile), jpegSize(hostile), packetizer(200).packetizeUnit(hostile, 1)];
      }),
      { numRuns: 2000 },
    );
  });
});
