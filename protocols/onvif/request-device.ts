import { el } from '../soap/build.ts';
import { NAMESPACES } from '../soap/namespaces.ts';
import type { OnvifRequest } from './request.ts';

function request(operation: string, ...content: Parameters<typeof el>[1][]): OnvifRequest {
  return {
    service: 'device',
    operation,
    action: `${NAMESPACES.tds}/${operation}`,
    body: el(`tds:${operation}`, ...content),
  };
}

/** The device's clock; needs no authentication (ONVIF Core, 8.3.6). */
export const getSystemDateAndTime = (): OnvifRequest => request('GetSystemDateAndTime');

/** Maker, model, firmware, serial number. */
export const getDeviceInformation = (): OnvifRequest => request('GetDeviceInformation');

/** Addresses of all services by namespace. */
export const getServices = (): OnvifRequest => request('GetServices', el('tds:IncludeCapability', false));

/** Addresses of services of devices that do not know GetServices. */
export const getCapabilities = (): OnvifRequest => request('GetCapabilities', el('tds:Category', 'All'));

/** Network interfaces, for the MAC address. */
export const getNetworkInterfaces = (): OnvifRequest => request('GetNetworkInterfaces');
