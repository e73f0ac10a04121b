import { describe, expect, test } from 'vitest';
import { SharpEyesError } from '../../../../contract/errors.ts';
import { atDevice, parseDeviceUrl, streamAtDevice } from '../../../../edge/drivers/onvif/device-url.ts';
import { deviceReasonOf } from '../../../../edge/drivers/onvif/reason.ts';
import { chooseProfiles } from '../../../../edge/drivers/onvif/streams.ts';
import { mediaProfile } from '../../../support/fake-onvif.ts';

describe('addresses', () => {
  const device = parseDeviceUrl('http://admin:x@10.0.0.5:8000/onvif/device_service');

  test('of web services are brought to the host that answers', () => {
    expect(device.href).toBe('http://10.0.0.5:8000/onvif/device_service');
    expect(atDevice('http://10.0.0.5:81/media?a=1', device)).toBe('http://10.0.0.5:81/media?a=1');
    expect(atDevice('http://u:p@192.168.1.64:80/media', device)).toBe('http://10.0.0.5:8000/media');
    expect(atDevice('https://camera.local:8443/media', device)).toBe('https://10.0.0.5:8443/media');
    expect(atDevice('file:///etc/passwd', device)).toBeNull();
    expect(atDevice('{{template}}', device)).toBeNull();
  });

  test('of streams keep everything but the host', () => {
    const query = '/cam/realmonitor?channel=1&subtype=1|x';
    expect(streamAtDevice(`rtsp://u:p@192.168.1.64:554${query}`, device)).toBe(`rtsp://10.0.0.5:554${query}`);
    expect(streamAtDevice(`rtsp://10.0.0.5${query}`, device)).toBe(`rtsp://10.0.0.5${query}`);
    expect(streamAtDevice('http://10.0.0.5/', device)).toBeNull();
  });

  test('of other protocols are refused', () => {
    expect(() => parseDeviceUrl('rtsp://10.0.0.5/')).toThrow(SharpEyesError);
    expect(() => parseDeviceUrl('10.0.0.5')).toThrow(SharpEyesError);
  });
});

describe('streams', () => {
  const chosen = (...profiles: Parameters<typeof mediaProfile>[]): string[] =>
    chooseProfiles(profiles.map((profile) => mediaProfile(...profile))).map(
      ({ name, profile }) => `${name} ${profile.token}`,
    );

  test('the largest is main, the smallest of the others sub', () => {
    expect(chosen(['b', 640, 360], ['a', 1920, 1080], ['c', 320, 180])).toEqual(['main a', 'sub c']);
    expect(chosen(['a', 1920, 1080], ['b', 1920, 1080])).toEqual(['main a']);
  });

  test('H.265 is main, H.264 sub, and JPEG is taken only where there is nothing else', () => {
    const jpeg = ['x', 4000, 3000, 'JPEG'] as const;
    expect(chosen([...jpeg], ['a', 2560, 1440, 'H265'], ['b', 1280, 720], ['c', 640, 360])).toEqual([
      'main a',
      'sub c',
    ]);
    expect(chosen(['a', 1920, 1080, 'H265'], ['b', 640, 360], ['c', 320, 180, 'H265'])).toEqual(['main a', 'sub b']);
    expect(chosen(['a', 1920, 1080, 'H265'], ['c', 320, 180, 'H265'])).toEqual(['main a', 'sub c']);
    expect(chosen(['x', 640, 480, 'JPEG'])).toEqual(['main x']);
  });

  test('what cannot be carried is left out, even when it is the largest', () => {
    expect(chosen(['a', 1920, 1080, 'MPEG4'], ['b', 640, 360])).toEqual(['main b']);
    expect(chosen(['a', 1920, 1080, 'MPV4-ES'])).toEqual([]);
  });

  test('of a recorder with several channels the first is taken', () => {
    const other = { ...mediaProfile('z', 3840, 2160), videoSourceToken: 'channel2' };
    expect(chooseProfiles([mediaProfile('a', 640, 360), other]).map(({ profile }) => profile.token)).toEqual(['a']);
  });
});

test('every failure has a reason for a person', () => {
  const of = (code: ConstructorParameters<typeof SharpEyesError>[0], lockedOut = false): string =>
    deviceReasonOf(new SharpEyesError(code, 'x', { context: { lockedOut } }));
  expect([of('DEVICE_UNREACHABLE'), of('TIMEOUT'), of('DEVICE_PROTOCOL'), of('ADDRESS_NOT_ALLOWED')]).toEqual([
    'unreachable',
    'no-answer',
    'garbage',
    'address-not-allowed',
  ]);
  expect([of('DEVICE_REFUSED_CREDENTIALS'), of('DEVICE_REFUSED_CREDENTIALS', true)]).toEqual([
    'refused-credentials',
    'locked-out',
  ]);
  expect(deviceReasonOf(new Error('x'))).toBe('garbage');
});
