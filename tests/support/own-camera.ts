import { join } from 'node:path';
import type { Device } from '../../contract/api/devices.ts';
import { seal, sealingContext } from '../../contract/sealed.ts';
import { ONVIF_PORT, RTSP_PORT, VirtualCamera, type VirtualCameraOptions } from '../../demo/camera/virtual-camera.ts';
import type { HubClient } from '../../demo/township/hub-client.ts';
import { DEVICE_SERVICE_PATH } from '../../protocols/onvif/services.ts';
import { makeSampleClip } from './sample-clip.ts';

const LOGIN = { username: 'admin', password: 'of-a-camera-of-the-test' };

/** A virtual camera in this process, on a loopback address of its own; `folder` takes its clip. */
export function ownCamera(
  address: string,
  folder: string,
  { fps = 25, ...abilities }: Pick<VirtualCameraOptions, 'ptz' | 'microphone' | 'loudspeaker'> & { fps?: number } = {},
): VirtualCamera {
  const { clip, picture } = makeSampleClip(folder, { width: 640, height: 360, fps });
  const stream = { file: clip, width: 640, height: 360, fps };
  const host = address.split('.').at(-1)?.padStart(4, '0') ?? '';
  return new VirtualCamera({
    address,
    identity: {
      uuid: `1419d68a-1dd2-11b2-a105-00000000${host}`,
      name: `Camera ${address}`,
      hardware: 'Virtual',
      model: 'Virtual',
      serial: `OWN-${host}`,
      mac: `02:00:00:00:${host.slice(0, 2)}:${host.slice(2)}`,
      profiles: ['Streaming', 'T'],
    },
    login: LOGIN,
    main: stream,
    sub: stream,
    snapshotFile: join(picture),
    clockOffsetMs: 0,
    ...abilities,
  });
}

/** Registers a camera of {@link ownCamera}, with its password sealed to the edge: by its RTSP address unless said otherwise. */
export async function registerOwnCamera(
  hub: HubClient,
  edgeId: string,
  camera: VirtualCamera,
  placement: { name: string; regionId: string | null },
  driver: 'rtsp' | 'onvif' = 'rtsp',
): Promise<Device> {
  const { address } = camera.options;
  const edge = (await hub.call('listEdges')).find((each) => each.edgeId === edgeId);
  const password = await seal(globalThis.crypto, edge?.sealingKey ?? '', sealingContext(edgeId), LOGIN.password);
  const nowhere = { latitude: null, longitude: null, bearingDeg: null, viewDistanceM: null, viewAngleDeg: null };
  const { device } = await hub.call('registerDevice', {
    body: {
      ...{ edgeId, candidateId: null, driver, type: 'camera', profileId: null, record: false },
      connection: {
        url:
          driver === 'rtsp'
            ? `rtsp://${address}:${RTSP_PORT}/main`
            : `http://${address}:${ONVIF_PORT}${DEVICE_SERVICE_PATH}`,
        username: LOGIN.username,
        password,
      },
      placement: { ...nowhere, links: [], ...placement },
    },
  });
  return device;
}
