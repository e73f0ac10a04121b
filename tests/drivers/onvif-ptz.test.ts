import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { VirtualCamera } from '../../demo/camera/virtual-camera.ts';
import { inspect } from '../../edge/drivers/onvif/inspect.ts';
import { OnvifClient } from '../../edge/drivers/onvif/onvif-client.ts';
import { OnvifPtz } from '../../edge/drivers/onvif/onvif-ptz.ts';
import { Ptz } from '../../edge/ptz/ptz.ts';
import { systemClock } from '../../platform/clock.ts';
import { silentLog } from '../../platform/log.ts';
import { buildCapabilities } from '../../protocols/onvif/build-device.ts';
import { buildNodes, buildPtzDone } from '../../protocols/onvif/build-ptz.ts';
import { type MoveRequest, parseMoveRequest } from '../../protocols/onvif/parse-request-ptz.ts';
import { buildFault } from '../../protocols/soap/fault.ts';
import { FakeOnvif, mediaProfile } from '../support/fake-onvif.ts';
import { ownCamera } from '../support/own-camera.ts';
import { waitFor } from '../support/wait.ts';

/** The part of the npm package `onvif` (independent code) that is used here. */
interface PtzClient {
  continuousMove(options: object, done: (error: unknown) => void): void;
  stop(options: object, done: (error: unknown) => void): void;
  setPreset(options: object, done: (error: unknown) => void): void;
  getPresets(options: object, done: (error: unknown, presets: object) => void): void;
  gotoPreset(options: object, done: (error: unknown) => void): void;
  getStatus(options: object, done: (error: unknown, status: { position: { x: number } }) => void): void;
}
const { Cam } = createRequire(import.meta.url)('onvif') as {
  Cam: new (options: object, done: (this: PtzClient, error: Error | false | null) => void) => PtzClient;
};

const isAllowed = (host: string): boolean => host.startsWith('127.');

async function headOf(url: string, password: string): Promise<OnvifPtz> {
  const credentials = { username: 'admin', password };
  const client = new OnvifClient({ url, credentials, isAllowed, clock: systemClock, timeoutMs: 3_000 });
  const { ptz } = await inspect(client);
  if (ptz === null) throw new Error('it cannot be turned');
  return new OnvifPtz(client, ptz);
}

describe('the virtual dome', () => {
  const ADDRESS = '127.0.1.211';
  let folder = '';
  let camera: VirtualCamera;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dome-'));
    camera = ownCamera(ADDRESS, folder, { ptz: true, microphone: true, loudspeaker: true });
    await camera.start();
  });

  afterEach(async () => {
    await camera.stop();
    rmSync(folder, { recursive: true });
  });

  const position = () => camera.ptz?.position ?? { pan: 0, tilt: 0, zoom: 0 };
  const head = (): Promise<OnvifPtz> =>
    headOf(`http://${ADDRESS}:8000/onvif/device_service`, camera.options.login.password);

  test('is turned, remembers positions, goes back to them and forgets them', async () => {
    const dome = await head();
    await dome.move({ pan: 1, tilt: 0.5, zoom: 0 }, 5000);
    await waitFor('the camera to turn', () => position().pan > 0.05 && position().tilt > 0.02);
    await dome.stop();
    expect(camera.ptz?.moving).toBe(false);
    const there = position();
    const preset = await dome.remember('大门 Gate', null);
    await dome.move({ pan: -1, tilt: 0, zoom: 0 }, 5000);
    await waitFor('the camera to turn back', () => position().pan < there.pan - 0.05);
    await dome.goto(preset.token);
    expect(position()).toEqual(there);
    expect(await dome.presets()).toEqual([preset]);
    await dome.forget(preset.token);
    expect(await dome.presets()).toEqual([]);
    await expect(dome.goto(preset.token)).rejects.toMatchObject({ code: 'DEVICE_PROTOCOL' });
  });

  test('is stopped by the edge when nobody renews, and by itself when the edge dies', async () => {
    const dome = await head();
    const ptz = new Ptz({ head: () => dome, clock: systemClock, log: silentLog });
    await ptz.move({ deviceId: 'c', pan: 1, tilt: 0, zoom: 0, timeoutMs: 300 });
    await waitFor('the edge to stop it', () => camera.ptz?.counts.stops === 1);
    await dome.move({ pan: 1, tilt: 0, zoom: 0 }, 1000);
    expect(camera.ptz?.moving).toBe(true);
    await waitFor('the camera to stop by itself', () => camera.ptz?.moving === false);
    expect(camera.ptz?.counts.stops).toBe(1);
  });

  test('an independent client turns it as well', async () => {
    const client = await new Promise<PtzClient>((resolve, reject) => {
      const { login } = camera.options;
      new Cam({ hostname: ADDRESS, port: 8000, ...login, timeout: 5000 }, function (error) {
        if (error) reject(error);
        else resolve(this);
      });
    });
    const call = <K extends keyof PtzClient>(name: K) => promisify(client[name].bind(client) as PtzClient[K]);
    await call('continuousMove')({ x: 0.8, y: 0, zoom: 0.5, timeout: 4000 });
    await waitFor('the camera to turn', () => position().pan > 0.02 && position().zoom > 0.01);
    await call('stop')({ panTilt: true, zoom: true });
    expect(camera.ptz?.moving).toBe(false);
    await call('setPreset')({ presetName: 'Here' });
    expect(await call('getPresets')({})).toMatchObject({ Here: { $: { token: 1 } } });
    await call('gotoPreset')({ preset: '1' });
    const status: unknown = await call('getStatus')({});
    expect(status).toMatchObject({ position: { x: expect.closeTo(position().pan, 3) } });
  });
});

describe('cameras that differ', () => {
  let camera: FakeOnvif;
  let moves: MoveRequest[];
  const range = { min: -1, max: 1 };
  const node = { token: 'node', name: '', pan: range, tilt: range, zoom: range, maxPresets: 8, hasHome: false };

  beforeEach(async () => {
    camera = await new FakeOnvif().start();
    moves = [];
    const ptz = { token: 'cfg', nodeToken: 'node' };
    camera.profiles = [mediaProfile('main', 1920, 1080), { ...mediaProfile('sub', 640, 360), ptz }];
    // The service stands in GetCapabilities only, under an address that is wrong.
    camera.overrides['GetCapabilities'] = () => buildCapabilities({ device: 'x', ptz: 'http://192.0.2.1/onvif/ptz' });
    camera.overrides['GetNodes'] = () => buildNodes([node]);
    camera.overrides['Stop'] = () => buildPtzDone('Stop');
    camera.overrides['ContinuousMove'] = ({ body }) => {
      moves.push(parseMoveRequest(body));
      return buildPtzDone('ContinuousMove');
    };
  });

  afterEach(() => camera.stop());

  test('the profile with the configuration is used, not the one of the picture', async () => {
    const dome = await headOf(camera.url, camera.password);
    await dome.move({ pan: 0.5, tilt: -0.5, zoom: 1 }, 2000);
    expect(moves).toEqual([{ pan: 0.5, tilt: -0.5, zoom: 1, timeoutMs: 2000 }]);
  });

  test('only axes that it has are named, in its own units', async () => {
    camera.overrides['GetNodes'] = () => buildNodes([{ ...node, pan: null, tilt: null, zoom: { min: -3, max: 7 } }]);
    const dome = await headOf(camera.url, camera.password);
    await dome.move({ pan: 1, tilt: 1, zoom: 0.5 }, 1000);
    await dome.move({ pan: 1, tilt: 1, zoom: -1 }, 1000);
    expect(moves.map(({ pan, zoom }) => [pan, zoom])).toEqual([
      [null, 3.5],
      [null, -3],
    ]);
  });

  test('a time that it refuses is left out from then on', async () => {
    const taken = camera.overrides['ContinuousMove'];
    camera.overrides['ContinuousMove'] = (request, path) =>
      parseMoveRequest(request.body).timeoutMs === null
        ? (taken?.(request, path) ?? '')
        : buildFault(['s:Sender', 'ter:InvalidArgVal', 'ter:TimeoutNotSupported'], 'no');
    const dome = await headOf(camera.url, camera.password);
    await dome.move({ pan: 1, tilt: 0, zoom: 0 }, 1000);
    await dome.move({ pan: 0, tilt: 1, zoom: 0 }, 1000);
    expect(moves).toHaveLength(2);
    expect(camera.asked.filter((name) => name === 'ContinuousMove').length).toBeLessThanOrEqual(4);
  });

  test('one that knows no Stop is told speed 0', async () => {
    camera.overrides['Stop'] = () => buildFault(['s:Receiver', 'ter:ActionNotSupported'], 'no');
    const dome = await headOf(camera.url, camera.password);
    await dome.stop();
    expect(moves).toEqual([{ pan: 0, tilt: 0, zoom: 0, timeoutMs: null }]);
  });

  test('a configuration without anything that turns is no PTZ', async () => {
    camera.overrides['GetNodes'] = () => buildNodes([{ ...node, pan: null, tilt: null, zoom: null }]);
    await expect(headOf(camera.url, camera.password)).rejects.toThrow('it cannot be turned');
  });

  test('a camera that never answers is given up in time', async () => {
    const dome = await headOf(camera.url, camera.password);
    camera.overrides['ContinuousMove'] = () => new Promise(() => undefined);
    await expect(dome.move({ pan: 1, tilt: 0, zoom: 0 }, 1000)).rejects.toMatchObject({ code: 'TIMEOUT' });
  });
});
