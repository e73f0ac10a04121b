import { rbsp } from '../../protocols/nal/bit-reader.ts';

/** The same H.264 SPS under id 1 instead of 0. */
export function h264SpsWithId1(sps: Uint8Array): Buffer {
  return withId1(sps, 1, 24);
}

/** The same H.265 SPS, of a stream without sub-layers, under id 1 instead of 0. */
export function h265SpsWithId1(sps: Uint8Array): Buffer {
  return withId1(sps, 2, 104);
}

/** @param at bits between the header and the id, which is `ue(v)`: `1` is 0 and `010` is 1 */
function withId1(sps: Uint8Array, headerBytes: number, at: number): Buffer {
  const bits = [...rbsp(sps, headerBytes)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const content = `${bits.slice(0, at)}010${bits.slice(at + 1)}`.replace(/0*$/, '');
  const bytes: number[] = [...sps.subarray(0, headerBytes)];
  let zeros = 0;
  for (let bit = 0; bit < content.length; bit += 8) {
    const byte = Number.parseInt(content.slice(bit, bit + 8).padEnd(8, '0'), 2);
    if (zeros >= 2 && byte <= 3) {
      bytes.push(3);
      zeros = 0;
    }
    bytes.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Buffer.from(bytes);
}
