import { at, childrenOf, find, numberAt, textAt, toBoolean, toNumber } from '../soap/query.ts';
import type { XmlElement } from '../soap/xml.ts';

/** Answer to GetDeviceInformation; makers leave fields empty or fill them with nonsense. */
export interface DeviceInformation {
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly firmwareVersion: string | null;
  readonly serialNumber: string | null;
  readonly hardwareId: string | null;
}

/** Reads GetDeviceInformationResponse. */
export function parseDeviceInformation(body: XmlElement): DeviceInformation {
  return {
    manufacturer: textAt(body, 'Manufacturer'),
    model: textAt(body, 'Model'),
    firmwareVersion: textAt(body, 'FirmwareVersion'),
    serialNumber: textAt(body, 'SerialNumber'),
    hardwareId: textAt(body, 'HardwareId'),
  };
}

/** Answer to GetSystemDateAndTime. */
export interface SystemDateAndTime {
  /** The device's clock in UTC; null when it gives none. */
  readonly utcMs: number | null;
  /** The device's wall clock, read as if it were UTC; for recognising firmware that reports local time as UTC. */
  readonly localAsUtcMs: number | null;
  readonly source: 'Manual' | 'NTP' | null;
  /** POSIX time zone as written. */
  readonly timeZone: string | null;
}

/** Reads GetSystemDateAndTimeResponse. */
export function parseSystemDateAndTime(body: XmlElement): SystemDateAndTime {
  const root = at(body, 'SystemDateAndTime');
  const source = textAt(root, 'DateTimeType');
  return {
    utcMs: dateTimeMs(at(root, 'UTCDateTime')),
    localAsUtcMs: dateTimeMs(at(root, 'LocalDateTime')),
    source: source === 'Manual' || source === 'NTP' ? source : null,
    timeZone: textAt(root, 'TimeZone', 'TZ'),
  };
}

function dateTimeMs(element: XmlElement | undefined): number | null {
  const year = numberAt(element, 'Date', 'Year');
  const month = numberAt(element, 'Date', 'Month');
  const day = numberAt(element, 'Date', 'Day');
  const hour = numberAt(element, 'Time', 'Hour');
  const minute = numberAt(element, 'Time', 'Minute');
  const second = numberAt(element, 'Time', 'Second');
  if (year === null || month === null || day === null || hour === null || minute === null || second === null)
    return null;
  const atMs = Date.UTC(year, month - 1, day, hour, minute, second);
  return Number.isFinite(atMs) && year >= 1970 && year < 2200 ? atMs : null;
}

/** One entry of GetServices. */
export interface ServiceEntry {
  readonly namespace: string;
  readonly xaddr: string;
  /** `major.minor` as written. */
  readonly version: string;
}

/** Reads GetServicesResponse. */
export function parseServices(body: XmlElement): ServiceEntry[] {
  return childrenOf(body, 'Service').flatMap((service) => {
    const namespace = textAt(service, 'Namespace');
    const xaddr = textAt(service, 'XAddr');
    if (namespace === null || xaddr === null) return [];
    const version = `${textAt(service, 'Version', 'Major') ?? '0'}.${textAt(service, 'Version', 'Minor') ?? '0'}`;
    return [{ namespace, xaddr, version }];
  });
}

/** Answer to GetCapabilities. */
export interface Capabilities {
  /** Addresses by lower-case category (`media`, `events` …); those of the extension as `ext:<Name>`. */
  readonly xaddrs: Readonly<Record<string, string>>;
  readonly pullPoint: boolean;
  readonly subscriptionPolicy: boolean;
  readonly inputs: number | null;
  readonly relays: number | null;
}

/** Reads GetCapabilitiesResponse. */
export function parseCapabilities(body: XmlElement): Capabilities {
  const root = at(body, 'Capabilities');
  const entries: [string, string][] = [];
  for (const category of root?.children ?? []) {
    const xaddr = textAt(category, 'XAddr');
    if (xaddr !== null) entries.push([category.name.toLowerCase(), xaddr]);
  }
  for (const extension of at(root, 'Extension')?.children ?? []) {
    const xaddr = textAt(extension, 'XAddr');
    if (xaddr !== null) entries.push([`ext:${extension.name}`, xaddr]);
  }
  const events = at(root, 'Events');
  return {
    xaddrs: Object.fromEntries(entries),
    pullPoint: toBoolean(textAt(events, 'WSPullPointSupport')) ?? false,
    subscriptionPolicy: toBoolean(textAt(events, 'WSSubscriptionPolicySupport')) ?? false,
    inputs: numberAt(root, 'Device', 'IO', 'InputConnectors'),
    relays: numberAt(root, 'Device', 'IO', 'RelayOutputs'),
  };
}

/** Hardware addresses of GetNetworkInterfacesResponse, as written. */
export function parseHardwareAddresses(body: XmlElement): string[] {
  return childrenOf(body, 'NetworkInterfaces').flatMap((networkInterface) => {
    const address = textAt(networkInterface, 'Info', 'HwAddress') ?? find(networkInterface, 'HwAddress')?.text ?? '';
    return address === '' ? [] : [address];
  });
}

/** Scopes of GetScopesResponse. */
export function parseScopes(body: XmlElement): string[] {
  return childrenOf(body, 'Scopes').flatMap((scope) => textAt(scope, 'ScopeItem') ?? []);
}

/** A relay output of GetRelayOutputsResponse. */
export interface RelayOutput {
  readonly token: string;
  readonly mode: string | null;
  readonly idleState: string | null;
}

/** Reads GetRelayOutputsResponse. */
export function parseRelayOutputs(body: XmlElement): RelayOutput[] {
  return childrenOf(body, 'RelayOutputs').map((relay) => ({
    token: relay.attributes.get('token') ?? '',
    mode: textAt(relay, 'Properties', 'Mode'),
    idleState: textAt(relay, 'Properties', 'IdleState'),
  }));
}

/** A video source of GetVideoSourcesResponse. */
export interface VideoSource {
  readonly token: string;
  readonly width: number | null;
  readonly height: number | null;
}

/** Reads GetVideoSourcesResponse. */
export function parseVideoSources(body: XmlElement): VideoSource[] {
  return childrenOf(body, 'VideoSources').map((source) => ({
    token: source.attributes.get('token') ?? '',
    width: toNumber(textAt(source, 'Resolution', 'Width')),
    height: toNumber(textAt(source, 'Resolution', 'Height')),
  }));
}
