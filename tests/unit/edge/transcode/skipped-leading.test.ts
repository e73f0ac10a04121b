import { expect, test } from 'vitest';
import type { InitSegment } from '../../../../edge/media/types.ts';
import { isSkippedLeading } from '../../../../edge/transcode/skipped-leading.ts';
import { joinAvcc } from '../../../../protocols/h264/nal.ts';

const AUD = 35;

function picture(family: InitSegment['family'], ...types: number[]) {
  const init = { ...{ family, parameterSets: [], epoch: 1, bytes: new Uint8Array(0) }, codec: '', width: 1, height: 1 };
  const sample = joinAvcc(types.map((type) => Uint8Array.of(type << 1, 1, 0x80)));
  const bytes = new Uint8Array([...new Uint8Array(8), ...sample]);
  const times = { decodeTime90k: 0, compositionOffset90k: 0, duration90k: 3600, edgeAtMs: 0 };
  return { init, sequence: 1, key: false, bytes, sampleAt: 8, ...times };
}

test.each([
  [8, true],
  [9, true],
  [6, false],
  [7, false],
  [0, false],
  [1, false],
  [21, false],
])('a picture of type %i: %s', (type, isSkipped) => {
  expect(isSkippedLeading(picture('h265', AUD, type))).toBe(isSkipped);
});

test('other codecs have none, and what is cut off is none', () => {
  expect(isSkippedLeading(picture('h264', 9))).toBe(false);
  expect(isSkippedLeading(picture('mjpeg', 9))).toBe(false);
  const whole = picture('h265', 8);
  expect(isSkippedLeading({ ...whole, bytes: whole.bytes.subarray(0, 10) })).toBe(false);
});
