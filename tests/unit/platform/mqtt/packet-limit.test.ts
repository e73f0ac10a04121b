import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PacketLimit } from '../../../../platform/mqtt/packet-limit.ts';

/** A packet of the given remaining length, with the length written as MQTT 3.1.1, 2.2.3 says. */
function packet(length: number): number[] {
  const bytes = [0x30];
  let rest = length;
  do {
    bytes.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return [...bytes, ...Array<number>(length).fill(0xff)];
}

describe('packet limit', () => {
  test('packets up to the limit pass and the first above it does not, however they are cut', () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 20 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 400 }), (sizes, cut, limit) => {
        const bytes = Uint8Array.from(sizes.flatMap(packet));
        const guard = new PacketLimit(limit);
        let passed = true;
        for (let at = 0; at < bytes.length && passed; at += cut) passed = guard.accept(bytes.subarray(at, at + cut));
        expect(passed).toBe(sizes.every((size) => size <= limit));
      }),
    );
  });

  test('a length of more than four bytes is refused', () => {
    expect(new PacketLimit(2 ** 30).accept(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0xff))).toBe(false);
  });

  test('a raised limit counts from the next packet on', () => {
    const guard = new PacketLimit(10);
    expect(guard.accept(Uint8Array.from(packet(10)))).toBe(true);
    guard.limitBytes = 100;
    expect(guard.accept(Uint8Array.from(packet(100)))).toBe(true);
  });
});
