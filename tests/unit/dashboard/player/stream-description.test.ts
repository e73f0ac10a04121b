import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDescription } from '../../../../dashboard/src/player/stream-description.ts';

describe('the description of an init message', () => {
  it('says codec, size and what is really sent', () => {
    const sent = { stream: 'sub', why: 'line', keyFramesOnly: true };
    const text = JSON.stringify({ codec: 'avc1.64001f', width: 640, height: 360, sent });
    expect(parseDescription(text)).toEqual({ codec: 'avc1.64001f', width: 640, height: 360, sent });
  });

  it('goes without what it does not know', () => {
    const plain = { codec: 'mp4v.6C', width: 0, height: 0 };
    expect(parseDescription('{"codec":"mp4v.6C","width":"x"}')).toEqual(plain);
    for (const sent of [{ stream: 'third', why: 'line' }, { stream: 'sub', why: 'whim' }, null, 'sub']) {
      expect(parseDescription(JSON.stringify({ codec: 'mp4v.6C', sent }))).toEqual(plain);
    }
  });

  it('is none without a codec', () => {
    expect(parseDescription('{}')).toBeNull();
    fc.assert(fc.property(fc.string(), (text) => void parseDescription(text)));
  });
});
