import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleOf } from '../../../../dashboard/src/player/fragment-sample.ts';

const box = (type: string, body: Uint8Array, isLarge = false): Buffer => {
  const header = Buffer.alloc(isLarge ? 16 : 8);
  header.writeUInt32BE(isLarge ? 1 : body.length + 8);
  header.write(type, 4, 'latin1');
  if (isLarge) header.writeBigUInt64BE(BigInt(body.length + 16), 8);
  return Buffer.concat([header, body]);
};

describe('the frame in a fragment', () => {
  it.each([false, true])('stands behind the header of mdat (64-bit size: %s)', (isLarge) => {
    const jpeg = Uint8Array.of(0xff, 0xd8, 1, 2, 0xff, 0xd9);
    const fragment = Buffer.concat([box('moof', new Uint8Array(40)), box('mdat', jpeg, isLarge)]);
    expect(Uint8Array.from(sampleOf(fragment) ?? [])).toEqual(jpeg);
  });

  it('is not read from anything else', () => {
    expect(sampleOf(box('mdat', Uint8Array.of(1)))).toBeNull();
    expect(sampleOf(box('moof', new Uint8Array(8)))).toBeNull();
    const whole = Buffer.concat([box('moof', new Uint8Array(8)), box('mdat', new Uint8Array(9))]);
    for (let cut = 0; cut < whole.length; cut++) expect(sampleOf(whole.subarray(0, cut))).toBeNull();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void sampleOf(bytes)));
  });
});
