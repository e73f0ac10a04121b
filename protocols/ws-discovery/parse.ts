import { SharpEyesError } from '../../contract/errors.ts';
import { NAMESPACES } from '../soap/namespaces.ts';
import { parseSoap } from '../soap/parse.ts';
import { childrenOf, numberAt, textAt, tokens } from '../soap/query.ts';
import type { XmlElement } from '../soap/xml.ts';
import { type Announcement, type DiscoveryMessage, MAX_DATAGRAM_BYTES, type ProbeType } from './message.ts';

const LIMITS = { maxBytes: MAX_DATAGRAM_BYTES, maxDepth: 24, maxElements: 2_000 };
const MAX_MATCHES = 64;
const MAX_TOKENS = 128;

/**
 * Reads one datagram.
 * @returns null for messages of the protocol that discovery has no use for (Resolve, ResolveMatches)
 * @throws SharpEyesError DEVICE_PROTOCOL when it is not a WS-Discovery message
 */
export function parseDiscovery(datagram: Uint8Array | string): DiscoveryMessage | null {
  const { operation, body, header } = parseSoap(datagram, LIMITS);
  const messageId = textAt(header, 'MessageID');
  switch (operation) {
    case 'Probe':
      return {
        kind: 'probe',
        messageId: messageId ?? '',
        types: probeTypes(body),
        scopes: tokens(textAt(body, 'Scopes')).slice(0, MAX_TOKENS),
      };
    case 'ProbeMatches':
      return {
        kind: 'probe-matches',
        messageId,
        relatesTo: textAt(header, 'RelatesTo'),
        matches: childrenOf(body, 'ProbeMatch').slice(0, MAX_MATCHES).flatMap(announcement),
      };
    case 'Hello': {
      const [said] = body === undefined ? [] : announcement(body);
      if (said === undefined) throw noEndpoint('Hello');
      return { kind: 'hello', messageId, announcement: said };
    }
    case 'Bye': {
      const endpoint = endpointOf(body);
      if (endpoint === null) throw noEndpoint('Bye');
      return { kind: 'bye', messageId, endpoint };
    }
    case 'Resolve':
    case 'ResolveMatches':
      return null;
    default:
      throw new SharpEyesError('DEVICE_PROTOCOL', `"${operation.slice(0, 40)}" is not a WS-Discovery message`);
  }
}

function noEndpoint(message: string): SharpEyesError {
  return new SharpEyesError('DEVICE_PROTOCOL', `a ${message} without an endpoint reference`);
}

function endpointOf(element: XmlElement | undefined): string | null {
  return textAt(element, 'EndpointReference', 'Address');
}

/** One announcement, or none where the endpoint reference (the only thing that identifies it) is missing. */
function announcement(element: XmlElement): Announcement[] {
  const endpoint = endpointOf(element);
  if (endpoint === null) return [];
  const types = tokens(textAt(element, 'Types')).slice(0, MAX_TOKENS);
  const scopes = tokens(textAt(element, 'Scopes')).slice(0, MAX_TOKENS);
  const xaddrs = tokens(textAt(element, 'XAddrs')).slice(0, MAX_TOKENS);
  const typesElement = childrenOf(element, 'Types')[0] ?? element;
  const speaksOnvif =
    types.some((type) => isOnvifType(type, typesElement.scope)) ||
    scopes.some((scope) => /^onvif:\/\//i.test(scope)) ||
    xaddrs.some((address) => /\/onvif\//i.test(address));
  return [{ endpoint, types, scopes, xaddrs, metadataVersion: numberAt(element, 'MetadataVersion'), speaksOnvif }];
}

/** `tds:Device` is ONVIF, `wsdp:Device` is a printer or a computer: the namespace decides, else the usual prefix. */
function isOnvifType(type: string, scope: ReadonlyMap<string, string>): boolean {
  const colon = type.indexOf(':');
  const prefix = colon < 0 ? '' : type.slice(0, colon);
  const namespace = scope.get(prefix);
  if (namespace !== undefined) return namespace === NAMESPACES.dn || namespace === NAMESPACES.tds;
  return type.slice(colon + 1).startsWith('NetworkVideo') || type === 'tds:Device';
}

function probeTypes(body: XmlElement | undefined): ProbeType[] {
  const element = childrenOf(body, 'Types')[0];
  return tokens(element?.text)
    .slice(0, MAX_TOKENS)
    .map((type) => {
      const colon = type.indexOf(':');
      const prefix = colon < 0 ? '' : type.slice(0, colon);
      return { namespace: element?.scope.get(prefix) ?? null, name: type.slice(colon + 1) };
    });
}
