import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHead, type RtspResponse } from '../../../../protocols/rtsp/message.ts';
import { parseMethods, parseRtpInfo, parseSession } from '../../../../protocols/rtsp/session.ts';
import { interleavedTransport, parseTransport } from '../../../../protocols/rtsp/transport.ts';
import { contentBase, parseRtspUrl, resolveControl } from '../../../../protocols/rtsp/url.ts';

function response(headers: string): RtspResponse {
  const message = parseHead(`RTSP/1.0 200 OK\r\n${headers}`);
  if (message?.kind !== 'response') throw new Error('no response');
  return message;
}

describe('RTSP URLs', () => {
  it('takes credentials out and leaves path and query untouched', () => {
    expect(parseRtspUrl('rtsp://admin:p%40ss%20w@10.0.0.1:8554/cam/realmonitor?channel=1&subtype=0')).toEqual({
      url: 'rtsp://10.0.0.1:8554/cam/realmonitor?channel=1&subtype=0',
      host: '10.0.0.1',
      port: 8554,
      secure: false,
      credentials: { username: 'admin', password: 'p@ss w' },
    });
  });

  it('knows default ports, IPv6 and TLS', () => {
    expect(parseRtspUrl('rtsp://cam')).toMatchObject({ url: 'rtsp://cam/', port: 554, credentials: null });
    expect(parseRtspUrl('RTSPS://[fe80::1]/x')).toMatchObject({
      url: 'rtsps://[fe80::1]/x',
      host: 'fe80::1',
      port: 322,
      secure: true,
    });
  });

  it.each(['http://cam/', 'rtsp://', 'rtsp://cam:99999/', 'cam', 'rtsp://cam:0/'])('refuses %s', (text) => {
    expect(() => parseRtspUrl(text)).toThrow(/rtsp:\/\/host/);
  });

  it('never fails in another way', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          parseRtspUrl(`rtsp://${text}`);
        } catch (error) {
          expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
        }
      }),
    );
  });
});

describe('control addresses', () => {
  const dahua = 'rtsp://192.168.5.111:554/cam/realmonitor?channel=1&subtype=1&unicast=true&proto=Onvif/';
  it.each([
    [dahua, 'trackID=0', `${dahua}trackID=0`],
    ['rtsp://c/path?a=1', 'trackID=0', 'rtsp://c/path?a=1/trackID=0'],
    ['rtsp://c/path', '*', 'rtsp://c/path'],
    ['rtsp://c/path', null, 'rtsp://c/path'],
    ['rtsp://c/path/', '/track1', 'rtsp://c/path/track1'],
    ['rtsp://c/path', '/track1', 'rtsp://c/path/track1'],
    ['rtsp://c/path/', '?ctype=video', 'rtsp://c/path?ctype=video'],
    ['rtsp://c/path', 'rtsp://d/x/trackID=1?y', 'rtsp://d/x/trackID=1?y'],
  ])('%s with %s', (base, control, expected) => {
    expect(resolveControl(base, control)).toBe(expected);
  });

  it.each([
    ['Content-Base: rtsp://d/x/', 'rtsp://d/x/'],
    ['Content-Location: rtsp://e/', 'rtsp://e/'],
    ['Content-Base:\r\nContent-Location: /y/', 'rtsp://cam:554/y/'],
    ['Content-Base: 10.0.0.9:554/z/', 'rtsp://10.0.0.9:554/z/'],
    ['Content-Base: //10.0.0.9/z/', 'rtsp://10.0.0.9/z/'],
    ['Content-Base: ???', 'rtsp://cam:554/x?y=1'],
    ['', 'rtsp://cam:554/x?y=1'],
  ])('base from "%s"', (headers, expected) => {
    expect(contentBase(response(headers), 'rtsp://cam:554/x?y=1')).toBe(expected);
  });
});

it('Transport offers are read in order', () => {
  expect(
    parseTransport('RTP/AVP;unicast;client_port=4588-4589;server_port=6256-6257,RTP/AVP/TCP;interleaved=2;ssrc=zz'),
  ).toMatchObject([
    { profile: 'RTP/AVP', clientPort: [4588, 4589], serverPort: [6256, 6257], interleaved: null },
    { profile: 'RTP/AVP/TCP', interleaved: [2, 3], ssrc: null },
  ]);
  expect(parseTransport(interleavedTransport(4))[0]?.interleaved).toEqual([4, 5]);
  expect(parseTransport('RTP/AVP/TCP;interleaved=0-999')[0]?.interleaved).toBeNull();
});

it('Session, Public and RTP-Info', () => {
  expect(parseSession('abc; timeout = 30 ;x=1')).toEqual({ id: 'abc', timeoutSeconds: 30 });
  expect(parseSession('abc;timeout=0')).toEqual({ id: 'abc', timeoutSeconds: null });
  expect(parseSession(' ;timeout=3')).toBeNull();
  expect(parseMethods('OPTIONS, describe PLAY')).toEqual(new Set(['OPTIONS', 'DESCRIBE', 'PLAY']));
  expect(parseRtpInfo('url=rtsp://c/a,b;c/trackID=1;seq=7;rtptime=-1, url="x";rtptime=5')).toEqual([
    { url: 'rtsp://c/a,b;c/trackID=1', seq: 7, rtpTime: null, ssrc: null },
    { url: 'x', seq: null, rtpTime: 5, ssrc: null },
  ]);
});

it('header readers survive anything', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
      parseTransport(text);
      parseSession(text);
      parseRtpInfo(`url=${text}`);
      parseHead(text);
      parseMethods(text);
    }),
  );
});
