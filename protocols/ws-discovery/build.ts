import { type Content, el, element, envelope } from '../soap/build.ts';
import { NAMESPACES } from '../soap/namespaces.ts';
import type { AppSequence } from './message.ts';

const DISCOVERY_TO = 'urn:schemas-xmlsoap-org:ws:2005:04:discovery';
const ANONYMOUS = 'http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous';

/** The types that a probe asks for: what devices of the last fifteen years answer to. */
export type ProbeTarget = 'any' | 'onvif-device' | 'network-video-transmitter';

const PROBE_TYPES: Readonly<Record<ProbeTarget, string | null>> = {
  any: null,
  'onvif-device': 'tds:Device',
  'network-video-transmitter': 'dn:NetworkVideoTransmitter',
};

/** What a device says about itself; `xaddrs` are its service addresses. */
export interface AnnouncementToBuild {
  readonly endpoint: string;
  readonly types?: readonly string[];
  readonly scopes: readonly string[];
  readonly xaddrs: readonly string[];
  readonly metadataVersion?: number;
}

function message(action: string, to: string, messageId: string, extra: Content, body: Content): string {
  return envelope(
    ['wsad', 'd', 'dn', 'tds'],
    [el('wsad:Action', `${NAMESPACES.d}/${action}`), el('wsad:MessageID', messageId), el('wsad:To', to), extra],
    body,
  );
}

/** A Probe (WS-Discovery, 5.2). `messageId` is `urn:uuid:…`, new for each probe but the same when it is repeated. */
export function buildProbe(messageId: string, target: ProbeTarget): string {
  const types = PROBE_TYPES[target];
  return message(
    'Probe',
    DISCOVERY_TO,
    messageId,
    el('wsad:ReplyTo', el('wsad:Address', ANONYMOUS)),
    el('d:Probe', types === null ? undefined : el('d:Types', types)),
  );
}

function describe(name: string, device: AnnouncementToBuild): Content {
  const types = device.types ?? ['dn:NetworkVideoTransmitter', 'tds:Device'];
  return el(
    name,
    el('wsad:EndpointReference', el('wsad:Address', device.endpoint)),
    types.length === 0 ? undefined : el('d:Types', types.join(' ')),
    el('d:Scopes', device.scopes.join(' ')),
    el('d:XAddrs', device.xaddrs.join(' ')),
    el('d:MetadataVersion', device.metadataVersion ?? 1),
  );
}

function appSequence(sequence: AppSequence): Content {
  return element('d:AppSequence', { InstanceId: sequence.instanceId, MessageNumber: sequence.messageNumber });
}

/** The answer to a Probe (WS-Discovery, 5.3). */
export function buildProbeMatches(
  messageId: string,
  relatesTo: string,
  sequence: AppSequence,
  devices: readonly AnnouncementToBuild[],
): string {
  return message(
    'ProbeMatches',
    ANONYMOUS,
    messageId,
    [el('wsad:RelatesTo', relatesTo), appSequence(sequence)],
    el('d:ProbeMatches', ...devices.map((device) => describe('d:ProbeMatch', device))),
  );
}

/** A device's greeting when it joins the network (WS-Discovery, 4.1). */
export function buildHello(messageId: string, sequence: AppSequence, device: AnnouncementToBuild): string {
  return message('Hello', DISCOVERY_TO, messageId, appSequence(sequence), describe('d:Hello', device));
}

/** A device's farewell (WS-Discovery, 4.2). */
export function buildBye(messageId: string, sequence: AppSequence, endpoint: string): string {
  return message(
    'Bye',
    DISCOVERY_TO,
    messageId,
    appSequence(sequence),
    el('d:Bye', el('wsad:EndpointReference', el('wsad:Address', endpoint))),
  );
}
