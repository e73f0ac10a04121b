import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VirtualCamera } from '../../demo/camera/virtual-camera.ts';
import { VirtualDoor } from '../../demo/door/virtual-door.ts';
import { buildProbe } from '../../protocols/ws-discovery/build.ts';
import { DISCOVERY_PORT } from '../../protocols/ws-discovery/message.ts';
import { makeSampleClip } from '../support/sample-clip.ts';

/** The part of the npm package `onvif` (independent code) that is used here. */
interface OnvifClient {
  getStreamUri(options: object, done: (error: unknown, answer: { uri: string }) => void): void;
  getSnapshotUri(options: object, done: (error: unknown, answer: { uri: string }) => void): void;
  getDeviceInformation(done: (error: unknown, answer: { serialNumber: string }) => void): void;
  on(
    name: 'event',
    handler: (message: { topic: { _: string }; message: { message: { data: unknown } } }) => void,
  ): void;
  removeAllListeners(name: string): void;
  profiles: { name: string }[];
}
const { Cam } = createRequire(import.meta.url)('onvif') as {
  Cam: new (options: object, done: (this: OnvifClient, error: Error | false | null) => void) => OnvifClient;
};

const CAMERA = '127.0.1.201';
const DOOR = '127.0.1.202';
const login = { username: 'admin', password: 'of-the-test' };
const identity = (serial: string) => ({
  uuid: '1419d68a-1dd2-11b2-a105-0000000000aa',
  name: '村口 Gate',
  hardware: 'Virtual',
  model: 'Virtual',
  serial,
  mac: '02:00:00:00:02:01',
  profiles: ['Streaming', 'T'],
});

let folder = '';
let camera: VirtualCamera;
let door: VirtualDoor;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'camera-'));
  const main = makeSampleClip(folder, { width: 640, height: 360 });
  const sub = makeSampleClip(folder);
  camera = new VirtualCamera({
    address: CAMERA,
    identity: identity('C-1'),
    login,
    main: { file: main.clip, width: 640, height: 360, fps: 25 },
    sub: { file: sub.clip, width: 320, height: 180, fps: 25 },
    snapshotFile: main.picture,
    clockOffsetMs: 0,
  });
  door = new VirtualDoor({ address: DOOR, identity: identity('D-1'), login, clockOffsetMs: 0 });
  await camera.start();
  await door.start();
});

afterAll(async () => {
  await camera.stop();
  await door.stop();
  rmSync(folder, { recursive: true });
});

function connect(hostname: string, password = login.password): Promise<OnvifClient> {
  return new Promise((resolve, reject) => {
    new Cam({ hostname, port: 8000, username: login.username, password, timeout: 5000 }, function (error) {
      if (!error) resolve(this);
      else reject(error);
    });
  });
}

const uriOf = (ask: (done: (error: unknown, answer: { uri: string }) => void) => void): Promise<string> =>
  new Promise((resolve, reject) => ask((error, answer) => (error ? reject(error) : resolve(answer.uri))));

/** The client says nothing when its subscription stands, so the thing happens again until it is heard. */
function nextEvent(client: OnvifClient, topic: string, act: () => void): Promise<string> {
  return new Promise((resolve) => {
    const again = setInterval(act, 200);
    client.on('event', (message) => {
      if (!message.topic._.includes(topic)) return;
      clearInterval(again);
      client.removeAllListeners('event');
      resolve(JSON.stringify(message.message.message.data));
    });
  });
}

test('an independent ONVIF client signs in and finds device, streams and picture', async () => {
  const client = await connect(CAMERA);
  expect(client.profiles.map(({ name }) => name)).toEqual(['MainStream', 'SubStream']);
  expect(await uriOf((done) => client.getStreamUri({ protocol: 'RTSP', profileToken: 'sub' }, done))).toBe(
    `rtsp://${CAMERA}:8554/sub`,
  );
  expect(await uriOf((done) => client.getSnapshotUri({ profileToken: 'main' }, done))).toBe(
    `http://${CAMERA}:8000/snapshot.jpg`,
  );
  const refused = await fetch(`http://${CAMERA}:8000/snapshot.jpg`);
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toContain('Digest');
  await refused.text();
});

test('a wrong password is refused', async () => {
  const client = await connect(CAMERA, 'wrong').catch((error: Error) => error);
  const answer =
    client instanceof Error
      ? client
      : await uriOf((done) => client.getStreamUri({ protocol: 'RTSP' }, done)).catch((error: Error) => error);
  expect(answer).toBeInstanceOf(Error);
});

test('motion and a forced door reach a pull point of the independent client', async () => {
  const watcher = await connect(CAMERA);
  expect(await nextEvent(watcher, 'MotionAlarm', () => camera.setMotion(true))).toContain('true');
  const doorWatcher = await connect(DOOR);
  expect(await nextEvent(doorWatcher, 'DoorAlarm', () => door.force())).toContain('DoorForcedOpen');
});

test('ffmpeg plays both streams behind Digest, with every frame in order', async () => {
  for (const [path, size] of [
    ['main', '640x360'],
    ['sub', '320x180'],
  ] as const) {
    const url = `rtsp://${login.username}:${login.password}@${CAMERA}:8554/${path}`;
    const { stdout: out } = await promisify(execFile)(
      'ffprobe',
      [
        '-v',
        'error',
        '-rtsp_transport',
        'tcp',
        '-read_intervals',
        '%+2',
        '-select_streams',
        'v',
        '-show_entries',
        'frame=pts:stream=width,height',
        '-of',
        'json',
        url,
      ],
      { timeout: 20_000 },
    );
    const { frames, streams } = JSON.parse(out) as {
      frames: { pts: number }[];
      streams: { width: number; height: number }[];
    };
    expect(`${streams[0]?.width}x${streams[0]?.height}`).toBe(size);
    expect(frames.length).toBeGreaterThan(25);
    const steps = new Set(frames.slice(1).map((frame, index) => frame.pts - (frames[index]?.pts ?? 0)));
    expect([...steps]).toEqual([3600]);
  }
});

test('garbage on the discovery port is ignored, and a probe after it is answered', async () => {
  const socket = createSocket('udp4');
  const answered = new Promise<string>((resolve) => socket.once('message', (datagram) => resolve(datagram.toString())));
  for (const datagram of ['', 'garbage', '<a', buildProbe('urn:uuid:of-the-test', 'any')]) {
    socket.send(datagram, DISCOVERY_PORT, CAMERA);
  }
  expect(await answered).toContain('ProbeMatches');
  socket.close();
});
