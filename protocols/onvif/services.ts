import { NAMESPACES } from '../soap/namespaces.ts';

/** Services that this project speaks to. */
export type ServiceName = 'device' | 'media' | 'media2' | 'events' | 'door' | 'ptz';

/** Namespace by which GetServices names each service. */
export const SERVICE_NAMESPACES: Readonly<Record<ServiceName, string>> = {
  device: NAMESPACES.tds,
  media: NAMESPACES.trt,
  media2: NAMESPACES.tr2,
  events: NAMESPACES.tev,
  door: NAMESPACES.tdc,
  ptz: NAMESPACES.tptz,
};

/** Path of the device service that every device has (ONVIF Core, 5.1.1). */
export const DEVICE_SERVICE_PATH = '/onvif/device_service';
