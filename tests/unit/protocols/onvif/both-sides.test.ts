import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SharpEyesError } from '../../../../contract/errors.ts';
import { parseAnswer } from '../../../../protocols/onvif/answer.ts';
import {
  buildCapabilities,
  buildDeviceInformation,
  buildNetworkInterfaces,
  buildScopes,
  buildServices,
  buildSystemDateAndTime,
} from '../../../../protocols/onvif/build-device.ts';
import { buildDoorInfoList, buildDoorState } from '../../../../protocols/onvif/build-door.ts';
import {
  buildEventProperties,
  buildPullMessages,
  buildPullPoint,
  buildRenew,
} from '../../../../protocols/onvif/build-events.ts';
import { buildMediaUri, buildProfiles } from '../../../../protocols/onvif/build-media.ts';
import {
  parseCapabilities,
  parseDeviceInformation,
  parseHardwareAddresses,
  parseScopes,
  parseServices,
  parseSystemDateAndTime,
} from '../../../../protocols/onvif/parse-device.ts';
import { parseDoorInfoList, parseDoorState } from '../../../../protocols/onvif/parse-door.ts';
import {
  parseEventProperties,
  parseNotifications,
  parsePullPoint,
  parseTimes,
} from '../../../../protocols/onvif/parse-events.ts';
import { type MediaProfile, parseMediaUri, parseProfiles } from '../../../../protocols/onvif/parse-media.ts';
import {
  parsePullMessagesRequest,
  parseRequest,
  parseTerminationRequest,
} from '../../../../protocols/onvif/parse-request.ts';
import { buildRequest } from '../../../../protocols/onvif/request.ts';
import { createPullPointSubscription, pullMessages } from '../../../../protocols/onvif/request-events.ts';
import { getProfiles2, getStreamUri } from '../../../../protocols/onvif/request-media.ts';
import { buildFault } from '../../../../protocols/soap/fault.ts';
import { NAMESPACES } from '../../../../protocols/soap/namespaces.ts';
import { usernameTokenHeader, verifyUsernameToken } from '../../../../protocols/soap/username-token.ts';

const AT_MS = Date.UTC(2026, 10, 22, 8, 30, 15);
/** Text that XML has to escape, and text that it does not. */
const anyText = fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.trim().replace(/[^\P{C}]/gu, ''));
const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,12}$/);

describe('what a device writes is what the client reads', () => {
  test('clock, identity, services, scopes', () => {
    const time = { utcMs: AT_MS, localAsUtcMs: AT_MS + 8 * 3_600_000, source: 'NTP' as const, timeZone: 'CST-8' };
    const read = <T>(operation: string, xml: string, parse: (body: ReturnType<typeof parseAnswer>) => T): T =>
      parse(parseAnswer(xml, operation));
    expect(read('GetSystemDateAndTime', buildSystemDateAndTime(time), parseSystemDateAndTime)).toEqual(time);
    const services = [{ namespace: NAMESPACES.trt, xaddr: 'http://127.0.0.1/m?a=1&b=<2>', version: '2.60' }];
    expect(read('GetServices', buildServices(services), parseServices)).toEqual(services);
    expect(read('GetNetworkInterfaces', buildNetworkInterfaces('02:00:00:00:00:01'), parseHardwareAddresses)).toEqual([
      '02:00:00:00:00:01',
    ]);
    expect(read('GetScopes', buildScopes(['onvif://www.onvif.org/name/A']), parseScopes)).toHaveLength(1);
    const capabilities = read(
      'GetCapabilities',
      buildCapabilities({ device: 'http://d/', media: 'http://m/', events: 'http://e/' }),
      parseCapabilities,
    );
    expect(capabilities).toMatchObject({
      xaddrs: { device: 'http://d/', media: 'http://m/', events: 'http://e/' },
      pullPoint: true,
    });
  });

  test('device information with any text', () => {
    fc.assert(
      fc.property(anyText, anyText, (manufacturer, model) => {
        const information = { manufacturer, model, firmwareVersion: '1', serialNumber: null, hardwareId: null };
        const read = parseDeviceInformation(parseAnswer(buildDeviceInformation(information), 'GetDeviceInformation'));
        expect(read).toEqual({ ...information, manufacturer: manufacturer || null, model: model || null });
      }),
    );
  });

  test.each([1, 2] as const)('profiles and addresses of media service %i', (media) => {
    const profile: MediaProfile = {
      token: 'main',
      name: 'Main',
      media,
      videoSourceConfigToken: 'vsc',
      videoSourceToken: 'vs',
      video: { token: 'v', encoding: 'H264', width: 1920, height: 1080, fps: 25, kbps: 4096 },
      audioEncoding: null,
      ptz: null,
    };
    expect(parseProfiles(parseAnswer(buildProfiles(media, [profile]), 'GetProfiles'))).toEqual([profile]);
    const uri = 'rtsp://127.0.0.1:8554/a?b=1&c=2';
    expect(parseMediaUri(parseAnswer(buildMediaUri(media, 'GetStreamUri', uri), 'GetStreamUri'))).toBe(uri);
  });

  test('pull point, renewal and notifications with any items', () => {
    const point = parsePullPoint(
      parseAnswer(buildPullPoint('http://127.0.0.1/sub/1', AT_MS, AT_MS + 60_000), 'CreatePullPointSubscription'),
    );
    expect(point).toEqual({
      address: 'http://127.0.0.1/sub/1',
      referenceParameters: [],
      currentTimeMs: AT_MS,
      terminationTimeMs: AT_MS + 60_000,
    });
    expect(parseTimes(parseAnswer(buildRenew(AT_MS, AT_MS + 1000), 'Renew'))).toEqual({
      currentTimeMs: AT_MS,
      terminationTimeMs: AT_MS + 1000,
    });
    fc.assert(
      fc.property(fc.dictionary(word, anyText, { maxKeys: 5 }), fc.dictionary(word, anyText), (source, data) => {
        const xml = buildPullMessages(
          [{ topic: 'tns1:Door/State/DoorAlarm', utcTimeMs: AT_MS, propertyOperation: 'Changed', source, data }],
          AT_MS,
          AT_MS,
        );
        expect(parseNotifications(parseAnswer(xml, 'PullMessages'))).toEqual([
          {
            topic: 'tns1:Door/State/DoorAlarm',
            topicWritten: 'tns1:Door/State/DoorAlarm',
            propertyOperation: 'Changed',
            utcTimeMs: AT_MS,
            source: { ...source },
            key: {},
            data: { ...data },
          },
        ]);
      }),
    );
  });

  test('topics and doors', () => {
    const topics = [
      {
        topic: 'tns1:VideoSource/MotionAlarm',
        isProperty: true,
        source: { Source: 'tt:ReferenceToken' },
        key: {},
        data: { State: 'xs:boolean' },
      },
    ];
    expect(parseEventProperties(parseAnswer(buildEventProperties(topics), 'GetEventProperties'))).toEqual(topics);
    const doors = [{ token: 'd1', name: 'Office', description: null }];
    expect(parseDoorInfoList(parseAnswer(buildDoorInfoList(doors), 'GetDoorInfoList'))).toEqual(doors);
    const state = {
      physicalState: 'Open',
      lockState: 'Unlocked',
      alarm: 'DoorForcedOpen',
      tamper: 'NotInTamper',
      fault: null,
      mode: 'Locked',
    };
    expect(parseDoorState(parseAnswer(buildDoorState(state), 'GetDoorState'))).toEqual(state);
  });
});

describe('what the client writes is what a device reads', () => {
  test('operation, namespace and parameters', () => {
    expect(parseRequest(buildRequest(getProfiles2()))).toMatchObject({
      operation: 'GetProfiles',
      namespace: NAMESPACES.tr2,
      token: null,
      to: null,
    });
    expect(parseRequest(buildRequest(getStreamUri('a&b'))).operation).toBe('GetStreamUri');
    const pull = parseRequest(
      buildRequest(pullMessages(20_000, 50), {
        addressing: {
          to: 'http://127.0.0.1/sub/1',
          messageId: 'urn:uuid:1',
          referenceParameters: [{ name: 'SubscriptionId', namespace: 'urn:maker', text: '5' }],
        },
      }),
    );
    expect(pull.to).toBe('http://127.0.0.1/sub/1');
    expect(parsePullMessagesRequest(pull.body)).toEqual({ timeoutMs: 20_000, messageLimit: 50 });
    expect(parseTerminationRequest(parseRequest(buildRequest(createPullPointSubscription(60_000))).body)).toBe(60_000);
  });

  test('a username token proves the password, and only with the right one', () => {
    const security = usernameTokenHeader('admin', 'secret', new Uint8Array(16).fill(7), AT_MS);
    const { token } = parseRequest(buildRequest(getProfiles2(), { security }));
    if (token === null) throw new Error('no token was read');
    expect(verifyUsernameToken(token, 'admin', 'secret')).toBe(true);
    expect(verifyUsernameToken(token, 'admin', 'Secret')).toBe(false);
    expect(verifyUsernameToken(token, 'operator', 'secret')).toBe(false);
  });
});

describe('faults', () => {
  const cases: [string[], string][] = [
    [['s:Sender', 'ter:NotAuthorized'], 'DEVICE_REFUSED_CREDENTIALS'],
    [['s:Receiver', 'ter:ActionNotSupported', 'ter:AudioNotSupported'], 'DEVICE_UNSUPPORTED'],
    [['s:Sender', 'ter:InvalidArgVal', 'ter:NoProfile'], 'DEVICE_PROTOCOL'],
    [['s:Sender'], 'DEVICE_PROTOCOL'],
  ];
  test.each(cases)('%j becomes %s', (codes, code) => {
    const xml = buildFault(codes, 'because');
    expect(() => parseAnswer(xml, 'GetProfiles')).toThrow(expect.objectContaining({ code }));
  });

  test('an answer to something else is refused', () => {
    expect(() => parseAnswer(buildScopes([]), 'GetProfiles')).toThrow(SharpEyesError);
  });
});
