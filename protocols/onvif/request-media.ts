import { el } from '../soap/build.ts';
import { NAMESPACES } from '../soap/namespaces.ts';
import type { OnvifRequest } from './request.ts';

/** Profiles of the first media service. */
export function getProfiles(): OnvifRequest {
  return {
    service: 'media',
    operation: 'GetProfiles',
    action: `${NAMESPACES.trt}/GetProfiles`,
    body: el('trt:GetProfiles'),
  };
}

/** Profiles of the second media service, with their configurations. */
export function getProfiles2(): OnvifRequest {
  return {
    service: 'media2',
    operation: 'GetProfiles',
    action: `${NAMESPACES.tr2}/GetProfiles`,
    body: el('tr2:GetProfiles', el('tr2:Type', 'All')),
  };
}

/** RTSP address of a profile: unicast, over RTSP's own connection. */
export function getStreamUri(profileToken: string): OnvifRequest {
  return {
    service: 'media',
    operation: 'GetStreamUri',
    action: `${NAMESPACES.trt}/GetStreamUri`,
    body: el(
      'trt:GetStreamUri',
      el('trt:StreamSetup', el('tt:Stream', 'RTP-Unicast'), el('tt:Transport', el('tt:Protocol', 'RTSP'))),
      el('trt:ProfileToken', profileToken),
    ),
  };
}

/** RTSP address of a profile of the second media service. */
export function getStreamUri2(profileToken: string): OnvifRequest {
  return {
    service: 'media2',
    operation: 'GetStreamUri',
    action: `${NAMESPACES.tr2}/GetStreamUri`,
    body: el('tr2:GetStreamUri', el('tr2:Protocol', 'RTSP'), el('tr2:ProfileToken', profileToken)),
  };
}

/** HTTP address of a still picture of a profile. */
export function getSnapshotUri(profileToken: string): OnvifRequest {
  return {
    service: 'media',
    operation: 'GetSnapshotUri',
    action: `${NAMESPACES.trt}/GetSnapshotUri`,
    body: el('trt:GetSnapshotUri', el('trt:ProfileToken', profileToken)),
  };
}

/** HTTP address of a still picture of a profile of the second media service. */
export function getSnapshotUri2(profileToken: string): OnvifRequest {
  return {
    service: 'media2',
    operation: 'GetSnapshotUri',
    action: `${NAMESPACES.tr2}/GetSnapshotUri`,
    body: el('tr2:GetSnapshotUri', el('tr2:ProfileToken', profileToken)),
  };
}

/** Loudspeakers of a device. */
export function getAudioOutputs(): OnvifRequest {
  return {
    service: 'media',
    operation: 'GetAudioOutputs',
    action: `${NAMESPACES.trt}/GetAudioOutputs`,
    body: el('trt:GetAudioOutputs'),
  };
}
