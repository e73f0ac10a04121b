import { el } from '../soap/build.ts';
import { NAMESPACES } from '../soap/namespaces.ts';
import type { OnvifRequest } from './request.ts';

/** Doors of a controller (ONVIF Door Control, 5.3). */
export const getDoorInfoList = (limit = 64): OnvifRequest => ({
  service: 'door',
  operation: 'GetDoorInfoList',
  action: `${NAMESPACES.tdc}/GetDoorInfoList`,
  body: el('tdc:GetDoorInfoList', el('tdc:Limit', limit)),
});

/** Present state of a door. */
export const getDoorState = (token: string): OnvifRequest => ({
  service: 'door',
  operation: 'GetDoorState',
  action: `${NAMESPACES.tdc}/GetDoorState`,
  body: el('tdc:GetDoorState', el('tdc:Token', token)),
});
