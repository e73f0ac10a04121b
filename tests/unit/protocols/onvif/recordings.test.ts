import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Notification } from '../../../../protocols/onvif/notification.ts';
import {
  parseCapabilities,
  parseDeviceInformation,
  parseHardwareAddresses,
  parseRelayOutputs,
  parseScopes,
  parseServices,
  parseSystemDateAndTime,
  parseVideoSources,
} from '../../../../protocols/onvif/parse-device.ts';
import {
  parseEventProperties,
  parseNotifications,
  parsePullPoint,
  parseTimes,
} from '../../../../protocols/onvif/parse-events.ts';
import { parseMediaUri, parseProfiles } from '../../../../protocols/onvif/parse-media.ts';
import { parseDateTime } from '../../../../protocols/onvif/time.ts';
import { parseSoap, type SoapMessage } from '../../../../protocols/soap/parse.ts';
import { parseXml, type XmlElement } from '../../../../protocols/soap/xml.ts';
import { corpusUnits, hasCorpus } from '../../../support/corpus.ts';

type Facts = Record<string, unknown>;

interface ExpectedEvent {
  topic: string;
  utcTime: string | null;
  operation: string | null;
  source: Record<string, string>;
  data: Record<string, string>;
}

/** The recordings state times as text; what is no time there must be null here. */
function ms(text: unknown): number | null {
  return typeof text === 'string' ? parseDateTime(text) : null;
}

/** Topics that the reader keeps as written and this parser straightens (see `canonicalTopic`). */
const GLUED = 'tns1:VideoSource/tns1:Device/';

function expectEvents(found: Notification[], facts: unknown): void {
  const expected = facts as ExpectedEvent[];
  expect(found.map((event) => event.topicWritten)).toEqual(expected.map((event) => event.topic));
  found.forEach((event, index) => {
    const want = expected[index] as ExpectedEvent;
    expect(event.topic).toBe(want.topic.startsWith(GLUED) ? want.topic.slice('tns1:VideoSource/'.length) : want.topic);
    expect(event.propertyOperation).toBe(want.operation);
    expect(event.utcTimeMs).toBe(ms(want.utcTime));
    // The reader put items of messages without a time all into `data`; compare them together.
    expect({ ...event.source, ...event.key, ...event.data }).toEqual({ ...want.source, ...want.data });
    if (want.utcTime !== null) expect(event.source).toEqual(want.source);
  });
}

function profileFacts(body: XmlElement): Facts[] {
  return parseProfiles(body).map((profile) => ({
    token: profile.token,
    name: profile.name,
    ...(profile.media === 2 ? { media: 2 } : {}),
    ...(profile.videoSourceConfigToken === null ? {} : { videoSourceConfigToken: profile.videoSourceConfigToken }),
    ...(profile.videoSourceToken === null ? {} : { videoSourceToken: profile.videoSourceToken }),
    ...(profile.video === null ? {} : { video: profile.video }),
    ...(profile.audioEncoding === null ? {} : { audio: { encoding: profile.audioEncoding } }),
    ...(profile.ptz === null ? {} : { ptz: profile.ptz }),
  }));
}

const CHECKS: Record<string, (body: XmlElement, facts: Facts) => void> = {
  GetDeviceInformationResponse: (body, facts) => {
    const found = parseDeviceInformation(body);
    const present = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== null));
    const wanted = Object.entries(facts['deviceInformation'] as object).filter(([, value]) => value !== '');
    expect(present).toEqual(Object.fromEntries(wanted));
  },
  GetSystemDateAndTimeResponse: (body, facts) => {
    const found = parseSystemDateAndTime(body);
    expect(found.utcMs).toBe(ms(facts['utc']));
    expect(found.localAsUtcMs).toBe(ms(facts['local']));
    expect(found.source).toBe(facts['type']);
    expect(found.timeZone).toBe(facts['tz']);
  },
  GetServicesResponse: (body, facts) => expect(parseServices(body)).toEqual(facts['services']),
  GetCapabilitiesResponse: (body, facts) => {
    const found = parseCapabilities(body);
    expect(found.xaddrs).toEqual(facts['xaddrs']);
    const { pullPoint, subscriptionPolicy } = found;
    expect({ pullPoint, subscriptionPolicy }).toEqual(facts['eventSupport']);
    expect({ inputs: found.inputs, relays: found.relays }).toEqual(facts['io']);
  },
  GetNetworkInterfacesResponse: (body, facts) => expect(parseHardwareAddresses(body)).toEqual(facts['hwAddress']),
  GetScopesResponse: (body, facts) => expect(parseScopes(body)).toEqual(facts['scopes']),
  GetRelayOutputsResponse: (body, facts) =>
    expect(parseRelayOutputs(body).map(({ token, mode, idleState }) => ({ token, mode, idle: idleState }))).toEqual(
      facts['relays'],
    ),
  GetVideoSourcesResponse: (body, facts) => expect(parseVideoSources(body)).toEqual(facts['videoSources']),
  GetProfilesResponse: (body, facts) => expect(profileFacts(body)).toEqual(facts['profiles']),
  GetProfileResponse: (body, facts) => expect(profileFacts(body)).toEqual(facts['profiles']),
  GetStreamUriResponse: (body, facts) => expect(parseMediaUri(body)).toBe(facts['uri']),
  GetSnapshotUriResponse: (body, facts) => expect(parseMediaUri(body)).toBe(facts['uri']),
  GetEventPropertiesResponse: (body, facts) =>
    expect(parseEventProperties(body)).toEqual(
      (facts['topics'] as Facts[]).map((topic) => ({ isProperty: null, source: {}, key: {}, data: {}, ...topic })),
    ),
  CreatePullPointSubscriptionResponse: (body, facts) => {
    const found = parsePullPoint(body);
    expect(found.address).toBe(facts['subscription']);
    expect(found.currentTimeMs).toBe(ms(facts['currentTime']));
    expect(found.terminationTimeMs).toBe(ms(facts['terminationTime']));
    const parameters = found.referenceParameters.map(({ name, text }) => ({ name, text }));
    expect(parameters).toEqual(facts['referenceParameters'] ?? []);
  },
  PullMessagesResponse: (body, facts) => {
    const times = parseTimes(body);
    expect(times).toEqual({ currentTimeMs: ms(facts['currentTime']), terminationTimeMs: ms(facts['terminationTime']) });
    expectEvents(parseNotifications(body), facts['events']);
  },
  GetServiceCapabilitiesResponse: () => undefined,
  RenewResponse: (body) => expect(parseTimes(body).terminationTimeMs).not.toBeNull(),
  UnsubscribeResponse: () => undefined,
};

function expectFault(message: SoapMessage, facts: Facts): void {
  const fault = facts['fault'] as { codes: string[]; reason: string; detail?: string };
  expect(message.fault?.codes).toEqual(fault.codes);
  expect(message.fault?.reason).toBe(fault.reason);
  expect(message.fault?.detail).toBe(fault.detail ?? null);
}

function expectFacts(source: Uint8Array | string, facts: Facts): void {
  const operation = facts['op'];
  if (facts['notSoap'] === true) {
    const refused = expect.objectContaining({ code: expect.stringMatching(/^(DEVICE_PROTOCOL|LIMIT_REACHED)$/) });
    expect(() => parseSoap(source)).toThrow(refused);
    return;
  }
  if (operation === 'MetadataStream') {
    expectEvents(parseNotifications(parseXml(source)), facts['events']);
    return;
  }
  const message = parseSoap(source);
  expect(message.operation).toBe(operation);
  if (operation === 'Fault') {
    expectFault(message, facts);
    return;
  }
  const check = CHECKS[String(operation)];
  if (check === undefined || message.body === undefined) throw new Error(`no check for ${String(operation)}`);
  check(message.body, facts);
}

for (const category of ['onvif', 'onvif-events']) {
  describe.skipIf(!hasCorpus)(`recorded answers: ${category}`, () => {
    for (const unit of corpusUnits(category)) {
      for (const [file, facts] of Object.entries(unit.expected as Record<string, Facts>)) {
        test(`${unit.name}/${file}`, () => {
          if (!file.endsWith('.jsonl')) {
            expectFacts(readFileSync(join(unit.folder, file)), facts);
            return;
          }
          const lines = readFileSync(join(unit.folder, file), 'utf8').trim().split('\n');
          for (const exchange of facts['exchanges'] as Facts[]) {
            const line = lines[Number(exchange['line']) - 1] ?? '{}';
            expectFacts((JSON.parse(line) as { response: string }).response, exchange);
          }
        });
      }
    }
  });
}
