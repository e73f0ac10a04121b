import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SharpEyesError } from '../../../../contract/errors.ts';
import { TS_PACKET_BYTES, type TsPiece, TsPieces } from '../../../../protocols/mpegts/pieces.ts';

/** A packet: `key` and `picture` begin one, `more` goes on with it, `table` is something else with a beginning. */
function packet(kind: 'key' | 'picture' | 'more' | 'table', fill = 0): Uint8Array {
  const bytes = new Uint8Array(TS_PACKET_BYTES).fill(fill);
  const begins = kind === 'more' ? 0x01 : 0x41;
  bytes.set([0x47, begins, 0x00, 0x10]);
  const pes = [0, 0, 1, kind === 'table' ? 0xc0 : 0xe0];
  if (kind === 'key') bytes.set([0x47, begins, 0x00, 0x30, 1, 0x40, ...pes]);
  else if (kind !== 'more') bytes.set(pes, 4);
  return bytes;
}

const joined = (...packets: readonly Uint8Array[]): Uint8Array => Uint8Array.from(packets.flatMap((one) => [...one]));
const shape = (pieces: readonly TsPiece[]): string[] =>
  pieces.map(({ key, bytes }) => `${key ? 'key' : 'delta'} ${bytes.length / TS_PACKET_BYTES}`);

describe('a transport stream', () => {
  test('is cut where pictures begin', () => {
    const stream = joined(packet('table'), packet('key'), packet('more'), packet('picture'), packet('more'));
    expect(shape(new TsPieces().push(stream))).toEqual(['delta 1', 'key 2', 'delta 2']);
  });

  test('goes on at once: a picture that comes in parts leaves in parts', () => {
    const pieces = new TsPieces();
    expect(shape(pieces.push(packet('key')))).toEqual(['key 1']);
    expect(shape(pieces.push(packet('more')))).toEqual(['delta 1']);
    expect(shape(pieces.push(packet('picture').subarray(0, 100)))).toEqual([]);
    expect(shape(pieces.push(packet('picture').subarray(100)))).toEqual(['delta 1']);
  });

  test('loses nothing, however it arrives', () => {
    const kinds = fc.array(fc.constantFrom('key', 'picture', 'more', 'table'), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(kinds, fc.array(fc.nat(), { maxLength: 8 }), (list, cuts) => {
        const stream = joined(...list.map((kind, i) => packet(kind, i + 1)));
        const ends = [...cuts.map((cut) => cut % stream.length), stream.length].sort((a, b) => a - b);
        const reader = new TsPieces();
        const out = ends.flatMap((end, i) => reader.push(stream.subarray(ends[i - 1] ?? 0, end)));
        expect(joined(...out.map(({ bytes }) => bytes))).toEqual(stream);
        expect(out.filter(({ key }) => key)).toHaveLength(list.filter((kind) => kind === 'key').length);
      }),
    );
  });

  test('anything else is refused, never worse', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 5 }), (chunks) => {
        const reader = new TsPieces();
        try {
          for (const chunk of chunks) reader.push(chunk);
        } catch (error) {
          expect(error).toBeInstanceOf(SharpEyesError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
