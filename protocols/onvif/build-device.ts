import { type Content, el, element, envelope, type Markup } from '../soap/build.ts';
import type { DeviceInformation, ServiceEntry, SystemDateAndTime } from './parse-device.ts';

/** An answer of the device service. */
function answer(operation: string, ...content: Content[]): string {
  return envelope(['tds', 'tt'], undefined, el(`tds:${operation}Response`, ...content));
}

function dateTime(name: string, atMs: number): Markup {
  const at = new Date(atMs);
  return el(
    name,
    el(
      'tt:Time',
      el('tt:Hour', at.getUTCHours()),
      el('tt:Minute', at.getUTCMinutes()),
      el('tt:Second', at.getUTCSeconds()),
    ),
    el(
      'tt:Date',
      el('tt:Year', at.getUTCFullYear()),
      el('tt:Month', at.getUTCMonth() + 1),
      el('tt:Day', at.getUTCDate()),
    ),
  );
}

/** GetSystemDateAndTimeResponse. */
export function buildSystemDateAndTime(time: SystemDateAndTime): string {
  return answer(
    'GetSystemDateAndTime',
    el(
      'tds:SystemDateAndTime',
      el('tt:DateTimeType', time.source ?? 'Manual'),
      el('tt:DaylightSavings', false),
      time.timeZone === null ? undefined : el('tt:TimeZone', el('tt:TZ', time.timeZone)),
      time.utcMs === null ? undefined : dateTime('tt:UTCDateTime', time.utcMs),
      time.localAsUtcMs === null ? undefined : dateTime('tt:LocalDateTime', time.localAsUtcMs),
    ),
  );
}

/** GetDeviceInformationResponse. */
export function buildDeviceInformation(information: DeviceInformation): string {
  return answer(
    'GetDeviceInformation',
    el('tds:Manufacturer', information.manufacturer),
    el('tds:Model', information.model),
    el('tds:FirmwareVersion', information.firmwareVersion),
    el('tds:SerialNumber', information.serialNumber),
    el('tds:HardwareId', information.hardwareId),
  );
}

/** GetServicesResponse. */
export function buildServices(services: readonly ServiceEntry[]): string {
  return answer(
    'GetServices',
    services.map(({ namespace, xaddr, version }) => {
      const [major, minor] = version.split('.');
      return el(
        'tds:Service',
        el('tds:Namespace', namespace),
        el('tds:XAddr', xaddr),
        el('tds:Version', el('tt:Major', major ?? '0'), el('tt:Minor', minor ?? '0')),
      );
    }),
  );
}

/** Addresses for GetCapabilitiesResponse; left out where the device has no such service. */
export interface CapabilitiesToBuild {
  readonly device: string;
  readonly media?: string;
  readonly events?: string;
  readonly ptz?: string;
}

/** GetCapabilitiesResponse. */
export function buildCapabilities(xaddrs: CapabilitiesToBuild): string {
  const { device, media, events, ptz } = xaddrs;
  return answer(
    'GetCapabilities',
    el(
      'tds:Capabilities',
      el('tt:Device', el('tt:XAddr', device)),
      events === undefined
        ? undefined
        : el(
            'tt:Events',
            el('tt:XAddr', events),
            el('tt:WSSubscriptionPolicySupport', false),
            el('tt:WSPullPointSupport', true),
            el('tt:WSPausableSubscriptionManagerInterfaceSupport', false),
          ),
      media === undefined ? undefined : el('tt:Media', el('tt:XAddr', media)),
      ptz === undefined ? undefined : el('tt:PTZ', el('tt:XAddr', ptz)),
    ),
  );
}

/** GetNetworkInterfacesResponse with one interface. */
export function buildNetworkInterfaces(hardwareAddress: string): string {
  return answer(
    'GetNetworkInterfaces',
    element(
      'tds:NetworkInterfaces',
      { token: 'eth0' },
      el('tt:Enabled', true),
      el('tt:Info', el('tt:Name', 'eth0'), el('tt:HwAddress', hardwareAddress)),
    ),
  );
}

/** GetScopesResponse with fixed scopes. */
export function buildScopes(scopes: readonly string[]): string {
  return answer(
    'GetScopes',
    scopes.map((scope) => el('tds:Scopes', el('tt:ScopeDef', 'Fixed'), el('tt:ScopeItem', scope))),
  );
}
