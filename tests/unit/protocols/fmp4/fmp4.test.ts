import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SharpEyesError } from '../../../../contract/errors.ts';
import { boxes } from '../../../../protocols/fmp4/box-reader.ts';
import { box, fullBox, u32s } from '../../../../protocols/fmp4/box-writer.ts';
import { buildFragment, FRAGMENT_HEADER_BYTES } from '../../../../protocols/fmp4/fragment.ts';
import { buildAvcInit, buildHevcInit, buildJpegInit } from '../../../../protocols/fmp4/init-segment.ts';
import { fragments, setDecodeTime, withDecodeTime } from '../../../../protocols/fmp4/parse-fragment.ts';
import { parseInit } from '../../../../protocols/fmp4/parse-init.ts';
import { joinAvcc } from '../../../../protocols/h264/nal.ts';
import { PPS, SPS_360P, slice } from '../../../support/h264.ts';
import { HEVC_PPS, HEVC_SPS, HEVC_VPS } from '../../../support/h265.ts';

const init = buildAvcInit({ width: 640, height: 360, sampleAspectRatio: [4, 3], sps: [SPS_360P], pps: [PPS] });
const hevc = buildHevcInit({ width: 640, height: 362, vps: [HEVC_VPS], sps: [HEVC_SPS], pps: [HEVC_PPS] });
const jpeg = buildJpegInit({ width: 1920, height: 1080, sampleAspectRatio: [2, 1] });
const fields = { sequence: 1, key: true, decodeTime90k: 0, duration90k: 3600, compositionOffset90k: 0 };
const sample = joinAvcc([slice('idr')]);

describe('init segment', () => {
  it('reads back', () => {
    expect(parseInit(init)).toMatchObject({
      trackId: 1,
      timescale: 90_000,
      width: 640,
      height: 360,
      codec: 'avc1.64001E',
      bytes: init.length,
      avc: { lengthSize: 4, sps: [new Uint8Array(SPS_360P)], pps: [new Uint8Array(PPS)] },
    });
    expect([...boxes(init)].map(({ type }) => type)).toEqual(['ftyp', 'moov']);
  });

  it('reads back in H.265 and JPEG', () => {
    const common = { trackId: 1, timescale: 90_000 };
    expect(parseInit(hevc)).toMatchObject({
      ...common,
      family: 'h265',
      width: 640,
      height: 362,
      codec: 'hvc1.1.6.L63.90',
      bytes: hevc.length,
      hevc: {
        lengthSize: 4,
        vps: [new Uint8Array(HEVC_VPS)],
        sps: [new Uint8Array(HEVC_SPS)],
        pps: [new Uint8Array(HEVC_PPS)],
      },
    });
    expect(parseInit(jpeg)).toEqual({
      ...common,
      family: 'mjpeg',
      width: 1920,
      height: 1080,
      codec: 'mp4v.6C',
      bytes: jpeg.length,
    });
  });

  it('takes the track that we know, and refuses the others by name', () => {
    const text = Buffer.from(jpeg);
    text[text.indexOf(Buffer.of(4, 13, 0x6c)) + 2] = 0x20;
    expect(() => parseInit(text)).toThrow(SharpEyesError);
    expect(() => parseInit(Buffer.from(init.toString().replace('avc1\0', 'text\0')))).toThrow(SharpEyesError);
    const hev1 = Buffer.from(hevc);
    hev1.write('hev1', hev1.lastIndexOf('hvc1'));
    expect(parseInit(hev1)).toMatchObject({ family: 'h265' });
  });

  it('survives truncation, flipped bits and hostile sizes', () => {
    const attempt = (bytes: Uint8Array): void => {
      try {
        parseInit(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(SharpEyesError);
      }
    };
    for (const good of [init, hevc, jpeg]) {
      for (let end = 0; end < good.length; end += 1) attempt(good.subarray(0, end));
      fc.assert(
        fc.property(fc.nat(good.length - 4), fc.constantFrom(0, 1, 7, 8, 0x7fff_ffff, 0xffff_ffff), (at, value) => {
          const hostile = good.slice();
          hostile.set(u32s(value), at);
          attempt(hostile);
        }),
        { numRuns: 1000 },
      );
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), attempt));
  });
});

describe('fragments', () => {
  it('read back with every field', () => {
    fc.assert(
      fc.property(
        fc.record({
          sequence: fc.nat(2 ** 32 - 1),
          key: fc.boolean(),
          decodeTime90k: fc.maxSafeNat(),
          duration90k: fc.nat(2 ** 31),
          compositionOffset90k: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        }),
        fc.uint8Array({ maxLength: 500 }),
        (given, data) => {
          const bytes = buildFragment(given, data);
          const [found, ...more] = fragments(bytes);
          expect(more).toEqual([]);
          expect(found).toEqual({
            start: 0,
            end: bytes.length,
            sequence: given.sequence,
            decodeTime: given.decodeTime90k,
            samples: [
              {
                start: FRAGMENT_HEADER_BYTES,
                end: bytes.length,
                duration: given.duration90k,
                compositionOffset: given.compositionOffset90k,
                key: given.key,
              },
            ],
          });
          expect(bytes.subarray(FRAGMENT_HEADER_BYTES)).toEqual(data);
        },
      ),
    );
  });

  it('of a file cut off anywhere are the whole ones before the cut', () => {
    const each = [0, 1, 2].map((n) => buildFragment({ ...fields, sequence: n, decodeTime90k: n * 3600 }, sample));
    const file = Buffer.concat([init, ...each]);
    for (let end = 0; end <= file.length; end += 1) {
      const found = [...fragments(file.subarray(0, end))];
      const whole = Math.max(0, Math.floor((end - init.length) / (each[0]?.length ?? 1)));
      expect(found.map(({ sequence }) => sequence)).toEqual([0, 1, 2].slice(0, whole));
    }
  });

  it('with several samples, defaults and first-sample flags, as other writers make them', () => {
    const traf = (moofBytes: number): Uint8Array =>
      box(
        'traf',
        fullBox('tfhd', 0, 0x02_0028, u32s(1, 1000, 0x0101_0000)),
        fullBox('tfdt', 0, 0, u32s(77)),
        fullBox('trun', 0, 0x205, u32s(2, moofBytes + 8, 0x0200_0000, 3, 5)),
      );
    const moof = (size: number): Uint8Array => box('moof', fullBox('mfhd', 0, 0, u32s(9)), traf(size));
    const bytes = Buffer.concat([box('styp'), moof(moof(0).length), box('mdat', new Uint8Array(8))]);
    const [found] = fragments(bytes);
    expect(found).toMatchObject({
      sequence: 9,
      decodeTime: 77,
      samples: [
        { duration: 1000, key: true, end: bytes.length - 5 },
        { duration: 1000, key: false, start: bytes.length - 5, end: bytes.length },
      ],
    });
  });

  it('name no more samples than they have bytes', () => {
    const withSamples = (count: number, bytes: number): Uint8Array => {
      const moof = (size: number): Uint8Array =>
        box(
          'moof',
          fullBox('mfhd', 0, 0, u32s(1)),
          box(
            'traf',
            fullBox('tfhd', 0, 0x02_0000, u32s(1)),
            fullBox('tfdt', 0, 0, u32s(0)),
            fullBox('trun', 0, 1, u32s(count, size + 8)),
          ),
        );
      return Buffer.concat([moof(moof(0).length), box('mdat', new Uint8Array(bytes))]);
    };
    // None of them has a size: a few bytes would stand for thousands of samples.
    expect([...fragments(withSamples(65_536, 0))]).toEqual([]);
    expect([...fragments(withSamples(109, 100))]).toEqual([]);
    expect([...fragments(withSamples(108, 100))][0]?.samples).toHaveLength(108);
  });

  it('never point outside the data, whatever is written into them', () => {
    const file = buildFragment(fields, sample);
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.nat(FRAGMENT_HEADER_BYTES - 4),
            fc.oneof(fc.nat(0xffff_ffff), fc.constantFrom(0, 1, 8, 0xffff_ffff)),
          ),
          { maxLength: 3 },
        ),
        (writes) => {
          const hostile = file.slice();
          for (const [at, value] of writes) hostile.set(u32s(value), at);
          for (const found of fragments(hostile)) {
            for (const one of found.samples) {
              expect(one.start).toBeGreaterThanOrEqual(0);
              expect(one.end).toBeGreaterThanOrEqual(one.start);
              expect(one.end).toBeLessThanOrEqual(hostile.length);
            }
          }
          setDecodeTime(hostile, 5);
        },
      ),
      { numRuns: 3000 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void [...fragments(bytes)]));
  });

  it('take another decode time, in place or as a copy', () => {
    const bytes = Buffer.from(buildFragment({ ...fields, decodeTime90k: 5e9 }, sample));
    const copy = withDecodeTime(bytes, 0);
    expect([...fragments(copy ?? bytes)][0]?.decodeTime).toBe(0);
    expect([...fragments(bytes)][0]?.decodeTime).toBe(5e9);
    expect(setDecodeTime(bytes, 12)).toBe(true);
    expect([...fragments(bytes)][0]?.decodeTime).toBe(12);
    expect(setDecodeTime(init.slice(), 1)).toBe(false);
  });
});

it('box walking stops at damage', () => {
  const good = box('free', new Uint8Array(4));
  const walk = (tail: Uint8Array): string[] => [...boxes(Buffer.concat([good, tail]))].map(({ type }) => type);
  expect(walk(u32s(7, 0))).toEqual(['free']);
  expect(walk(u32s(0, 0, 0))).toEqual(['free']);
  expect(walk(u32s(1, 0x6d646174, 0xffff_ffff, 0xffff_ffff))).toEqual(['free']);
  expect(walk(Buffer.concat([u32s(1, 0x6d646174, 0, 20), new Uint8Array(4)]))).toEqual(['free', 'mdat']);
});
