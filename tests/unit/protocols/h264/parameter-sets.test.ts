import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SharpEyesError } from '../../../../contract/errors.ts';
import { buildAvcC, parseAvcC } from '../../../../protocols/h264/avcc.ts';
import { DecodeTimes } from '../../../../protocols/h264/decode-time.ts';
import { joinAvcc, splitAnnexB, splitAvcc } from '../../../../protocols/h264/nal.ts';
import { ParameterSets } from '../../../../protocols/h264/parameter-sets.ts';
import { codecString, parseSps } from '../../../../protocols/h264/sps.ts';
import { PPS, SPS_180P, SPS_360P } from '../../../support/h264.ts';
import { h264SpsWithId1 } from '../../../support/second-sps.ts';

const onlyMalformed = (run: () => void): void => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(SharpEyesError);
    expect(error).toMatchObject({ code: 'MEDIA_MALFORMED' });
  }
};

describe('sequence parameter sets', () => {
  it('size, timing and reordering', () => {
    expect(parseSps(SPS_360P)).toMatchObject({
      profile: 100,
      level: 30,
      width: 640,
      height: 360,
      chromaFormat: 1,
      timing: { numUnitsInTick: 1, timeScale: 50 },
      maxReorderFrames: 2,
    });
    expect(parseSps(SPS_180P)).toMatchObject({ width: 320, height: 180, chromaFormat: 3 });
    expect(codecString(SPS_360P)).toBe('avc1.64001E');
  });

  it('survive truncation, flipped bits and noise', () => {
    for (let end = 0; end < SPS_360P.length; end += 1) onlyMalformed(() => parseSps(SPS_360P.subarray(0, end)));
    fc.assert(
      fc.property(fc.nat(SPS_360P.length * 8 - 1), fc.nat(SPS_360P.length * 8 - 1), (a, b) => {
        const flipped = Buffer.from(SPS_360P);
        for (const bit of [a, b]) flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        onlyMalformed(() => parseSps(flipped));
      }),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) =>
        onlyMalformed(() => parseSps(Buffer.concat([Buffer.of(0x67), bytes]))),
      ),
    );
  });
});

describe('ParameterSets', () => {
  it('tells repetition from change', () => {
    const sets = new ParameterSets();
    expect(sets.parameters).toBeNull();
    const socket = Buffer.from(SPS_360P);
    expect([sets.add(socket), sets.add(PPS), sets.add(SPS_360P), sets.add(PPS)]).toEqual([true, true, false, false]);
    socket.fill(0);
    expect(sets.lists().sps.map((sps) => Buffer.from(sps))).toEqual([SPS_360P]);
    expect(sets.parameters).toMatchObject({ width: 640 });
    expect(sets.add(SPS_180P)).toBe(true);
    expect(sets.parameters).toMatchObject({ width: 320 });
    expect(sets.lists()).toEqual({ sps: [SPS_180P].map((b) => new Uint8Array(b)), pps: [new Uint8Array(PPS)] });
  });

  it('goes back to a set that it knows, under another id', () => {
    const sets = new ParameterSets();
    const other = h264SpsWithId1(SPS_180P);
    expect(parseSps(other)).toEqual({ ...parseSps(SPS_180P), id: 1 });
    for (const nal of [SPS_360P, PPS]) sets.add(nal);
    expect([sets.add(other), sets.add(other), sets.parameters?.width]).toEqual([true, false, 320]);
    expect([sets.add(SPS_360P), sets.add(SPS_360P), sets.parameters?.width]).toEqual([true, false, 640]);
    expect(sets.lists().sps).toEqual([SPS_360P, other].map((nal) => new Uint8Array(nal)));
    expect([sets.add(other), sets.parameters?.width]).toEqual([true, 320]);
    expect(sets.lists().sps).toEqual([other, SPS_360P].map((nal) => new Uint8Array(nal)));
  });

  it('ignores damaged and oversized sets', () => {
    const sets = new ParameterSets();
    expect(sets.add(Buffer.of(0x67, 1, 2))).toBe(false);
    expect(sets.add(Buffer.concat([PPS, Buffer.alloc(5000, 1)]))).toBe(false);
    expect(sets.add(Buffer.alloc(0))).toBe(false);
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (nals) => nals.forEach((nal) => void sets.add(nal))),
    );
  });
});

describe('avcC', () => {
  it('comes back, with the high profiles’ extension', () => {
    const record = buildAvcC([SPS_360P], [PPS]);
    expect(Buffer.from(record.subarray(-4)).toString('hex')).toBe('fdf8f800');
    expect(parseAvcC(record)).toMatchObject({
      profile: 100,
      level: 30,
      lengthSize: 4,
      sps: [new Uint8Array(SPS_360P)],
      pps: [new Uint8Array(PPS)],
    });
  });

  it('survives truncation and noise', () => {
    const record = buildAvcC([SPS_360P], [PPS]);
    for (let end = 0; end < record.length - 4; end += 1)
      expect(() => parseAvcC(record.subarray(0, end))).toThrow(SharpEyesError);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => onlyMalformed(() => parseAvcC(bytes))));
    expect(() => buildAvcC([], [PPS])).toThrow(SharpEyesError);
  });
});

describe('NAL units', () => {
  const nals = [SPS_360P, PPS, Buffer.from('65888400', 'hex').subarray(0, 3)];

  it('split at start codes of three and four bytes', () => {
    const stream = Buffer.concat([
      Buffer.of(9, 9),
      ...nals.flatMap((nal, i) => [Buffer.from(i === 1 ? '000001' : '00000001', 'hex'), nal]),
      Buffer.alloc(2),
    ]);
    expect(splitAnnexB(stream).map((nal) => Buffer.from(nal))).toEqual(nals);
  });

  it('join to a sample and split again; a bad length ends the walk', () => {
    const sample = joinAvcc(nals);
    expect(splitAvcc(sample).map((nal) => Buffer.from(nal))).toEqual(nals);
    expect(splitAvcc(sample.subarray(0, sample.length - 1))).toHaveLength(2);
    fc.assert(
      fc.property(
        fc.uint8Array(),
        fc.constantFrom(1, 2, 4),
        (bytes, size) => void [splitAvcc(bytes, size), splitAnnexB(bytes)],
      ),
    );
  });
});

describe('decode times', () => {
  const run = (depth: number, pts: readonly number[]): number[] => {
    const times = new DecodeTimes(depth);
    return pts.map((value) => times.next(value, false, 10));
  };

  it('are the presentation times where nothing is reordered', () => {
    expect(run(0, [5, 15, 25, 35])).toEqual([5, 15, 25, 35]);
    expect(run(0, [5, 15, 15, 25])).toEqual([5, 15, 16, 25]);
  });

  it('run ahead of reordered frames by the depth', () => {
    expect(run(1, [0, 20, 10, 40, 30, 60, 50])).toEqual([-10, 0, 10, 20, 30, 40, 50]);
    expect(run(2, [0, 40, 20, 10, 30, 80, 60, 50, 70])).toEqual([-20, -10, 0, 10, 20, 30, 40, 50, 60]);
  });

  it('stay even where pictures follow a key frame that they are presented before', () => {
    const times = new DecodeTimes(2);
    const shown = [0, 40, 20, 10, 30, 80, 60, 50, 70, 120, 100, 90, 110];
    expect(shown.map((pts) => times.next(pts, pts % 80 === 0, 10))).toEqual(shown.map((_, i) => i * 10 - 20));
  });

  it('settle again at a key frame behind a hole', () => {
    const times = new DecodeTimes(2);
    for (const pts of [0, 40, 20, 10, 30]) times.next(pts, pts === 0, 10);
    expect([200, 240, 220, 210].map((pts) => times.next(pts, pts === 200, 10))).toEqual([180, 190, 200, 210]);
  });

  it('always grow, and settle when the depth was not told', () => {
    const decoded = run(0, [0, 20, 10, 40, 30, 60, 50, 80, 70]);
    expect(decoded.slice(-4)).toEqual([40, 50, 60, 70]);
    fc.assert(
      fc.property(
        fc.nat(4),
        fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 60 }),
        (depth, pts) => {
          const times = run(depth, pts);
          for (let i = 1; i < times.length; i += 1)
            expect(times[i]).toBeGreaterThan(times[i - 1] ?? Number.POSITIVE_INFINITY);
        },
      ),
    );
  });
});
