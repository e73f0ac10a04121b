import type { Clock } from '../../platform/clock.ts';
import {
  buildCapabilities,
  buildDeviceInformation,
  buildNetworkInterfaces,
  buildScopes,
  buildServices,
  buildSystemDateAndTime,
} from '../../protocols/onvif/build-device.ts';
import { DEVICE_SERVICE_PATH, SERVICE_NAMESPACES, type ServiceName } from '../../protocols/onvif/services.ts';
import type { EventService } from './event-service.ts';
import type { Operation } from './onvif-server.ts';

/** Who a virtual ONVIF device is. */
export interface VirtualIdentity {
  /** Stable endpoint reference. */
  uuid: string;
  name: string;
  hardware: string;
  model: string;
  serial: string;
  mac: string;
  /** Names of ONVIF profiles in its scopes: `Streaming`, `T`, `C` … */
  profiles: readonly string[];
}

/** Operations that ONVIF lets anybody call. */
export const PRE_AUTH = ['GetSystemDateAndTime', 'GetServices', 'GetCapabilities', 'GetServiceCapabilities'];

/** Scopes of a device (ONVIF Core, 7.3.2.2). */
export function scopesOf(identity: VirtualIdentity): string[] {
  const scope = (category: string, value: string): string =>
    `onvif://www.onvif.org/${category}/${encodeURIComponent(value)}`;
  return [
    ...identity.profiles.map((profile) => scope('Profile', profile)),
    scope('name', identity.name),
    scope('hardware', identity.hardware),
    scope('MacAddress', identity.mac),
  ];
}

/** The services that a device offers, all under one address. */
export function servicePath(service: ServiceName): string {
  return service === 'device' ? DEVICE_SERVICE_PATH : `/onvif/${service}_service`;
}

/** Device and event service operations that all virtual devices share. */
export function deviceOperations(options: {
  identity: VirtualIdentity;
  baseUrl: string;
  clock: Clock;
  /** Device clock minus machine clock; real cameras are never quite right. */
  clockOffsetMs: number;
  services: readonly ServiceName[];
  events: EventService;
}): Record<string, Operation> {
  const { identity, baseUrl, clock, events } = options;
  const xaddr = (service: ServiceName): string => `${baseUrl}${servicePath(service)}`;
  return {
    GetSystemDateAndTime: () =>
      buildSystemDateAndTime({
        utcMs: clock.nowMs() + options.clockOffsetMs,
        localAsUtcMs: null,
        source: 'NTP',
        timeZone: 'CST-8',
      }),
    GetDeviceInformation: () =>
      buildDeviceInformation({
        manufacturer: 'Sharp Eyes virtual township',
        model: identity.model,
        firmwareVersion: '1.0',
        serialNumber: identity.serial,
        hardwareId: identity.hardware,
      }),
    GetServices: () =>
      buildServices(
        options.services.map((service) => ({
          namespace: SERVICE_NAMESPACES[service],
          xaddr: xaddr(service),
          version: '2.60',
        })),
      ),
    GetCapabilities: () =>
      buildCapabilities({
        device: xaddr('device'),
        events: xaddr('events'),
        ...(options.services.includes('media') ? { media: xaddr('media') } : {}),
        ...(options.services.includes('ptz') ? { ptz: xaddr('ptz') } : {}),
      }),
    GetNetworkInterfaces: () => buildNetworkInterfaces(identity.mac),
    GetScopes: () => buildScopes(scopesOf(identity)),
    CreatePullPointSubscription: (request) => events.create(request),
    PullMessages: (request, path) => events.pull(path, request),
    Renew: (request, path) => events.renew(path, request),
    Unsubscribe: (request, path) => events.unsubscribe(path, request),
    SetSynchronizationPoint: (request, path) => events.synchronize(path, request),
  };
}
