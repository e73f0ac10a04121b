import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SharpEyesError } from '../../../../contract/errors.ts';
import { NAMESPACES } from '../../../../protocols/soap/namespaces.ts';
import { buildBye, buildHello, buildProbe, buildProbeMatches } from '../../../../protocols/ws-discovery/build.ts';
import { endpointKey, normaliseMac, scopeFacts } from '../../../../protocols/ws-discovery/identity.ts';
import { parseDiscovery } from '../../../../protocols/ws-discovery/parse.ts';

const DEVICE = {
  endpoint: 'urn:uuid:0a1b2c3d-0000-4000-8000-000000000001',
  scopes: ['onvif://www.onvif.org/name/Gate%20%E5%8C%97', 'onvif://www.onvif.org/hardware/X1'],
  xaddrs: ['http://127.0.0.2:8000/onvif/device_service'],
};
const SEQUENCE = { instanceId: 7, messageNumber: 3 };

/** A network printer's answer to a probe for anything (WSD printers are everywhere in offices). */
const PRINTER = `<?xml version="1.0"?><soap:Envelope xmlns:soap="${NAMESPACES.s}" xmlns:wsd="${NAMESPACES.d}"
  xmlns:wsa="${NAMESPACES.wsad}" xmlns:wsdp="http://schemas.xmlsoap.org/ws/2006/02/devprof"
  xmlns:wprt="http://schemas.microsoft.com/windows/2006/08/wdp/print"><soap:Body><wsd:ProbeMatches><wsd:ProbeMatch>
  <wsa:EndpointReference><wsa:Address>urn:uuid:16a65700-007c-1000-bb49-30055c000001</wsa:Address></wsa:EndpointReference>
  <wsd:Types>wsdp:Device wprt:PrintDeviceType</wsd:Types><wsd:XAddrs>http://127.0.0.9:80/WebServices/Device</wsd:XAddrs>
  <wsd:MetadataVersion>1</wsd:MetadataVersion></wsd:ProbeMatch></wsd:ProbeMatches></soap:Body></soap:Envelope>`;

describe('messages survive the way there and back', () => {
  test('probe', () => {
    expect(parseDiscovery(buildProbe('urn:uuid:p1', 'network-video-transmitter'))).toEqual({
      kind: 'probe',
      messageId: 'urn:uuid:p1',
      types: [{ namespace: NAMESPACES.dn, name: 'NetworkVideoTransmitter' }],
      scopes: [],
    });
    expect(parseDiscovery(buildProbe('urn:uuid:p2', 'any'))).toMatchObject({ kind: 'probe', types: [] });
    expect(parseDiscovery(buildProbe('urn:uuid:p3', 'onvif-device'))).toMatchObject({
      types: [{ namespace: NAMESPACES.tds, name: 'Device' }],
    });
  });

  test('probe matches, hello and bye', () => {
    const types = ['dn:NetworkVideoTransmitter', 'tds:Device'];
    const said = { ...DEVICE, types, metadataVersion: 1, speaksOnvif: true };
    expect(parseDiscovery(buildProbeMatches('urn:uuid:m', 'urn:uuid:p1', SEQUENCE, [DEVICE]))).toEqual({
      kind: 'probe-matches',
      messageId: 'urn:uuid:m',
      relatesTo: 'urn:uuid:p1',
      matches: [said],
    });
    expect(parseDiscovery(buildHello('urn:uuid:h', SEQUENCE, DEVICE))).toEqual({
      kind: 'hello',
      messageId: 'urn:uuid:h',
      announcement: said,
    });
    expect(parseDiscovery(buildBye('urn:uuid:b', SEQUENCE, DEVICE.endpoint))).toEqual({
      kind: 'bye',
      messageId: 'urn:uuid:b',
      endpoint: DEVICE.endpoint,
    });
  });
});

describe('who is a camera', () => {
  test('a printer that calls itself wsdp:Device is not', () => {
    const message = parseDiscovery(PRINTER);
    expect(message).toMatchObject({ kind: 'probe-matches', matches: [{ speaksOnvif: false }] });
  });

  test('a device without types but with ONVIF scopes is', () => {
    const xml = buildProbeMatches('urn:uuid:m', 'urn:uuid:p', SEQUENCE, [{ ...DEVICE, types: [] }]);
    expect(parseDiscovery(xml)).toMatchObject({ matches: [{ types: [], speaksOnvif: true }] });
  });

  test('a match without an endpoint reference is left out, the others stay', () => {
    const xml = buildProbeMatches('urn:uuid:m', 'urn:uuid:p', SEQUENCE, [{ ...DEVICE, endpoint: '' }, DEVICE]);
    expect(parseDiscovery(xml)).toMatchObject({ matches: [{ endpoint: DEVICE.endpoint }] });
  });
});

describe('identity', () => {
  test('the same endpoint however it is written', () => {
    expect(endpointKey('uuid:ABC-1')).toBe('urn:uuid:abc-1');
    expect(endpointKey(' urn:uuid:abc-1 ')).toBe('urn:uuid:abc-1');
    expect(endpointKey('http://Host/x')).toBe('http://host/x');
  });

  test('facts from scopes, in the spellings devices use', () => {
    const facts = scopeFacts([
      'onvif://www.onvif.org/Name/IPCAM',
      'onvif://www.onvif.org/Model/631GA',
      'onvif://www.onvif.org/MAC/68:6D:BC:5C:B1:5D',
      'onvif://www.onvif.org/Profile/Streaming',
      'onvif://www.onvif.org/Profile/T',
      'onvif://www.onvif.org/location/country/%E4%B8%AD',
      'http:123',
      'onvif://www.onvif.org/name/%E0%A4%A',
    ]);
    expect(facts).toEqual({
      name: 'IPCAM',
      hardware: '631GA',
      location: 'country/中',
      macAddress: '68:6d:bc:5c:b1:5d',
      serialNumber: null,
      profiles: ['Streaming', 'T'],
    });
    expect(normaliseMac('68-6D-BC-5C-B1')).toBeNull();
  });
});

describe('garbage', () => {
  const whole = buildProbeMatches('urn:uuid:m', 'urn:uuid:p', SEQUENCE, [DEVICE, DEVICE]);

  test('a message cut anywhere is refused with an error of the registry', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (length) => {
        expect(() => parseDiscovery(whole.slice(0, length))).toThrow(SharpEyesError);
      }),
    );
  });

  test('flipped bytes never throw anything else', () => {
    const bytes = Buffer.from(whole);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 0, max: 255 }), (at, value) => {
        const damaged = Buffer.from(bytes);
        damaged[at] = value;
        expectOnlyRegistryErrors(() => parseDiscovery(damaged));
      }),
    );
  });

  test('random bytes and oversize are refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(() => parseDiscovery(bytes)).toThrow(SharpEyesError);
      }),
    );
    expect(() => parseDiscovery(new Uint8Array(70_000).fill(0x20))).toThrow(/bytes/);
  });
});

function expectOnlyRegistryErrors(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(SharpEyesError);
  }
}
