import { describe, expect, test } from 'vitest';
import type { ViewerCodec } from '../../../../contract/live.ts';
import { chooseStream, familyOf } from '../../../../hub/live/choose-stream.ts';

const stream = (name: 'main' | 'sub', codec: string | null, width: number | null, height: number | null = null) => ({
  ...{ name, codec, width, height },
});
const H264 = [stream('main', 'avc1.640028', 1920, 1080), stream('sub', 'avc1.64001e', 640, 360)];
const MIXED = [stream('main', 'hvc1.1.6.L93.B0', 1920, 1080), stream('sub', 'avc1.64001e', 640, 360)];
const H265 = [stream('main', 'H265', 1920, 1080), stream('sub', 'hev1.1.6.L60.B0', 640, 360)];
const MJPEG = [stream('main', 'JPEG', 1280, 720)];

function chosen(
  streams: Parameters<typeof chooseStream>[0],
  order: { stream?: 'auto' | 'main' | 'sub'; width?: number; height?: number } = {},
  codecs: readonly ViewerCodec[] = ['h264'],
): string | null {
  const choice = chooseStream(streams, { stream: 'auto', width: 0, height: 0, ...order }, codecs);
  if (choice === null) return null;
  const made = choice.transcode ? ' by the edge' : choice.mpeg1 ? ' by the hub' : '';
  return `${choice.stream} ${choice.why}${made}`;
}

describe('by the tile’s size', () => {
  test.each([
    [{ width: 320, height: 180 }, 'sub tile-size'],
    [{ width: 800, height: 450 }, 'sub tile-size'],
    [{ width: 801, height: 451 }, 'main tile-size'],
    [{ width: 1920, height: 1080 }, 'main tile-size'],
    // A flat tile shows a narrow picture.
    [{ width: 1600, height: 300 }, 'sub tile-size'],
    [{ width: 900, height: 0 }, 'main tile-size'],
  ])('%o: %s', (order, expected) => expect(chosen(H264, order)).toBe(expected));

  test('with a small stream of unknown size', () => {
    const streams = [stream('main', 'H264', null), stream('sub', 'H264', null)];
    expect(chosen(streams, { width: 720 })).toBe('sub tile-size');
    expect(chosen(streams, { width: 721 })).toBe('main tile-size');
  });
});

describe('by what was asked for', () => {
  test('whatever the size', () => {
    expect(chosen(H264, { stream: 'main', width: 100 })).toBe('main asked');
    expect(chosen(H264, { stream: 'sub', width: 4000 })).toBe('sub asked');
  });

  test('of a camera whose streams nobody knows yet', () => {
    expect(chosen([], { stream: 'sub' })).toBe('sub asked');
    expect(chosen([], { width: 1600 })).toBe('main tile-size');
  });

  test('the only one stands in for the other', () => {
    expect(chosen(H264.slice(0, 1), { stream: 'sub' })).toBe('main only-stream');
    expect(chosen(H264.slice(1), { stream: 'main' })).toBe('sub only-stream');
  });
});

describe('by what the viewer decodes', () => {
  test('the small stream before anything is encoded anew', () => {
    expect(chosen(MIXED, { stream: 'main' })).toBe('sub codec');
    expect(chosen(MIXED, { width: 1920 })).toBe('sub codec');
    expect(chosen(MIXED, { width: 320 })).toBe('sub tile-size');
    expect(chosen(MIXED, { stream: 'main' }, ['h264', 'h265'])).toBe('main asked');
  });

  test('encoded anew in the size that fits when it decodes none', () => {
    expect(chosen(H265, { width: 320 })).toBe('sub transcoded by the edge');
    expect(chosen(H265, { width: 1920 })).toBe('main transcoded by the edge');
    expect(chosen(H265.slice(0, 1), { width: 320 })).toBe('main transcoded by the edge');
    expect(chosen(H265, { width: 320 }, ['h265'])).toBe('sub tile-size');
    expect(chosen(MJPEG, {}, ['h264', 'mjpeg'])).toBe('main only-stream');
    expect(chosen(MJPEG)).toBe('main transcoded by the edge');
  });

  test('MPEG-1 only where nothing else is decoded', () => {
    expect(chosen(H264, { width: 320 }, ['mpeg1'])).toBe('sub transcoded by the hub');
    expect(chosen([], { stream: 'main' }, ['mpeg1'])).toBe('main transcoded by the hub');
    expect(chosen(H264, {}, ['h264', 'mpeg1'])).toBe('sub tile-size');
    expect(chosen(H264, {}, ['h265', 'mpeg1'])).toBe('sub transcoded by the hub');
    expect(chosen(MJPEG, {}, ['mjpeg', 'mpeg1'])).toBe('main only-stream');
    // What nobody knows yet is not tried on a screen that is sure of MPEG-1 only.
    expect(chosen([], {}, ['mjpeg', 'mpeg1'])).toBe('sub transcoded by the hub');
    expect(chosen([stream('main', null, null)], {}, ['mjpeg', 'mpeg1'])).toBe('main transcoded by the hub');
  });

  test('nothing when it decodes nothing', () => {
    expect(chosen(H264, {}, [])).toBeNull();
    expect(chosen(H264, {}, ['h265', 'mjpeg'])).toBeNull();
  });

  test('a codec that is not known is tried', () => {
    expect(chosen([stream('main', null, null)], { stream: 'main' })).toBe('main asked');
    expect(chosen([stream('main', 'av01.0.04M.08', 1280)], { stream: 'main' })).toBe('main asked');
  });
});

test.each([
  ['avc1.64001f', 'h264'],
  ['H264', 'h264'],
  ['H.264', 'h264'],
  ['hvc1.1.6.L93.B0', 'h265'],
  ['hev1.1.6.L93.B0', 'h265'],
  ['HEVC', 'h265'],
  ['JPEG', 'mjpeg'],
  ['mp4v.6C', 'mjpeg'],
  ['mp4v.20.9', null],
])('%s is %s', (name, family) => expect(familyOf(name)).toBe(family));
