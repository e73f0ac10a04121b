import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SharpEyesError } from '../../../../contract/errors.ts';
import { buildSdp, h264Fmtp } from '../../../../protocols/sdp/build.ts';
import { findFormat, parameterSets, parseFmtp } from '../../../../protocols/sdp/description.ts';
import { parseSdp } from '../../../../protocols/sdp/parse.ts';
import { PPS, SPS_360P } from '../../../support/h264.ts';

const text = buildSdp({
  name: 'gate 1',
  sessionId: 5,
  address: '127.0.0.1',
  medias: [{ kind: 'video', payloadType: 96, rtpmap: 'H264/90000', fmtp: h264Fmtp(SPS_360P, PPS), control: 'track=0' }],
});

describe('session descriptions', () => {
  it('that we build can be read', () => {
    const sdp = parseSdp(text);
    expect(sdp).toMatchObject({ name: 'gate 1', control: '*', medias: [{ kind: 'video', control: 'track=0' }] });
    const [media] = sdp.medias;
    if (media === undefined) throw new Error('no media');
    expect(findFormat(media, 'h264')).toMatchObject({ payloadType: 96, map: { clockRate: 90_000 } });
    expect(findFormat(media, 'H265')).toBeNull();
    expect(parameterSets(media.fmtps.get('96') ?? '')).toEqual([SPS_360P, PPS]);
  });

  it('with several formats give the H.264 one', () => {
    const [media] = parseSdp('m=video 0 RTP/AVP 96 111\na=rtpmap:96 MP4V-ES/90000\na=rtpmap:111 h264/90000').medias;
    expect(media && findFormat(media, 'H264')?.payloadType).toBe(111);
  });

  it('parameters survive odd spelling', () => {
    expect([...parseFmtp(' Packetization-Mode = 1;;x;sprop-parameter-sets=Zw==,')]).toEqual([
      ['packetization-mode', '1'],
      ['x', ''],
      ['sprop-parameter-sets', 'Zw==,'],
    ]);
    expect(parameterSets('sprop-parameter-sets=,%%%')).toEqual([]);
  });

  it('survive truncation and noise; what is no description is refused', () => {
    for (let end = 2; end < text.length; end += 1) parseSdp(text.slice(0, end + 1));
    expect(() => parseSdp('<html></html>')).toThrow(SharpEyesError);
    expect(() => parseSdp('')).toThrow(SharpEyesError);
    expect(() => parseSdp('a='.padEnd(300_000, 'x'))).toThrow(SharpEyesError);
    expect(parseSdp('m=video 0 RTP/AVP 96\n'.repeat(500)).medias).toHaveLength(64);
    const line = fc
      .tuple(fc.constantFrom('m', 'a', 's', 'c', 'z'), fc.string({ unit: 'binary' }))
      .map(([k, v]) => `${k}=${v}`);
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), (lines) => {
        for (const media of parseSdp(lines.join('\n')).medias) findFormat(media, 'H264');
      }),
    );
  });
});
