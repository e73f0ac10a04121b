import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SharpEyesError } from '../../../../contract/errors.ts';
import { buildHvcC, parseHvcC } from '../../../../protocols/h265/hvcc.ts';
import { H265ParameterSets } from '../../../../protocols/h265/parameter-sets.ts';
import { hevcCodecString } from '../../../../protocols/h265/profile-tier-level.ts';
import { parseHevcSps } from '../../../../protocols/h265/sps.ts';
import { HEVC_PPS, HEVC_SPS, HEVC_SPS_480P, HEVC_VPS } from '../../../support/h265.ts';
import { h265SpsWithId1 } from '../../../support/second-sps.ts';

describe('sequence parameter sets', () => {
  it('size inside the conformance window, timing, aspect and reordering', () => {
    expect(parseHevcSps(HEVC_SPS)).toMatchObject({
      width: 640,
      height: 362,
      maxReorderFrames: 2,
      sampleAspectRatio: [1, 1],
      timing: { numUnitsInTick: 1, timeScale: 25 },
      bitDepthLuma: 8,
      chromaFormat: 1,
      temporalLayers: 1,
      ptl: { profile: 1, level: 63, highTier: false },
    });
    expect(parseHevcSps(HEVC_SPS_480P)).toMatchObject({ width: 704, height: 480, maxReorderFrames: 0 });
  });

  it('have the name that browsers know', () => {
    const nameOf = (sps: Uint8Array): string | null => {
      const parameters = parseHevcSps(sps);
      return parameters === null ? null : hevcCodecString(parameters.ptl);
    };
    expect([nameOf(HEVC_SPS), nameOf(HEVC_SPS_480P)]).toEqual(['hvc1.1.6.L63.90', 'hvc1.1.6.L90.B0']);
    const constraints = Uint8Array.of(0xb0, 0, 0x0c, 0, 0, 0);
    const ptl = { profileSpace: 1, highTier: true, profile: 4, compatibility: 0x0800_0000, constraints, level: 153 };
    expect(hevcCodecString(ptl)).toBe('hvc1.A4.10.H153.B0.0.C');
  });

  it('survive truncation, flipped bits and noise', () => {
    for (let end = 0; end < HEVC_SPS.length; end += 1) parseHevcSps(HEVC_SPS.subarray(0, end));
    expect(parseHevcSps(HEVC_SPS.subarray(0, 20))).toBeNull();
    const bit = fc.nat(HEVC_SPS.length * 8 - 1);
    fc.assert(
      fc.property(fc.array(bit, { minLength: 1, maxLength: 6 }), (bits) => {
        const flipped = Buffer.from(HEVC_SPS);
        for (const at of bits) flipped.writeUInt8(flipped.readUInt8(at >> 3) ^ (1 << (at & 7)), at >> 3);
        const parsed = parseHevcSps(flipped);
        if (parsed !== null) expect(parsed.width > 0 && parsed.height > 0 && parsed.maxReorderFrames <= 16).toBe(true);
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        (bytes) => void parseHevcSps(Buffer.concat([Buffer.of(0x42, 1), bytes])),
      ),
    );
  });
});

describe('H265ParameterSets', () => {
  it('need all three kinds, and tell repetition from change', () => {
    const sets = new H265ParameterSets();
    const socket = Buffer.from(HEVC_SPS);
    expect([sets.add(HEVC_VPS), sets.add(socket)]).toEqual([true, true]);
    expect(sets.parameters).toBeNull();
    socket.fill(0);
    expect([sets.add(HEVC_PPS), sets.add(HEVC_VPS), sets.add(HEVC_SPS), sets.add(HEVC_PPS)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(sets.parameters).toMatchObject({ width: 640 });
    const bytes = (nal: Uint8Array): Uint8Array => new Uint8Array(nal);
    expect(sets.lists()).toEqual({ vps: [bytes(HEVC_VPS)], sps: [bytes(HEVC_SPS)], pps: [bytes(HEVC_PPS)] });
    expect(sets.add(HEVC_SPS_480P)).toBe(true);
    expect(sets.parameters).toMatchObject({ width: 704 });
    expect(sets.lists().sps).toEqual([bytes(HEVC_SPS_480P)]);
  });

  it('go back to a set that they know, under another id', () => {
    const sets = new H265ParameterSets();
    const other = h265SpsWithId1(HEVC_SPS_480P);
    expect(parseHevcSps(other)).toEqual({ ...parseHevcSps(HEVC_SPS_480P), id: 1 });
    for (const nal of [HEVC_VPS, HEVC_SPS, HEVC_PPS]) sets.add(nal);
    expect([sets.add(other), sets.add(other), sets.parameters?.width]).toEqual([true, false, 704]);
    expect([sets.add(HEVC_SPS), sets.add(HEVC_SPS), sets.parameters?.width]).toEqual([true, false, 640]);
    expect(sets.lists().sps).toEqual([HEVC_SPS, other].map((nal) => new Uint8Array(nal)));
  });

  it('stay bounded and ignore damaged, foreign and oversized units', () => {
    const sets = new H265ParameterSets();
    expect(sets.add(Buffer.of(0x42, 1, 2))).toBe(false);
    expect(sets.add(Buffer.concat([HEVC_PPS, Buffer.alloc(5000, 1)]))).toBe(false);
    expect(sets.add(Buffer.alloc(0))).toBe(false);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(0x40, 0x42, 0x44), fc.uint8Array({ maxLength: 40 }))), (nals) => {
        for (const [first, bytes] of nals) sets.add(Buffer.concat([Buffer.of(first, 1), bytes]));
        const { vps, sps, pps } = sets.lists();
        expect(Math.max(vps.length, sps.length, pps.length)).toBeLessThanOrEqual(16);
      }),
    );
  });
});

describe('hvcC', () => {
  const record = buildHvcC({ vps: [HEVC_VPS], sps: [HEVC_SPS], pps: [HEVC_PPS] });

  it('comes back', () => {
    expect(parseHvcC(record)).toEqual({
      ptl: parseHevcSps(HEVC_SPS)?.ptl,
      lengthSize: 4,
      vps: [new Uint8Array(HEVC_VPS)],
      sps: [new Uint8Array(HEVC_SPS)],
      pps: [new Uint8Array(HEVC_PPS)],
    });
  });

  it('survives truncation and noise, and needs a readable SPS', () => {
    for (let end = 0; end < record.length; end += 1) {
      expect(() => parseHvcC(record.subarray(0, end))).toThrow(SharpEyesError);
    }
    fc.assert(
      fc.property(fc.nat(record.length - 1), fc.nat(255), (at, value) => {
        const hostile = record.slice();
        hostile[at] = value;
        try {
          parseHvcC(hostile);
        } catch (error) {
          expect(error).toBeInstanceOf(SharpEyesError);
        }
      }),
      { numRuns: 1000 },
    );
    expect(() => buildHvcC({ vps: [HEVC_VPS], sps: [HEVC_PPS], pps: [HEVC_PPS] })).toThrow(SharpEyesError);
  });
});
