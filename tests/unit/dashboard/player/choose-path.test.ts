import { describe, expect, it } from 'vitest';
import { viewerCodecs } from '../../../../dashboard/src/player/capabilities.ts';
import { choosePath, familyOf } from '../../../../dashboard/src/player/choose-path.ts';
import type { PipelinePath } from '../../../../dashboard/src/player/pipeline.ts';

const path = (
  codec: string,
  able: RegExp,
  more: { failed?: PipelinePath[]; enlarged?: boolean; hasVideoDecoder?: boolean; forced?: string } = {},
): PipelinePath | null =>
  choosePath({
    description: { codec, width: 640, height: 360 },
    failed: new Set(more.failed),
    canDecode: (asked) => able.test(asked),
    hasVideoDecoder: more.hasVideoDecoder ?? true,
    enlarged: more.enlarged ?? false,
    forced: more.forced ?? null,
  });

describe('choosing what shows a stream', () => {
  it("takes the browser's own player where it can", () => {
    expect(path('avc1.64001f', /avc1/)).toBe('mse');
    expect(path('hvc1.1.6.L93.B0', /hvc1/)).toBe('mse');
  });

  it('decodes by itself what somebody looks at closely, where the browser allows it and as long as it works', () => {
    expect(path('avc1.64001f', /avc1/, { enlarged: true })).toBe('webcodecs');
    expect(path('avc1.64001f', /avc1/, { enlarged: true, hasVideoDecoder: false })).toBe('mse');
    expect(path('avc1.64001f', /avc1/, { enlarged: true, failed: ['webcodecs'] })).toBe('mse');
    expect(path('avc1.64001f', /avc1/, { enlarged: true, forced: 'mse' })).toBe('mse');
    expect(path('avc1.64001f', /avc1/, { forced: 'webcodecs' })).toBe('webcodecs');
    expect(path('hvc1.1.6.L93.B0', /avc1/, { enlarged: true })).toBeNull();
  });

  it('draws JPEG pictures whatever the browser says of them', () => {
    expect(path('mp4v.6C', /avc1/)).toBe('canvas');
  });

  it('has nothing for what cannot be decoded, or has failed already', () => {
    expect(path('hvc1.1.6.L93.B0', /avc1/)).toBeNull();
    expect(path('avc1.64001f', /avc1/, { failed: ['mse'] })).toBeNull();
  });

  it.each([
    ['avc1.64001f', 'h264'],
    ['avc3.42e01e', 'h264'],
    ['hev1.1.6.L120.90', 'h265'],
    ['hvc1.1.6.L93.B0', 'h265'],
    ['mp4v.6C', 'mjpeg'],
    ['av01.0.04M.08', null],
  ])('knows the family of %s', (codec, family) => {
    expect(familyOf(codec)).toBe(family);
  });
});

describe('what the browser says it can show', () => {
  const codecs = (able: RegExp, forced: string | null = null, hasMediaSource = true) =>
    viewerCodecs({ hasMediaSource, canDecode: (codec) => able.test(codec), forced });

  it('is asked, not guessed', () => {
    expect(codecs(/avc1/)).toEqual(['h264', 'mjpeg']);
    expect(codecs(/avc1|hvc1/)).toEqual(['h264', 'h265', 'mjpeg']);
    expect(codecs(/avc1|hev1/)).toEqual(['h264', 'h265', 'mjpeg']);
  });

  it('is MPEG-1 only without a media source, or when that is tried out', () => {
    expect(codecs(/never/, null, false)).toEqual(['mjpeg', 'mpeg1']);
    expect(codecs(/./, 'mpeg1')).toEqual(['mjpeg', 'mpeg1']);
    expect(codecs(/./, 'h264')).toEqual(['h264', 'mjpeg']);
  });
});
