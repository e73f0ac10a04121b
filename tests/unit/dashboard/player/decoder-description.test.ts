import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decoderDescription } from '../../../../dashboard/src/player/decoder-description.ts';

const box = (type: string, ...parts: Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(body.length + 8);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, body]);
};

const init = (entry: string, config: string, record: Uint8Array): Buffer => {
  const sample = box(entry, Buffer.alloc(78), box('pasp', Buffer.alloc(8)), box(config, record));
  const stsd = box('stsd', Buffer.alloc(8), sample);
  const stbl = box('stbl', stsd, box('stts', Buffer.alloc(8)));
  const minf = box('minf', box('vmhd', Buffer.alloc(12)), stbl);
  const trak = box('trak', box('tkhd', Buffer.alloc(84)), box('mdia', box('mdhd', Buffer.alloc(24)), minf));
  return Buffer.concat([box('ftyp', Buffer.alloc(8)), box('moov', box('mvhd', Buffer.alloc(100)), trak)]);
};

describe("the decoder's configuration in an init segment", () => {
  it.each([
    ['avc1', 'avcC'],
    ['hvc1', 'hvcC'],
    ['hev1', 'hvcC'],
  ])('is found in %s', (entry, config) => {
    const record = Uint8Array.of(1, 0x64, 0, 0x1f, 0xff);
    expect(decoderDescription(init(entry, config, record))).toEqual(record);
  });

  it('is null where there is none, or half of it', () => {
    const whole = init('avc1', 'avcC', Uint8Array.of(1, 2, 3));
    expect(decoderDescription(init('mp4v', 'esds', Uint8Array.of(1)))).toBeNull();
    for (let cut = 0; cut < whole.length; cut++) expect(decoderDescription(whole.subarray(0, cut))).toBeNull();
  });

  it('ends on whatever comes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 256 }), (bytes) => void decoderDescription(bytes)));
    const whole = init('avc1', 'avcC', Uint8Array.of(1, 2, 3));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, value) => {
        const bytes = Uint8Array.from(whole);
        bytes[at] = value;
        decoderDescription(bytes);
      }),
    );
  });
});
