import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SharpEyesError } from '../../../../contract/errors.ts';
import { chooseBackChannel, chooseTracks, namesBackChannel } from '../../../../edge/media/tracks.ts';
import { parseHead } from '../../../../protocols/rtsp/message.ts';
import { parseSdp } from '../../../../protocols/sdp/parse.ts';
import { CORPUS, hasCorpus } from '../../../support/corpus.ts';

const BASE = 'rtsp://10.0.0.1/cam/';
const choose = (...lines: string[]) => chooseTracks(parseSdp(['v=0', ...lines].join('\r\n')), BASE);
const H264 = ['m=video 0 RTP/AVP 96', 'a=rtpmap:96 H264/90000', 'a=control:v'];

/** Every description of the corpus: its files, and the bodies of recorded answers. */
function descriptions(): [name: string, sdp: string][] {
  const root = join(CORPUS, 'rtsp');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(sdp|txt)$/.test(name));
  return files
    .filter((name) => statSync(join(root, name)).isFile())
    .flatMap((name): [string, string][] => {
      const text = readFileSync(join(root, name), 'latin1');
      if (name.endsWith('.sdp')) return [[name, text]];
      const body = text.slice(text.search(/\r?\n\r?\n/)).trimStart();
      return parseHead(text) !== null && body.startsWith('v=') ? [[name, body]] : [];
    });
}

const found = hasCorpus ? descriptions() : [];

describe.skipIf(!hasCorpus)('descriptions of real devices', () => {
  it('are all understood or refused with a name', () => {
    expect(found.length).toBeGreaterThan(20);
    const chosen = found.map(([, text]) => {
      try {
        return chooseTracks(parseSdp(text), BASE).video.family;
      } catch (error) {
        expect(error).toBeInstanceOf(SharpEyesError);
        return null;
      }
    });
    expect(chosen.filter((family) => family !== null).length).toBeGreaterThan(found.length / 2);
  });

  it.each([
    ['dahua_describe_h264_aac_onvif.txt', 'h264', 'aac', true],
    ['dahua_describe_h265_pcma.txt', 'h265', 'pcma', false],
  ])('%s', (file, family, audio, metadata) => {
    const text = found.find(([name]) => name.endsWith(file))?.[1] ?? '';
    const tracks = chooseTracks(parseSdp(text), BASE);
    expect([tracks.video.family, tracks.audio?.codec, tracks.metadata !== null]).toEqual([family, audio, metadata]);
    expect(tracks.video.parameterSets.length).toBe(family === 'h265' ? 3 : 2);
    expect(tracks.video.controlUrl).not.toBe(tracks.audio?.controlUrl);
  });
});

describe('choosing tracks', () => {
  it('takes the first picture that can be carried', () => {
    const vp8 = ['m=video 0 RTP/AVP 97', 'a=rtpmap:97 VP8/90000'];
    expect(choose(...vp8, ...H264).video).toMatchObject({ family: 'h264', payloadType: 96, controlUrl: `${BASE}v` });
    expect(choose('m=video 0 RTP/AVP 26', 'a=x-dimensions:4096,2160').video).toMatchObject({
      family: 'mjpeg',
      clockRate: 90_000,
      size: { width: 4096, height: 2160 },
    });
    expect(choose('m=video 0 RTP/AVP 26', 'a=framesize:26 640-480').video.size).toEqual({ width: 640, height: 480 });
    const hevc = ['m=video 0 RTP/AVP 98', 'a=rtpmap:98 H265/90000', 'a=fmtp:98 sprop-max-don-diff=2; sprop-vps=QAEM'];
    expect(choose(...hevc).video).toMatchObject({ family: 'h265', maxDonDiff: 2 });
  });

  it('refuses what has no picture, or one that is encrypted', () => {
    const refused = expect.objectContaining({ code: 'STREAM_UNSUPPORTED' }) as Error;
    expect(() => choose('m=audio 0 RTP/AVP 0')).toThrow(refused);
    expect(() => choose('m=video 0 RTP/SAVP 96', ...H264.slice(1))).toThrow(refused);
    expect(() => choose()).toThrow(refused);
  });

  it('takes a camera’s only sound even where it calls it the wrong way round', () => {
    expect(choose(...H264, 'm=audio 0 RTP/AVP 0', 'a=sendonly').audio?.codec).toBe('pcmu');
  });

  it('finds the loudspeaker, µ-law first, 8 kHz alone', () => {
    const back = (...lines: string[]) => chooseBackChannel(parseSdp(['v=0', ...lines].join('\r\n')), BASE);
    const wide = ['m=audio 0 RTP/AVP 97', 'a=rtpmap:97 PCMU/16000', 'a=sendonly'];
    const both = ['m=audio 0 RTP/AVP 8 0', 'a=control:t', 'a=sendonly'];
    expect(back(...wide, ...both)).toMatchObject({ codec: 'pcmu', payloadType: 0, controlUrl: `${BASE}t` });
    expect(back('m=audio 0 RTP/AVP 8', 'a=sendonly').codec).toBe('pcma');
    expect(() => back(...wide)).toThrow(expect.objectContaining({ code: 'DEVICE_UNSUPPORTED' }) as Error);
    expect(namesBackChannel(parseSdp(['v=0', 'm=audio 0 RTP/AVP 0', ...both].join('\r\n')))).toBe(true);
  });

  it('survives any description', () => {
    const line = fc.oneof(
      fc.constantFrom(...H264, 'm=audio 0 RTP/AVP 97 0', 'a=sendonly', 'a=framesize:26 1-', 'm=video x RTP/AVP 26 98'),
      fc.string().map((text) => `a=rtpmap:97 ${text}`),
      fc.string().map((text) => `a=fmtp:97 config=${text};sizelength=${text}`),
      fc.string().map((text) => `a=fmtp:96 sprop-parameter-sets=${text};sprop-max-don-diff=${text}`),
      fc.tuple(fc.constantFrom('m', 'a', 's', 'c'), fc.string()).map(([kind, text]) => `${kind}=${text}`),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        const sdp = parseSdp(['v=0', ...lines].join('\n'));
        for (const step of [chooseTracks, chooseBackChannel]) {
          try {
            step(sdp, BASE);
          } catch (error) {
            expect(error).toBeInstanceOf(SharpEyesError);
          }
        }
      }),
    );
  });
});
