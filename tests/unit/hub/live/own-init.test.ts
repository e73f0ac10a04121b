import { expect, test } from 'vitest';
import { ownInit } from '../../../../hub/live/mpeg1/own-init.ts';
import { box, chars } from '../../../../protocols/fmp4/box-writer.ts';
import { buildAvcInit, buildHevcInit, buildJpegInit } from '../../../../protocols/fmp4/init-segment.ts';
import { PPS, SPS_360P } from '../../../support/h264.ts';
import { HEVC_PPS, HEVC_SPS, HEVC_VPS } from '../../../support/h265.ts';

const AVC = buildAvcInit({ width: 640, height: 360, sps: [SPS_360P], pps: [PPS] });

test.each([
  ['H.264', AVC],
  ['H.265', buildHevcInit({ width: 640, height: 362, vps: [HEVC_VPS], sps: [HEVC_SPS], pps: [HEVC_PPS] })],
  ['JPEG', buildJpegInit({ width: 640, height: 360 })],
])('what an edge of ours says of %s is said again', (_, init) => {
  expect(ownInit(init)).toEqual(init);
});

test('nothing of what stands around the track gets through', () => {
  const list = chars('#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n');
  expect(ownInit(Buffer.concat([box('free', list), AVC, list]))).toEqual(AVC);
});

test.each([
  ['a list of addresses', Buffer.from('#EXTM3U\nhttp://127.0.0.1/secret\n')],
  ['nothing', new Uint8Array(0)],
  ['an init segment that breaks off', AVC.subarray(0, -200)],
  ['another timescale', replace(AVC, 'mdhd', 16, [0, 0, 0, 25])],
])('%s is refused', (_, bytes) => {
  expect(() => ownInit(bytes)).toThrow(expect.objectContaining({ code: 'MEDIA_MALFORMED' }));
});

/** The same with other bytes so far behind a box's name. */
function replace(bytes: Uint8Array, type: string, offset: number, by: readonly number[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set(by, Buffer.from(copy).indexOf(type) + offset);
  return copy;
}
