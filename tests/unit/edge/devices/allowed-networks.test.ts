import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SharpEyesError } from '../../../../contract/errors.ts';
import { AllowedNetworks, parseDeviceUrl } from '../../../../edge/devices/allowed-networks.ts';

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

describe('allowed networks', () => {
  test.each([
    ['192.168.1.20', true],
    ['172.31.255.1', true],
    ['172.32.0.1', false],
    ['8.8.8.8', false],
    ['127.0.0.1', false],
    ['169.254.169.254', false],
    ['::1', false],
    ['::ffff:8.8.8.8', false],
    ['not-an-address', false],
  ])('%s: %s', (address, expected) => {
    expect(new AllowedNetworks(PRIVATE, false).allows(address)).toBe(expected);
  });

  test('the metadata address of clouds stays closed even when everything is allowed', () => {
    const all = new AllowedNetworks(['0.0.0.0/0'], true);
    expect(all.allows('169.254.169.254')).toBe(false);
    expect(all.allows('224.0.0.1')).toBe(false);
    expect(all.allows('127.0.0.5')).toBe(true);
  });

  test('this machine itself stays closed even when everything is allowed, unless it is opened', () => {
    const all = new AllowedNetworks(['0.0.0.0/0', '::/0'], false);
    expect(all.allows('203.0.113.5')).toBe(true);
    for (const own of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) expect([own, all.allows(own)]).toEqual([own, false]);
  });

  test('a URL outside is refused with the networks that are allowed', async () => {
    const networks = new AllowedNetworks(PRIVATE, false);
    await expect(networks.check('rtsp://10.1.2.3/x')).resolves.toBeUndefined();
    await expect(networks.check('http://[::1]/onvif')).rejects.toMatchObject({ code: 'ADDRESS_NOT_ALLOWED' });
    await expect(networks.check('rtsp://localhost/x')).rejects.toMatchObject({ code: 'ADDRESS_NOT_ALLOWED' });
    await expect(networks.check('rtsp://203.0.113.5/x')).rejects.toThrow(/192\.168\.0\.0\/16/);
  });

  test('numbers that mean an address in disguise are seen through', async () => {
    const networks = new AllowedNetworks(PRIVATE, false);
    for (const host of ['2130706433', '0x7f.1', '0177.0.0.1']) {
      await expect(networks.check(`http://${host}/`)).rejects.toMatchObject({ code: 'ADDRESS_NOT_ALLOWED' });
    }
  });

  test('a network that is none is a fault of the configuration', () => {
    expect(() => new AllowedNetworks(['10.0.0.0/33'], false)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }) as Error,
    );
  });
});

describe('address of a device', () => {
  test('user information is taken out of it', () => {
    expect(parseDeviceUrl('rtsp://admin:p%40ss@192.168.1.20:554/Streaming/1?x=1')).toEqual({
      url: 'rtsp://192.168.1.20:554/Streaming/1?x=1',
      driver: 'rtsp',
      username: 'admin',
      password: 'p@ss',
    });
    expect(parseDeviceUrl('http://192.168.1.20/onvif/device_service').driver).toBe('onvif');
  });

  test.each(['ftp://10.0.0.1/', 'file:///etc/passwd', 'javascript:alert(1)', '192.168.1.20', ''])(
    '%s is refused',
    (text) => {
      expect(() => parseDeviceUrl(text)).toThrow(expect.objectContaining({ code: 'INVALID_BODY' }) as Error);
    },
  );

  test('a stray percent sign in a password is taken as it is', () => {
    expect(parseDeviceUrl('rtsp://admin:100%@192.168.1.20/').password).toBe('100%');
  });

  test('survives any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl({ withFragments: true })), (text) => {
        try {
          const { username, password } = new URL(parseDeviceUrl(text).url);
          expect([username, password]).toEqual(['', '']);
        } catch (error) {
          if (!(error instanceof SharpEyesError)) throw error;
        }
      }),
    );
  });
});
