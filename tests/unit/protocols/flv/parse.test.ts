import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SharpEyesError } from '../../../../contract/errors.ts';
import { FlvReader, type FlvVideo } from '../../../../protocols/flv/parse.ts';

const LIMITS = { maxTagBytes: 100_000 };
const HEADER = Uint8Array.of(0x46, 0x4c, 0x56, 1, 1, 0, 0, 0, 9, 0, 0, 0, 0);

function tag(type: number, timeMs: number, body: Uint8Array): Uint8Array {
  const size = body.length;
  const whole = 11 + size;
  const end = Uint8Array.of(whole >>> 24, whole >>> 16, whole >>> 8, whole);
  const start = [type, size >>> 16, size >>> 8, size, timeMs >>> 16, timeMs >>> 8, timeMs, timeMs >>> 24, 0, 0, 0];
  return Uint8Array.from([...start, ...body, ...end]);
}

function picture(timeMs: number, bytes: readonly number[], key = false, offset = 0): Uint8Array {
  const head = [key ? 0x17 : 0x27, 1, offset >>> 16, offset >>> 8, offset];
  return tag(9, timeMs, Uint8Array.from([...head, ...bytes]));
}

const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

function read(chunks: readonly Uint8Array[]): FlvVideo[] {
  const seen: FlvVideo[] = [];
  const reader = new FlvReader((video) => seen.push(video), LIMITS);
  for (const chunk of chunks) reader.push(chunk);
  return seen;
}

describe('a stream of FLV', () => {
  const stream = joined(
    HEADER,
    tag(18, 0, Uint8Array.of(2, 0, 10)),
    tag(9, 0, Uint8Array.of(0x17, 0, 0, 0, 0, 1, 100, 0, 31)),
    picture(0, [1, 2, 3], true),
    tag(8, 0, Uint8Array.of(0xaf, 1)),
    picture(40, [4], false, -40),
    picture(0x8000_0001, [], false),
  );

  test('gives the configuration and the pictures with their times, and passes over the rest', () => {
    expect(read([stream])).toEqual([
      { kind: 'configuration', record: Uint8Array.of(1, 100, 0, 31) },
      { kind: 'picture', key: true, decodeTimeMs: 0, compositionOffsetMs: 0, bytes: Uint8Array.of(1, 2, 3) },
      { kind: 'picture', key: false, decodeTimeMs: 40, compositionOffsetMs: -40, bytes: Uint8Array.of(4) },
      { kind: 'picture', key: false, decodeTimeMs: 0x8000_0001, compositionOffsetMs: 0, bytes: new Uint8Array(0) },
    ]);
  });

  test('gives the same however it is cut', () => {
    const whole = read([stream]);
    const cuts = fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 12 });
    fc.assert(
      fc.property(cuts, (at) => {
        const ends = [...at, stream.length].sort((a, b) => a - b);
        const chunks = ends.map((end, i) => stream.subarray(ends[i - 1] ?? 0, end));
        expect(read(chunks)).toEqual(whole);
      }),
    );
  });

  test('a picture is given as soon as its last byte is there', () => {
    const seen: FlvVideo[] = [];
    const reader = new FlvReader((video) => seen.push(video), LIMITS);
    reader.push(joined(HEADER, picture(0, [1, 2, 3], true)));
    expect(seen).toHaveLength(1);
  });
});

describe('what is no FLV', () => {
  test.each([
    ['another file', Uint8Array.of(0, 0, 0, 24, 0x66, 0x74, 0x79, 0x70, 0)],
    ['an endless header', Uint8Array.of(0x46, 0x4c, 0x56, 1, 1, 0xff, 0, 0, 9)],
    ['a tag that is too large', joined(HEADER, Uint8Array.of(9, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0))],
  ])('%s is refused', (_, bytes) => {
    expect(() => read([bytes])).toThrow(expect.objectContaining({ code: 'MEDIA_MALFORMED' }));
  });

  test('anything at all is read or refused, never worse', () => {
    const noise = fc.uint8Array({ maxLength: 400 });
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 6 }), fc.boolean(), (chunks, isBegun) => {
        try {
          read(isBegun ? [HEADER, ...chunks] : chunks);
        } catch (error) {
          expect(error).toBeInstanceOf(SharpEyesError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
