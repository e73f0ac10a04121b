import { CENTRE_ROUTES } from './centre.ts';
import { DEVICE_ROUTES } from './devices.ts';
import { DIRECT_ROUTES } from './direct.ts';
import { FOOTAGE_ROUTES } from './footage.ts';
import { INCIDENT_ROUTES } from './incidents.ts';
import { PTZ_ROUTES } from './ptz.ts';
import { READER_ROUTES } from './readers.ts';
import { SESSION_ROUTES } from './session.ts';

/** Every route of the REST API. `/edge-api/uploads` (tus 1.0) stands beside it, behind the edge's credential. */
export const ROUTES = {
  ...SESSION_ROUTES,
  ...READER_ROUTES,
  ...DEVICE_ROUTES,
  ...INCIDENT_ROUTES,
  ...FOOTAGE_ROUTES,
  ...CENTRE_ROUTES,
  ...DIRECT_ROUTES,
  ...PTZ_ROUTES,
};

/** Name of a route. */
export type RouteName = keyof typeof ROUTES;
